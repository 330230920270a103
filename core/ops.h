// The operations of a decoder on plain float rows. Each writes what it computes and nothing else; those that read
// weights add what they did to a Cost.
#ifndef KVSTEP_OPS_H
#define KVSTEP_OPS_H

#include "cost.h"
#include "model.h"

// out [n_rows, d_model] = token_embedding[id] + position_embedding[first_position + row]
void ops_embed(float *out, const Model *model, const int *ids, int n_rows, int first_position, Cost *cost);

// LayerNorm (Ba et al. 2016), each row by itself: (x - mean) / sqrt(variance + epsilon) · gain + bias.
// x and out are [n_rows, d_model].
void ops_layer_norm(float *out, const float *x, const Norm *norm, int n_rows, int d_model, float epsilon, Cost *cost);

// out [n_rows, n_out] = x [n_rows, n_in] · Wᵀ + b
void ops_linear(float *out, const float *x, const Linear *linear, int n_rows, Cost *cost);

// What attention works on in one layer. Query heads that follow each other share a KV head: n_heads / n_kv_heads of them.
typedef struct AttentionShape {
    int n_rows, n_src;
    int n_heads, n_kv_heads, d_head;
    size_t kv_head_stride; // floats from one KV head of the cache to the next
    float scale;           // of the scores, usually 1 / √d_head
} AttentionShape;

// scores [n_heads, n_rows, n_src] = q · kᵀ · scale. q is [n_rows, n_heads, d_head] with q_stride floats from row to row,
// keys [n_kv_heads, n_src, d_head].
void ops_scores(const AttentionShape *shape, float *scores, const float *q, int q_stride, const float *keys, Cost *cost);

// Adds −∞ where a row would look at a later token: src > first_position + row. scores is [n_rows, n_src].
void ops_causal_mask(float *scores, int n_rows, int n_src, int first_position);

// Each row of masked scores [n_rows, n_src] becomes exp(x - max) / Σ exp(x - max). Where the causal mask has put −∞ that is
// exactly 0, which is written there without computing it.
void ops_softmax(float *scores, int n_rows, int n_src, int first_position);

// out [n_rows, n_heads, d_head] with out_stride floats from row to row = weights [n_heads, n_rows, n_src] · values
// [n_kv_heads, n_src, d_head]
void ops_weighted_values(const AttentionShape *shape, float *out, int out_stride, const float *weights, const float *values,
                         Cost *cost);

// out = a + b, n numbers each. out may be a.
void ops_add(float *out, const float *a, const float *b, int64_t n);

// GPT-2's GELU (Hendrycks and Gimpel 2016, the tanh form): x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), n numbers.
void ops_gelu(float *out, const float *x, int64_t n);

// out = e^((x - best) / temperature), n numbers, for x not above best. Returns their sum.
double ops_exponentials(float *out, const float *x, int n, float best, float temperature);

#endif
