// The loops that read weights at the speed of memory: products with one row of x, and half-size weights
// widened to floats.
//
// There are Kernels for each instruction set. The program chooses the best ones that the processor supports
// when it runs.
//
// Each Kernels adds up an output in one fixed order, whatever the output's place in the matrix and whichever
// thread computes it: splitting the work changes no bit of a result. Results of different Kernels differ by
// rounding.
#ifndef KVSTEP_KERNELS_H
#define KVSTEP_KERNELS_H

#include "core/math/tensor.h"

enum { WEIGHT_DTYPES = 3 }; // DTYPE_F32, DTYPE_F16 and DTYPE_BF16 are 0, 1 and 2

typedef struct Kernels {
    const char *name;
    bool (*supported)(void);
    // Up to so many rows of x, `multiply` row by row is faster than sgemm; measured. These give the same bits
    // as one row alone.
    int few_rows;
    // out [n_out] = W [n_out, n_in] · x [n_in]. W is of the dtype that indexes the table, row after row
    // without padding. Nothing needs to be aligned.
    void (*multiply[WEIGHT_DTYPES])(float *out, const void *weights, const float *x, int n_in, int n_out);
    // out [n] += Σ factors[r] · rows[r] over r in [0, n_rows), with `stride` floats from row to row.
    void (*add_rows)(float *out, const float *factors, const float *rows, int stride, int n_rows, int n);
    // out [n] = n weights of the dtype that indexes the table, as floats; exact.
    void (*widen[WEIGHT_DTYPES])(float *out, const void *weights, int64_t n);
} Kernels;

extern const Kernels
    *const KERNELS[]; // [N_KERNELS], best first; the last is plain C, which every processor can run
extern const int N_KERNELS;

// The first supported ones of KERNELS, or those that kernels_use() has set.
const Kernels *kernels(void);
// Sets the Kernels to use; NULL restores the best. For tests and measurements. Do not call it while another
// thread computes.
void kernels_use(const Kernels *chosen);

#ifdef __x86_64__
extern const Kernels KERNELS_AVX512, KERNELS_AVX2; // kernels_x86.c
#endif

#endif
