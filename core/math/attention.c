// Attention over keys and values as the cache holds them.
//
// A chunk is one KV head, or a part of it. Where several query heads share a KV head, its keys and values are
// read a block at a time, and all of them use the block while the core's cache holds it.
#include "core/math/attention.h"

#include <string.h>

#include "core/math/chunks.h"
#include "core/math/kernels.h"
#include "core/math/sgemm.h"

// Measured with `make bench`.
enum {
    BLOCK_SRC = 128, // keys or values that stay in the core's cache while several rows use them
    COLUMNS = 32,    // of a head's values, at the least, in a chunk
};

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
    sgemm(&(Sgemm){.out = scores_at(a, head, 0),
                   .a = row_at(a, head, 0),
                   .b = keys,
                   .n_rows = s->n_rows,
                   .n_columns = s->n_src,
                   .n_inner = s->d_head,
                   .out_stride = s->n_src,
                   .a_stride = a->stride,
                   .b_stride = s->d_head,
                   .b_transposed = true,
                   .scale = s->scale});
}

static void many_rows_of_values(void *work, int head) {
    const Attention *a = work;
    const AttentionShape *s = a->shape;
    const float *values = a->cache + head / (s->n_heads / s->n_kv_heads) * s->kv_head_stride;
    sgemm(&(Sgemm){.out = row_at(a, head, 0),
                   .a = scores_at(a, head, 0),
                   .b = values,
                   .n_rows = s->n_rows,
                   .n_columns = s->d_head,
                   .n_inner = s->n_src,
                   .out_stride = a->stride,
                   .a_stride = s->n_src,
                   .b_stride = s->d_head,
                   .scale = 1});
}

// `total` is what a KV head is cut along: n_src keys, or d_head columns; a part has at least `least` of them.
static void run_attention(Attention *a, ChunkFn *few, ChunkFn *many, int total, int least, Cost *cost) {
    const AttentionShape *s = a->shape;
    int64_t n_products = (int64_t)s->n_rows * s->n_heads * s->n_src * s->d_head;
    cost->flops += 2 * n_products;
    if (s->n_rows > kernels()->few_rows) {
        run_chunks(many, a, s->n_heads, 2 * n_products >= SHARED_FLOPS);
        return;
    }
    bool shared = (int64_t)s->n_kv_heads * s->n_src * s->d_head * (int64_t)sizeof(float) >= SHARED_BYTES;
    int wanted = shared ? divide_up(CHUNKS_PER_THREAD * threads_count(), s->n_kv_heads) : 1;
    a->length = chunk_length(total, min_int(wanted, divide_up(total, least)));
    a->n_parts = divide_up(total, a->length);
    run_chunks(few, a, s->n_kv_heads * a->n_parts, shared);
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
