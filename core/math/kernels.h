// Products with one row, and the widening of half-size weights: the loops that read weights at memory speed.
//
// Each instruction set has its own Kernels; the best one that the processor has is chosen when the program
// runs. Several rows of weights, far apart, are read at the same time: a core follows several streams faster
// than one.
//
// The sum for an output has one fixed order in each Kernels, wherever the output stands and whoever computes
// it, so that results do not depend on how the work is split. Different Kernels agree to rounding.
#ifndef KVSTEP_KERNELS_H
#define KVSTEP_KERNELS_H

#include "core/math/tensor.h"

enum { WEIGHT_DTYPES = 3 }; // DTYPE_F32, DTYPE_F16 and DTYPE_BF16 are 0, 1 and 2

typedef struct Kernels {
    const char *name;
    bool (*supported)(void);
    int few_rows; // a product of up to so many rows is faster by `multiply`, a row at a time, than by sgemm;
                  // measured
    // out [n_out] = W [n_out, n_in] · x [n_in], with W's rows one after the other without padding, of the
    // type that the place in the table stands for. Nothing needs to be aligned.
    void (*multiply[WEIGHT_DTYPES])(float *out, const void *weights, const float *x, int n_in, int n_out);
    // out [n] += Σ factors[r] · rows[r], with `stride` floats from row to row.
    void (*add_rows)(float *out, const float *factors, const float *rows, int stride, int n_rows, int n);
    // out [n] = weights of that type as floats, exactly.
    void (*widen[WEIGHT_DTYPES])(float *out, const void *weights, int64_t n);
} Kernels;

extern const Kernels
    *const KERNELS[]; // [N_KERNELS], best first; the last is plain C, which every processor can run
extern const int N_KERNELS;

// The first of KERNELS that is supported, or the one that kernels_use() has set.
const Kernels *kernels(void);
// For tests and measurements: from now on these; NULL: the best again. Not while another thread computes.
void kernels_use(const Kernels *chosen);

#ifdef __x86_64__
extern const Kernels KERNELS_AVX512, KERNELS_AVX2; // core/kernels_x86.c
#endif

#endif
