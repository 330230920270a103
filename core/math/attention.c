// Scores and weighted values, fast. attention_plain.c is the same in plain loops.
//
// A chunk is one KV head, or a part of it. Where several query heads share a KV head, its keys and values are
// read one block at a time, and all of them use the block while the core's cache holds it.
#include "core/math/attention.h"

#include <assert.h>
#include <string.h>

#include "core/math/chunks.h"
#include "core/math/kernels.h"
#include "core/math/sgemm.h"

// Measured with `make bench`.
enum {
    BLOCK_KEYS = 128, // keys or values that stay in the core's cache while several rows use them
    COLUMNS = 32,     // of a head's values, at the least, in a chunk
};

// How the work on a KV head is cut: along its keys, or along the columns of its values.
typedef struct Cut {
    const Attention *attention;
    int total, n_parts, length; // numbers to cut; parts of a KV head; numbers in a part
} Cut;

// What a chunk is to do: numbers first ... end-1 (keys, or columns) of one KV head.
typedef struct HeadRange {
    int first, end;
    int kv_head, first_head, end_head; // the query heads that share the KV head
} HeadRange;

static HeadRange range_of(const Cut *cut, int chunk) {
    const Attention *a = cut->attention;
    int kv_head = chunk / cut->n_parts, group = a->n_heads / a->n_kv_heads;
    int first = chunk % cut->n_parts * cut->length;
    return (HeadRange){first, min_int(first + cut->length, cut->total), kv_head, kv_head * group,
                       (kv_head + 1) * group};
}

// Keys or values that follow each other in one span, as floats.
typedef struct Piece {
    const float *data; // [n, d_head]
    int n;
} Piece;

// The piece from column `first` on, at most up to column `end`.
static Piece piece_at(const Attention *a, KvSpans kv, int kv_head, int first, int end) {
    const KvSpan *span = kv.spans + (size_t)kv_head * kv.n;
    int skipped = first;
    for (; skipped >= span->n; span++) skipped -= span->n;
    assert(span->dtype == DTYPE_F32); // the one type that caches have so far
    return (Piece){(const float *)span->data + (size_t)skipped * a->d_head,
                   min_int(end - first, span->n - skipped)};
}

static float *scores_at(const Attention *a, int head, int row) {
    return a->scores + ((size_t)head * a->n_rows + row) * a->n_keys;
}

static const float *q_at(const Attention *a, int head, int row) {
    return a->q + (size_t)row * a->q_stride + (size_t)head * a->d_head;
}

static float *out_at(const Attention *a, int head, int row) {
    return a->out + ((size_t)row * a->n_heads + head) * a->d_head;
}

static void few_rows_of_scores(void *work, int chunk) {
    const Cut *cut = work;
    const Attention *a = cut->attention;
    HeadRange range = range_of(cut, chunk);
    int block = a->n_rows == 1 && a->n_heads == a->n_kv_heads ? range.end - range.first : BLOCK_KEYS;
    for (int key = range.first; key < range.end;) {
        Piece piece = piece_at(a, a->keys, range.kv_head, key, min_int(key + block, range.end));
        for (int head = range.first_head; head < range.end_head; head++)
            for (int row = 0; row < a->n_rows; row++) {
                float *scores = scores_at(a, head, row) + key;
                kernels()->multiply[DTYPE_F32](scores, piece.data, q_at(a, head, row), a->d_head, piece.n);
                for (int i = 0; i < piece.n; i++) scores[i] *= a->scale;
            }
        key += piece.n;
    }
}

static void few_rows_of_values(void *work, int chunk) {
    const Cut *cut = work;
    const Attention *a = cut->attention;
    HeadRange range = range_of(cut, chunk);
    int n_columns = range.end - range.first;
    for (int head = range.first_head; head < range.end_head; head++)
        for (int row = 0; row < a->n_rows; row++)
            memset(out_at(a, head, row) + range.first, 0, (size_t)n_columns * sizeof(float));
    for (int key = 0; key < a->n_keys;) {
        Piece piece = piece_at(a, a->values, range.kv_head, key, min_int(key + BLOCK_KEYS, a->n_keys));
        for (int head = range.first_head; head < range.end_head; head++)
            for (int row = 0; row < a->n_rows; row++)
                kernels()->add_rows(out_at(a, head, row) + range.first, scores_at(a, head, row) + key,
                                    piece.data + range.first, a->d_head, piece.n, n_columns);
        key += piece.n;
    }
}

static void many_rows_of_scores(void *work, int head) {
    const Attention *a = ((const Cut *)work)->attention;
    int kv_head = head / (a->n_heads / a->n_kv_heads);
    for (int key = 0; key < a->n_keys;) {
        Piece piece = piece_at(a, a->keys, kv_head, key, a->n_keys);
        sgemm(&(Sgemm){.out = scores_at(a, head, 0) + key,
                       .a = q_at(a, head, 0),
                       .b = piece.data,
                       .n_rows = a->n_rows,
                       .n_columns = piece.n,
                       .n_inner = a->d_head,
                       .out_stride = a->n_keys,
                       .a_stride = a->q_stride,
                       .b_stride = a->d_head,
                       .b_transposed = true,
                       .scale = a->scale});
        key += piece.n;
    }
}

static void many_rows_of_values(void *work, int head) {
    const Attention *a = ((const Cut *)work)->attention;
    int kv_head = head / (a->n_heads / a->n_kv_heads);
    for (int key = 0; key < a->n_keys;) {
        Piece piece = piece_at(a, a->values, kv_head, key, a->n_keys);
        sgemm(&(Sgemm){.out = out_at(a, head, 0),
                       .a = scores_at(a, head, 0) + key,
                       .b = piece.data,
                       .n_rows = a->n_rows,
                       .n_columns = a->d_head,
                       .n_inner = piece.n,
                       .out_stride = a->n_heads * a->d_head,
                       .a_stride = a->n_keys,
                       .b_stride = a->d_head,
                       .adds = key > 0,
                       .scale = 1});
        key += piece.n;
    }
}

// A KV head is cut along `total` keys or columns, into parts of at least `least` of them.
static void run_attention(const Attention *a, ChunkFn *few, ChunkFn *many, int total, int least, Cost *cost) {
    Cut cut = {.attention = a, .total = total};
    int64_t n_products = (int64_t)a->n_rows * a->n_heads * a->n_keys * a->d_head;
    cost->flops += 2 * n_products;
    if (a->n_rows > kernels()->few_rows) {
        run_chunks(many, &cut, a->n_heads, 2 * n_products >= SHARED_FLOPS);
        return;
    }
    bool shared = (int64_t)a->n_kv_heads * a->n_keys * a->d_head * (int64_t)sizeof(float) >= SHARED_BYTES;
    int wanted = shared ? divide_up(CHUNKS_PER_THREAD * threads_count(), a->n_kv_heads) : 1;
    cut.length = chunk_length(total, min_int(wanted, divide_up(total, least)));
    cut.n_parts = divide_up(total, cut.length);
    run_chunks(few, &cut, a->n_kv_heads * cut.n_parts, shared);
}

void attention_scores(const Attention *a, Cost *cost) {
    run_attention(a, few_rows_of_scores, many_rows_of_scores, a->n_keys, BLOCK_KEYS, cost);
}

void attention_weighted_values(const Attention *a, Cost *cost) {
    run_attention(a, few_rows_of_values, many_rows_of_values, a->d_head, COLUMNS, cost);
}
