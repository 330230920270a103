// Attention in one layer (Vaswani et al. 2017): softmax(q kᵀ · scale + mask) v, in four steps that can be
// watched.
//
// Query heads that follow each other share a KV head: n_heads / n_kv_heads of them.
#ifndef KVSTEP_ATTENTION_H
#define KVSTEP_ATTENTION_H

#include "core/math/cost.h"
#include "core/math/mask.h"
#include "core/math/tensor.h"

// Keys or values of one KV head that lie in one piece: slots first_slot ... first_slot + n-1 of the cache.
typedef struct KvSpan {
    const void *data; // [n, d_head] of `dtype`
    DType dtype;
    int first_slot, n;
} KvSpan;

// All keys or values of one layer. The spans of a KV head, one after the other, are the columns of attention.
typedef struct KvSpans {
    const KvSpan *spans; // [n_kv_heads, n]
    int n;               // spans of each KV head
} KvSpans;

typedef struct Attention {
    int n_rows, n_keys;
    int n_heads, n_kv_heads, d_head;
    float scale;      // of the scores, usually 1 / √d_head
    const Mask *mask; // NULL: every row sees every key, as in cross-attention
    KvSpans keys, values;
    const float *q; // [n_rows, n_heads, d_head], q_stride floats from row to row
    int q_stride;
    float *scores; // [n_heads, n_rows, n_keys]: scores, then masked scores, then weights
    float *out;    // [n_rows, n_heads, d_head]
} Attention;

// scores = q · kᵀ · scale, for every pair, also those that the mask hides
void attention_scores(const Attention *attention, Cost *cost);

// Adds −∞ to the scores where a row may not look.
void attention_mask(const Attention *attention);

// Each row of masked scores becomes exp(x - max) / Σ exp(x - max). Where the mask has put −∞ that is exactly
// 0.
void attention_softmax(const Attention *attention);

// out = weights · v
void attention_weighted_values(const Attention *attention, Cost *cost);

// All four steps as the textbook writes them, in plain loops, for one who reads. The functions above give the
// same to rounding, and a test holds them together. Keys and values must be F32.
void attention_plain(const Attention *attention);

#endif
