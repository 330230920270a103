// Matrix products, all of them. The only file that knows cblas.
//
// One row, or a few, goes through our own kernels (kernels.h), which read the weights as they lie in memory:
// there the speed is the memory's. Many rows go through sgemm, a panel of the matrix after the other;
// half-size weights are widened a panel at a time, so that no more than a panel for each thread is ever in
// memory as floats.
//
// Threads are always our own (threads.h): each takes panels, and sgemm stays on the thread that calls it.
// OpenBLAS's threads would wait for each other by spinning, without end when another program takes one of the
// cores.
//
// One row and many give the same sums in another order, which is why cached and recomputed logits agree to
// rounding and not to the bit. How many threads there are changes nothing.
#include "core/math/ops.h"

#include <cblas.h>
#include <pthread.h>
#include <string.h>

#include "core/base/threads.h"
#include "core/math/kernels.h"

// Measured with `make bench`; see docs/architecture.md.
enum {
    SHARED_BYTES = 400 << 10,  // a matrix or cache below this is read by the caller alone
    CHUNK_BYTES = 96 << 10,    // of weights in a thread's chunk, at the least
    CHUNKS_PER_THREAD = 4,     // more of them than threads: a slow core takes fewer
    PANEL_FLOATS = 1536 << 10, // at the most, in a panel of widened weights
    BLOCK_SRC = 128,           // keys or values that stay in the core's cache while several rows use them
    COLUMNS = 32,              // of a head's values, at the least, in a chunk
    SHARED_FLOPS = 8000000,    // a product of many rows below this stays on the caller
};

static void keep_to_the_caller(void) {
    openblas_set_num_threads(1);
}

static void sgemm_setup(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, keep_to_the_caller);
}

// Runs the chunks of a job: on all threads, or on the caller alone.
static void run(ChunkFn *fn, void *work, int n_chunks, bool shared) {
    if (shared)
        threads_run(fn, work, n_chunks);
    else
        for (int chunk = 0; chunk < n_chunks; chunk++) fn(work, chunk);
}

static int min_int(int a, int b) {
    return a < b ? a : b;
}

static int divide_up(int64_t a, int64_t b) {
    return (int)((a + b - 1) / b);
}

// Cuts n rows of a matrix into chunks of equal length, a multiple of 4. Returns the length.
static int chunk_length(int n, int n_chunks) {
    return (divide_up(n, n_chunks) + 3) / 4 * 4;
}

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
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, p->n_rows, range.n, n_in, 1, p->x, n_in, weights,
                n_in, linear->bias ? 1 : 0, out, n_out);
}

static void run_few_rows(Product *p, int64_t n_bytes) {
    bool shared = n_bytes >= SHARED_BYTES;
    int most = shared ? CHUNKS_PER_THREAD * threads_count() : 1;
    int n_chunks = divide_up(n_bytes, CHUNK_BYTES);
    p->length = chunk_length(p->linear->n_out, p->n_rows == 1 ? min_int(n_chunks, most) : n_chunks);
    run(few_rows, p, divide_up(p->linear->n_out, p->length), shared);
}

