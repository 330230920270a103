// The one matrix product that is not our own: sgemm by OpenBLAS, kept to the thread that calls it.
//
// OpenBLAS's threads would wait for each other by spinning, without end when another program takes one of the
// cores. kvstep's own threads (core/base/threads.h) share the work instead.
#ifndef KVSTEP_SGEMM_H
#define KVSTEP_SGEMM_H

#include <stdbool.h>

// out [n_rows, n_columns] = scale · a [n_rows, n_inner] · b [n_inner, n_columns], + out when `adds`. Rows lie
// `_stride` floats apart. b_transposed: b is stored [n_columns, n_inner].
typedef struct Sgemm {
    float *out;
    const float *a, *b;
    int n_rows, n_columns, n_inner;
    int out_stride, a_stride, b_stride;
    bool b_transposed;
    bool adds;
    float scale;
} Sgemm;

void sgemm(const Sgemm *product);

#endif
