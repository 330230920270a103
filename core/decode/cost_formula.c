#include "core/decode/cost_formula.h"

CacheSizes cache_sizes_of(const Config *config, int n_tokens, int n_source) {
    return (CacheSizes){.n_layers = config->n_layers,
                        .n_heads = config->n_heads,
                        .n_kv_heads = config->n_kv_heads,
                        .d_head = config->d_head,
                        .length = n_tokens,
                        .batch = 1,
                        .source_length = n_source,
                        .bits = 8 * (int)sizeof(float)};
}

int64_t cache_bytes_formula(const Config *config, int n_tokens) {
    CacheSizes sizes = cache_sizes_of(config, n_tokens, 0);
    return cache_sizes_self_bytes(&sizes);
}

int64_t cross_cache_bytes_formula(const Config *config, int n_source) {
    CacheSizes sizes = cache_sizes_of(config, 0, n_source);
    return cache_sizes_cross_bytes(&sizes);
}

static int64_t mlp_matrices(const Config *c) {
    return c->mlp == MLP_SWIGLU ? 3 : 2;
}

// Per layer the projections to q, k, v and back, the MLP, and the two products of attention; cross-attention
// likewise, with projections to q and back.
static int64_t formula_flops(const Config *c, const PassShape *shape) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head, d_kv = (int64_t)c->n_kv_heads * c->d_head;
    int64_t projections = d * (d_q + 2 * d_kv) + d_q * d, n_rows = shape->n_rows;
    int64_t layer = n_rows * (projections + mlp_matrices(c) * d * c->d_ff) + 2 * n_rows * shape->n_keys * d_q;
    if (shape->n_source) layer += n_rows * 2 * d * d_q + 2 * n_rows * shape->n_source * d_q;
    return 2 * (c->n_layers * layer + d * c->n_vocab);
}

static int64_t cross_kv_flops(const Config *c, const PassShape *shape) {
    if (!shape->fills_cross) return 0;
    return 2 * (int64_t)c->n_layers * shape->n_source * c->d_model * 2 * c->n_heads * c->d_head;
}

// Numbers of a layer's cross-attention in matrices and in vectors; `fills`: this pass computes K and V.
static void cross_weights(const Config *c, bool fills, int64_t *matrices, int64_t *vectors) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head;
    *matrices += 2 * d * d_q + (fills ? 2 * d * d_q : 0);
    *vectors += d_q + d + 2 * d + (fills ? 2 * d_q : 0);
}

// Matrices have the file's type; vectors and learned positions are floats.
static int64_t formula_weight_bytes(const Config *c, const PassShape *shape) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head, d_kv = (int64_t)c->n_kv_heads * c->d_head;
    int64_t norm = c->norm == NORM_LAYER ? 2 * d : d; // gain and bias
    int64_t matrices = d * (d_q + 2 * d_kv) + d_q * d + mlp_matrices(c) * d * c->d_ff;
    int64_t vectors = 2 * norm + (c->qk_norm ? 2 * c->d_head : 0);
    if (c->qkv_bias) vectors += d_q + 2 * d_kv;
    if (c->attention_output_bias) vectors += d;
    if (c->mlp_bias) vectors += (mlp_matrices(c) - 1) * c->d_ff + d;
    if (shape->n_source) cross_weights(c, shape->fills_cross, &matrices, &vectors);
    int64_t positions = c->positions == POSITIONS_LEARNED ? shape->n_rows * d : 0;
    return (int64_t)dtype_size(c->weights_dtype) *
               (shape->n_rows * d + c->n_layers * matrices + d * c->n_vocab) +
           (int64_t)sizeof(float) * (positions + c->n_layers * vectors + norm);
}

Cost cost_formula(const Config *config, const PassShape *shape) {
    int64_t kv_flops = cross_kv_flops(config, shape);
    return (Cost){
        .flops = formula_flops(config, shape) + kv_flops,
        .weight_bytes = formula_weight_bytes(config, shape),
        .cache_bytes = cache_bytes_formula(config, shape->n_keys - shape->n_rows),
        .cross_cache_bytes = shape->fills_cross ? 0 : cross_cache_bytes_formula(config, shape->n_source),
        .cross_kv_flops = kv_flops,
        .nanoseconds = NOT_MEASURED,
        .counted = false,
    };
}