static void run_many_rows(Product *p) {
    const Linear *linear = p->linear;
    int64_t n_weights = (int64_t)linear->n_in * linear->n_out;
    bool shared = 2 * p->n_rows * n_weights >= SHARED_FLOPS;
    int n_panels = linear->dtype == DTYPE_F32 ? 1 : divide_up(n_weights, PANEL_FLOATS);
    int n_threads = shared ? threads_count() : 1;
    int n_chunks =
        n_threads > 1 ? CHUNKS_PER_THREAD * n_threads : 1; // sgemm brings x into its own order for each
    p->length = chunk_length(linear->n_out, n_chunks > n_panels ? n_chunks : n_panels);
    sgemm_setup();
    run(many_rows, p, divide_up(linear->n_out, p->length), shared);
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

// ---- Attention ----------------------------------------------------------------------------------
//
// A chunk is one KV head, or a part of it. Where several query heads share a KV head, its keys and values are
// read a block at a time, and all of them use the block while the core's cache holds it.

typedef struct Attention {
    const AttentionShape *shape;
    float *scores; // [n_heads, n_rows, n_src]; ops_weighted_values reads weights here
    float *rows;   // q, or weighted values: [n_rows, n_heads, d_head], `stride` floats from row to row
    int stride;
    const float *cache; // keys or values of this layer
    int n_parts;        // of a KV head: keys, or columns of the values
    int length;         // of such a part
} Attention;

// What a chunk is to do: numbers first ... first+n-1 (keys, or columns) of one KV head.
typedef struct HeadRange {
    int first, n;
    int head, end; // the query heads that share the KV head
    const float *cache;
} HeadRange;

static HeadRange head_range_of(const Attention *a, int chunk, int total) {
    const AttentionShape *s = a->shape;
    int kv_head = chunk / a->n_parts, group = s->n_heads / s->n_kv_heads,
        first = chunk % a->n_parts * a->length;
    return (HeadRange){first, min_int(a->length, total - first), kv_head * group, (kv_head + 1) * group,
                       a->cache + kv_head * s->kv_head_stride};
}

static float *scores_at(const Attention *a, int head, int row) {
    return a->scores + ((size_t)head * a->shape->n_rows + row) * a->shape->n_src;
}

static float *row_at(const Attention *a, int head, int row) {
    return a->rows + (size_t)row * a->stride + (size_t)head * a->shape->d_head;
}

static void few_rows_of_scores(void *work, int chunk) {
    const Attention *a = work;
    const AttentionShape *s = a->shape;
    HeadRange range = head_range_of(a, chunk, s->n_src);
    int block = s->n_rows == 1 && s->n_heads == s->n_kv_heads ? range.n : BLOCK_SRC;
    for (int src = range.first, end = range.first + range.n; src < end; src += block)
        for (int head = range.head; head < range.end; head++)
            for (int row = 0; row < s->n_rows; row++) {
                int n = min_int(block, end - src);
                float *scores = scores_at(a, head, row) + src;
                kernels()->multiply[DTYPE_F32](scores, range.cache + (size_t)src * s->d_head,
                                               row_at(a, head, row), s->d_head, n);
                for (int i = 0; i < n; i++) scores[i] *= s->scale;
            }
}

static void few_rows_of_values(void *work, int chunk) {
    const Attention *a = work;
    const AttentionShape *s = a->shape;
    HeadRange range = head_range_of(a, chunk, s->d_head);
    for (int head = range.head; head < range.end; head++)
        for (int row = 0; row < s->n_rows; row++)
            memset(row_at(a, head, row) + range.first, 0, (size_t)range.n * sizeof(float));
    for (int src = 0; src < s->n_src; src += BLOCK_SRC)
        for (int head = range.head; head < range.end; head++)
            for (int row = 0; row < s->n_rows; row++)
                kernels()->add_rows(row_at(a, head, row) + range.first, scores_at(a, head, row) + src,
                                    range.cache + (size_t)src * s->d_head + range.first, s->d_head,
                                    min_int(BLOCK_SRC, s->n_src - src), range.n);
}

static void many_rows_of_scores(void *work, int head) {
    const Attention *a = work;
    const AttentionShape *s = a->shape;
    const float *keys = a->cache + head / (s->n_heads / s->n_kv_heads) * s->kv_head_stride;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, s->n_rows, s->n_src, s->d_head, s->scale,
                row_at(a, head, 0), a->stride, keys, s->d_head, 0, scores_at(a, head, 0), s->n_src);
}

static void many_rows_of_values(void *work, int head) {
    const Attention *a = work;
    const AttentionShape *s = a->shape;
    const float *values = a->cache + head / (s->n_heads / s->n_kv_heads) * s->kv_head_stride;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, s->n_rows, s->d_head, s->n_src, 1,
                scores_at(a, head, 0), s->n_src, values, s->d_head, 0, row_at(a, head, 0), a->stride);
}

// `total` is what a KV head is cut along: n_src keys, or d_head columns; a part has at least `least` of them.
static void run_attention(Attention *a, ChunkFn *few, ChunkFn *many, int total, int least, Cost *cost) {
    const AttentionShape *s = a->shape;
    int64_t n_products = (int64_t)s->n_rows * s->n_heads * s->n_src * s->d_head;
    cost->flops += 2 * n_products;
    if (s->n_rows > kernels()->few_rows) {
        sgemm_setup();
        run(many, a, s->n_heads, 2 * n_products >= SHARED_FLOPS);
        return;
    }
    bool shared = (int64_t)s->n_kv_heads * s->n_src * s->d_head * (int64_t)sizeof(float) >= SHARED_BYTES;
    int wanted = shared ? divide_up(CHUNKS_PER_THREAD * threads_count(), s->n_kv_heads) : 1;
    a->length = chunk_length(total, min_int(wanted, divide_up(total, least)));
    a->n_parts = divide_up(total, a->length);
    run(few, a, s->n_kv_heads * a->n_parts, shared);
}

void ops_scores(const AttentionShape *shape, float *scores, const float *q, int q_stride, const float *keys,
                Cost *cost) {
    Attention attention = {
        .shape = shape, .scores = scores, .rows = (float *)(uintptr_t)q, .stride = q_stride, .cache = keys};
    run_attention(&attention, few_rows_of_scores, many_rows_of_scores, shape->n_src, BLOCK_SRC, cost);
}

void ops_weighted_values(const AttentionShape *shape, float *out, int out_stride, const float *weights,
                         const float *values, Cost *cost) {
    Attention attention = {.shape = shape,
                           .scores = (float *)(uintptr_t)weights,
                           .rows = out,
                           .stride = out_stride,
                           .cache = values};
    run_attention(&attention, few_rows_of_values, many_rows_of_values, shape->d_head, COLUMNS, cost);
}
