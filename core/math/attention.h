// Attention in one layer, in four steps: scores, mask, softmax, weighted values.
#ifndef KVSTEP_ATTENTION_H
#define KVSTEP_ATTENTION_H

#include "core/decode/cost.h"

// What attention works on in one layer. Query heads that follow each other share a KV head: n_heads /
// n_kv_heads of them.
typedef struct AttentionShape {
    int n_rows, n_src;
    int n_heads, n_kv_heads, d_head;
    size_t kv_head_stride; // floats from one KV head of the cache to the next
    float scale;           // of the scores, usually 1 / √d_head
} AttentionShape;

// scores [n_heads, n_rows, n_src] = q · kᵀ · scale. q is [n_rows, n_heads, d_head] with q_stride floats from
// row to row, keys [n_kv_heads, n_src, d_head].
void ops_scores(const AttentionShape *shape, float *scores, const float *q, int q_stride, const float *keys,
                Cost *cost);

// Which keys a row may look at: src from first_visible(row) to first_position + row. `window` counts the keys
// that a row sees, itself among them; 0: all before it.
typedef struct MaskShape {
    int n_heads, n_rows, n_src, first_position, window;
} MaskShape;

// Adds −∞ where a row may not look. scores is [n_heads, n_rows, n_src].
void ops_mask(float *scores, const MaskShape *mask);

// Each row of masked scores [n_heads, n_rows, n_src] becomes exp(x - max) / Σ exp(x - max). Where the mask
// has put −∞ that is exactly 0, which is written there without computing it.
void ops_softmax(float *scores, const MaskShape *mask);

// The same without a mask, as cross-attention has it.
void ops_softmax_all(float *scores, int n_rows, int n_src);

// out [n_rows, n_heads, d_head] with out_stride floats from row to row = weights [n_heads, n_rows, n_src] ·
// values [n_kv_heads, n_src, d_head]
void ops_weighted_values(const AttentionShape *shape, float *out, int out_stride, const float *weights,
                         const float *values, Cost *cost);

#endif
