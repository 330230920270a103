#include "core/decode/cost.h"

CacheSizes config_cache_sizes(const Config *config, int length) {
    return (CacheSizes){.n_layers = config->n_layers,
                        .n_heads = config->n_heads,
                        .n_kv_heads = config->n_kv_heads,
                        .d_head = config->d_head,
                        .length = length,
                        .batch = 1,
                        .source_length = config->cross_attention ? config->n_source : 0,
                        .bits = 8 * (int)sizeof(float)};
}

int64_t cache_bytes_formula(const Config *config, int length) {
    CacheSizes sizes = config_cache_sizes(config, length);
    return cache_sizes_self_bytes(&sizes);
}

int64_t cross_cache_bytes_formula(const Config *config) {
    CacheSizes sizes = config_cache_sizes(config, 0);
    return cache_sizes_cross_bytes(&sizes);
}

static bool has_cross(const Config *c) {
    return c->cross_attention && c->n_source > 0;
}

static int64_t mlp_matrices(const Config *c) {
    return c->mlp == MLP_SWIGLU ? 3 : 2;
}

// Per layer the projections to q, k, v and back, the MLP, and the two products of attention; cross-attention
// likewise, with projections to q and back.
static int64_t formula_flops(const Config *c, int64_t n_src, int64_t n_rows, int64_t n_logit_rows) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head, d_kv = (int64_t)c->n_kv_heads * c->d_head;
    int64_t projections = d * (d_q + 2 * d_kv) + d_q * d;
    int64_t layer = n_rows * (projections + mlp_matrices(c) * d * c->d_ff) + 2 * n_rows * n_src * d_q;
    if (has_cross(c)) layer += n_rows * 2 * d * d_q + 2 * n_rows * c->n_source * d_q;
    return 2 * (c->n_layers * layer + n_logit_rows * d * c->n_vocab);
}

static int64_t cross_kv_flops(const Config *c, int first_position) {
    if (!has_cross(c) || first_position > 0) return 0;
    return 2 * (int64_t)c->n_layers * c->n_source * c->d_model * 2 * c->n_heads * c->d_head;
}

// Numbers of a layer's cross-attention in matrices and in vectors; `fills`: this pass computes K and V.
static void cross_weights(const Config *c, bool fills, int64_t *matrices, int64_t *vectors) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head;
    *matrices += 2 * d * d_q + (fills ? 2 * d * d_q : 0);
    *vectors += d_q + d + 2 * d + (fills ? 2 * d_q : 0);
}

// Matrices have the file's type; vectors and learned positions are floats.
static int64_t formula_weight_bytes(const Config *c, int64_t first_position, int64_t n_rows) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head, d_kv = (int64_t)c->n_kv_heads * c->d_head;
    int64_t norm = c->norm == NORM_LAYER ? 2 * d : d; // gain and bias
    int64_t matrices = d * (d_q + 2 * d_kv) + d_q * d + mlp_matrices(c) * d * c->d_ff;
    int64_t vectors = 2 * norm + (c->qk_norm ? 2 * c->d_head : 0);
    if (c->qkv_bias) vectors += d_q + 2 * d_kv;
    if (c->attention_output_bias) vectors += d;
    if (c->mlp_bias) vectors += (mlp_matrices(c) - 1) * c->d_ff + d;
    if (has_cross(c)) cross_weights(c, first_position == 0, &matrices, &vectors);
    int64_t positions = c->positions == POSITIONS_LEARNED ? n_rows * d : 0;
    return (int64_t)dtype_size(c->weights_dtype) * (n_rows * d + c->n_layers * matrices + d * c->n_vocab) +
           (int64_t)sizeof(float) * (positions + c->n_layers * vectors + norm);
}

Cost cost_formula(const Config *config, int first_position, int n_rows, int n_logit_rows) {
    int64_t kv_flops = cross_kv_flops(config, first_position);
    return (Cost){
        .flops = formula_flops(config, (int64_t)first_position + n_rows, n_rows, n_logit_rows) + kv_flops,
        .weight_bytes = formula_weight_bytes(config, first_position, n_rows),
        .cache_bytes = cache_bytes_formula(config, first_position),
        .cross_cache_bytes = first_position > 0 ? cross_cache_bytes_formula(config) : 0,
        .cross_kv_flops = kv_flops,
        .nanoseconds = NOT_MEASURED,
        .counted = false,
    };
}

void cost_add(Cost *sum, const Cost *cost) {
    bool is_measured = sum->nanoseconds != NOT_MEASURED && cost->nanoseconds != NOT_MEASURED;
    sum->flops += cost->flops;
    sum->weight_bytes += cost->weight_bytes;
    sum->cache_bytes += cost->cache_bytes;
    sum->cross_cache_bytes += cost->cross_cache_bytes;
    sum->cross_kv_flops += cost->cross_kv_flops;
    sum->nanoseconds = is_measured ? sum->nanoseconds + cost->nanoseconds : NOT_MEASURED;
}

int64_t cost_bytes_read(const Cost *cost) {
    return cost->weight_bytes + cost->cache_bytes + cost->cross_cache_bytes;
}
