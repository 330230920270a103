// The weights of a linear layer and of a norm. The model owns what they point to.
#ifndef KVSTEP_LINEAR_H
#define KVSTEP_LINEAR_H

#include "core/math/tensor.h"

// y [n_out] = W [n_out, n_in] · x [n_in] + b
typedef struct Linear {
    const void *weight; // [n_out, n_in] of `dtype`, row after row without padding
    const float *bias;  // [n_out], or NULL
    int n_in, n_out;
    DType dtype; // DTYPE_F32, DTYPE_F16 or DTYPE_BF16
} Linear;

typedef struct Norm {
    const float *gain; // [width]
    const float *bias; // [width]; NULL: an RMSNorm, which has none
    int width;
    float epsilon; // added to the variance, or to the mean square
} Norm;

#endif
