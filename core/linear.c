// Matrix products, all of them, through cblas. The only file that knows it.
//
// Small products stay on one thread: OpenBLAS's threads wait for each other by spinning, which costs more than it brings
// below SHARED_FLOPS, and a hundred times more when another program takes one of the cores.
//
// One row goes through sgemv, many through sgemm: the same sums in another order, which is why cached and recomputed
// logits agree to rounding and not to the bit.
#include "ops.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

// out [n_rows, n_out] (+)= x [n_rows, n_in] · W, with W [n_in, n_out] or its transpose [n_out, n_in].
typedef struct Product {
    float *out;
    int out_stride;
    const float *x;
    int x_stride;
    const float *w;
    int w_stride;
    bool w_transposed;
    int n_rows, n_in, n_out;
    float scale;
    bool add; // to what is in out
} Product;

#define SHARED_FLOPS 2e8

static void use_threads(double flops) {
    openblas_set_num_threads(flops < SHARED_FLOPS ? 1 : openblas_get_num_procs());
}

static void product(const Product *p) {
    use_threads(2.0 * p->n_rows * p->n_in * p->n_out);
    CBLAS_TRANSPOSE transpose = p->w_transposed ? CblasTrans : CblasNoTrans;
    float beta = p->add ? 1 : 0;
    if (p->n_rows == 1) {
        int w_rows = p->w_transposed ? p->n_out : p->n_in, w_columns = p->w_transposed ? p->n_in : p->n_out;
        cblas_sgemv(CblasRowMajor, p->w_transposed ? CblasNoTrans : CblasTrans, w_rows, w_columns, p->scale, p->w,
                    p->w_stride, p->x, 1, beta, p->out, 1);
    } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, transpose, p->n_rows, p->n_out, p->n_in, p->scale, p->x, p->x_stride, p->w,
                    p->w_stride, beta, p->out, p->out_stride);
    }
}

static void count_product(Cost *cost, int64_t n_rows, int64_t n_in, int64_t n_out) {
    cost->flops += 2 * n_rows * n_in * n_out;
}

void ops_linear(float *out, const float *x, const Linear *linear, int n_rows, Cost *cost) {
    int n_in = linear->n_in, n_out = linear->n_out;
    if (linear->bias)
        for (int row = 0; row < n_rows; row++) memcpy(out + (size_t)row * n_out, linear->bias, (size_t)n_out * sizeof *out);
    bool transposed = linear->layout == LINEAR_OUT_IN;
    product(&(Product){.out = out,
                       .out_stride = n_out,
                       .x = x,
                       .x_stride = n_in,
                       .w = linear->weight,
                       .w_stride = transposed ? n_in : n_out,
                       .w_transposed = transposed,
                       .n_rows = n_rows,
                       .n_in = n_in,
                       .n_out = n_out,
                       .scale = 1,
                       .add = linear->bias != NULL});
    count_product(cost, n_rows, n_in, n_out);
    int64_t n_weights = (int64_t)n_in * n_out + (linear->bias ? n_out : 0);
    cost->weight_bytes += n_weights * (int64_t)sizeof(float);
}

void ops_scores(float *scores, const float *q, int q_stride, const float *k, int n_rows, int n_src, int d_head, Cost *cost) {
    product(&(Product){.out = scores,
                       .out_stride = n_src,
                       .x = q,
                       .x_stride = q_stride,
                       .w = k,
                       .w_stride = d_head,
                       .w_transposed = true,
                       .n_rows = n_rows,
                       .n_in = d_head,
                       .n_out = n_src,
                       .scale = 1 / sqrtf((float)d_head)});
    count_product(cost, n_rows, d_head, n_src);
}

void ops_weighted_values(float *out, int out_stride, const float *weights, const float *v, int n_rows, int n_src, int d_head,
                         Cost *cost) {
    product(&(Product){.out = out,
                       .out_stride = out_stride,
                       .x = weights,
                       .x_stride = n_src,
                       .w = v,
                       .w_stride = d_head,
                       .n_rows = n_rows,
                       .n_in = n_src,
                       .n_out = d_head,
                       .scale = 1});
    count_product(cost, n_rows, n_src, d_head);
}
