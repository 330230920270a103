#include "cost.h"

int64_t cache_bytes_formula(const Config *config, int length) {
    return 2 * (int64_t)config->n_layers * config->n_kv_heads * config->d_head * length * (int64_t)sizeof(float);
}

// GPT-2: per layer the projections to q, k, v and back, the MLP up and down, and the two products of attention.
static int64_t formula_flops(const Config *c, int64_t n_src, int64_t n_rows, int64_t n_logit_rows) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head, d_kv = (int64_t)c->n_kv_heads * c->d_head;
    int64_t projections = d * (d_q + 2 * d_kv) + d_q * d;
    int64_t mlp = 2 * d * c->d_ff;
    int64_t attention_pairs = n_rows * n_src * c->n_heads;
    int64_t layer = n_rows * (projections + mlp) + 2 * attention_pairs * c->d_head;
    return 2 * (c->n_layers * layer + n_logit_rows * d * c->n_vocab);
}

// Matrices have the file's type; vectors and the position embedding are floats.
static int64_t formula_weight_bytes(const Config *c, int64_t n_rows) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head, d_kv = (int64_t)c->n_kv_heads * c->d_head;
    int64_t size = (int64_t)dtype_size(c->weights_dtype), norm = 2 * d; // gain and bias
    int64_t matrices = d * (d_q + 2 * d_kv) + d_q * d + 2 * d * c->d_ff;
    int64_t vectors = d_q + 2 * d_kv + d + c->d_ff + d + 2 * norm;
    return size * (n_rows * d + c->n_layers * matrices + d * c->n_vocab) +
           (int64_t)sizeof(float) * (n_rows * d + c->n_layers * vectors + norm);
}

Cost cost_formula(const Config *config, int first_position, int n_rows, int n_logit_rows) {
    return (Cost){
        .flops = formula_flops(config, (int64_t)first_position + n_rows, n_rows, n_logit_rows),
        .weight_bytes = formula_weight_bytes(config, n_rows),
        .cache_bytes = cache_bytes_formula(config, first_position),
        .nanoseconds = NOT_MEASURED,
        .counted = false,
    };
}

void cost_add(Cost *sum, const Cost *cost) {
    bool is_measured = sum->nanoseconds != NOT_MEASURED && cost->nanoseconds != NOT_MEASURED;
    sum->flops += cost->flops;
    sum->weight_bytes += cost->weight_bytes;
    sum->cache_bytes += cost->cache_bytes;
    sum->nanoseconds = is_measured ? sum->nanoseconds + cost->nanoseconds : NOT_MEASURED;
}

int64_t cost_bytes_read(const Cost *cost) {
    return cost->weight_bytes + cost->cache_bytes;
}
