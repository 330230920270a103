// The choice of the Kernels, and those in plain C. Sums go into LANES partial sums, which compilers turn into
// the vectors of their target.
#include "core/math/kernels.h"

#include <stdatomic.h>
#include <string.h>

enum {
    LANES = 16,
    BLOCK = 64, // weights that are widened before they are multiplied; a multiple of LANES
};

static bool always(void) {
    return true;
}

static void add_products(float lanes[LANES], const float *w, const float *x) {
    for (int lane = 0; lane < LANES; lane++) lanes[lane] += w[lane] * x[lane];
}

static float dot(const unsigned char *row, const float *x, int n, DType dtype) {
    float lanes[LANES] = {0}, block[BLOCK], sum = 0;
    for (int first = 0; first < n; first += BLOCK) {
        int n_block = n - first < BLOCK ? n - first : BLOCK, i = 0;
        tensor_to_float(block, row + (size_t)first * dtype_size(dtype), dtype, n_block);
        for (; i + LANES <= n_block; i += LANES) add_products(lanes, block + i, x + first + i);
        for (; i < n_block; i++) sum += block[i] * x[first + i]; // the end of the row
    }
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    return sum;
}

static void multiply(float *out, const void *weights, const float *x, int n_in, int n_out, DType dtype) {
    size_t row_bytes = (size_t)n_in * dtype_size(dtype);
    for (int o = 0; o < n_out; o++)
        out[o] = dot((const unsigned char *)weights + o * row_bytes, x, n_in, dtype);
}

static void multiply_f32(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(out, weights, x, n_in, n_out, DTYPE_F32);
}

static void multiply_f16(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(out, weights, x, n_in, n_out, DTYPE_F16);
}

static void multiply_bf16(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(out, weights, x, n_in, n_out, DTYPE_BF16);
}

static void add_rows(float *out, const float *factors, const float *rows, int stride, int n_rows, int n) {
    for (int r = 0; r < n_rows; r++)
        for (int i = 0; i < n; i++) out[i] += factors[r] * rows[(size_t)r * stride + i];
}

static void widen_f32(float *out, const void *weights, int64_t n) {
    tensor_to_float(out, weights, DTYPE_F32, n);
}

static void widen_f16(float *out, const void *weights, int64_t n) {
    tensor_to_float(out, weights, DTYPE_F16, n);
}

static void widen_bf16(float *out, const void *weights, int64_t n) {
    tensor_to_float(out, weights, DTYPE_BF16, n);
}

static const Kernels KERNELS_PLAIN = {
    .name = "plain",
    .supported = always,
    .few_rows = 1,
    .multiply = {multiply_f32, multiply_f16, multiply_bf16},
    .add_rows = add_rows,
    .widen = {widen_f32, widen_f16, widen_bf16},
};

const Kernels *const KERNELS[] = {
#ifdef __x86_64__
    &KERNELS_AVX512,
    &KERNELS_AVX2,
#endif
    &KERNELS_PLAIN,
};
const int N_KERNELS = sizeof KERNELS / sizeof *KERNELS;

static _Atomic(const Kernels *) in_use;

const Kernels *kernels(void) {
    const Kernels *chosen = atomic_load_explicit(&in_use, memory_order_relaxed);
    if (chosen) return chosen;
    chosen = &KERNELS_PLAIN;
    for (int i = N_KERNELS - 1; i >= 0; i--)
        if (KERNELS[i]->supported()) chosen = KERNELS[i];
    atomic_store_explicit(&in_use, chosen, memory_order_relaxed);
    return chosen;
}

void kernels_use(const Kernels *chosen) {
    atomic_store_explicit(&in_use, chosen, memory_order_relaxed);
}
