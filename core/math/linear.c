// Products of activations with weights.
//
// One row, or a few, goes through our own kernels (kernels.h), which read the weights as they lie in memory:
// there the speed is the memory's. Many rows go through sgemm, one panel of the matrix after the other;
// half-size weights are widened a panel at a time, so no more than a panel for each thread is ever in memory
// as floats.
//
// A few rows are computed one by one, each with the bits of a pass of its own. sgemm adds up the same
// products in another order. So cached and recomputed logits are equal to the bit while the whole text has at
// most few_rows tokens; with more they agree to rounding. The number of threads changes nothing.
#include <string.h>

#include "core/math/chunks.h"
#include "core/math/kernels.h"
#include "core/math/ops.h"
#include "core/math/sgemm.h"

// Measured with `make bench`.
enum {
    CHUNK_BYTES = 96 << 10,    // of weights in a thread's chunk, at the least
    PANEL_FLOATS = 1536 << 10, // at the most, in a panel of widened weights
};

typedef struct Product {
    float *out;     // [n_rows, n_out]
    const float *x; // [n_rows, n_in]
    const Linear *linear;
    int n_rows;
    int length; // outputs in a chunk
} Product;

// One chunk of a product: outputs first ... first+n-1 of every row.
typedef struct OutputRange {
    int first, n;
    const char *weights; // [n, n_in]
} OutputRange;

static OutputRange range_of(const Product *p, int chunk) {
    int first = chunk * p->length;
    size_t row_bytes = (size_t)p->linear->n_in * dtype_size(p->linear->dtype);
    return (OutputRange){first, min_int(p->length, p->linear->n_out - first),
                         (const char *)p->linear->weight + first * row_bytes};
}

static void few_rows(void *work, int chunk) {
    const Product *p = work;
    const Linear *linear = p->linear;
    OutputRange range = range_of(p, chunk);
    for (int row = 0; row < p->n_rows; row++) {
        float *out = p->out + (size_t)row * linear->n_out + range.first;
        kernels()->multiply[linear->dtype](out, range.weights, p->x + (size_t)row * linear->n_in,
                                           linear->n_in, range.n);
        if (linear->bias)
            for (int i = 0; i < range.n; i++) out[i] += linear->bias[range.first + i];
    }
}

static void many_rows(void *work, int chunk) {
    const Product *p = work;
    const Linear *linear = p->linear;
    OutputRange range = range_of(p, chunk);
    const float *weights = (const float *)(const void *)range.weights;
    int n_in = linear->n_in, n_out = linear->n_out;
    if (linear->dtype != DTYPE_F32) {
        float *panel = threads_scratch((size_t)range.n * n_in);
        if (!panel) {
            few_rows(work, chunk);
            return;
        }
        kernels()->widen[linear->dtype](panel, range.weights, (int64_t)range.n * n_in);
        weights = panel;
    }
    float *out = p->out + range.first;
    if (linear->bias)
        for (int row = 0; row < p->n_rows; row++)
            memcpy(out + (size_t)row * n_out, linear->bias + range.first, (size_t)range.n * sizeof *out);
    sgemm(&(Sgemm){.out = out,
                   .a = p->x,
                   .b = weights,
                   .n_rows = p->n_rows,
                   .n_columns = range.n,
                   .n_inner = n_in,
                   .out_stride = n_out,
                   .a_stride = n_in,
                   .b_stride = n_in,
                   .b_transposed = true,
                   .adds = linear->bias != NULL,
                   .scale = 1});
}

static void run_few_rows(Product *p, int64_t n_bytes) {
    bool shared = n_bytes >= SHARED_BYTES;
    int most = shared ? CHUNKS_PER_THREAD * threads_count() : 1;
    int n_chunks = divide_up(n_bytes, CHUNK_BYTES);
    p->length = chunk_length(p->linear->n_out, p->n_rows == 1 ? min_int(n_chunks, most) : n_chunks);
    run_chunks(few_rows, p, divide_up(p->linear->n_out, p->length), shared);
}

static void run_many_rows(Product *p) {
    const Linear *linear = p->linear;
    int64_t n_weights = (int64_t)linear->n_in * linear->n_out;
    bool shared = 2 * p->n_rows * n_weights >= SHARED_FLOPS;
    int n_panels = linear->dtype == DTYPE_F32 ? 1 : divide_up(n_weights, PANEL_FLOATS);
    int n_threads = shared ? threads_count() : 1;
    int n_chunks = n_threads > 1 ? CHUNKS_PER_THREAD * n_threads : 1; // sgemm repacks x once per chunk
    p->length = chunk_length(linear->n_out, n_chunks > n_panels ? n_chunks : n_panels);
    run_chunks(many_rows, p, divide_up(linear->n_out, p->length), shared);
}

void ops_linear(float *out, const float *x, const Linear *linear, int n_rows, Cost *cost) {
    int64_t n_weights = (int64_t)linear->n_in * linear->n_out;
    int64_t n_bytes = n_weights * (int64_t)dtype_size(linear->dtype);
    Product product = {.out = out, .x = x, .linear = linear, .n_rows = n_rows};
    if (n_rows <= kernels()->few_rows)
        run_few_rows(&product, n_bytes);
    else
        run_many_rows(&product);
    cost->flops += 2 * n_rows * n_weights;
    cost->weight_bytes += n_bytes + (linear->bias ? linear->n_out * (int64_t)sizeof(float) : 0);
}
