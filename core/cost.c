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

static int64_t formula_weights(const Config *c, int64_t n_rows) {
    int64_t d = c->d_model, d_q = (int64_t)c->n_heads * c->d_head, d_kv = (int64_t)c->n_kv_heads * c->d_head;
    int64_t norm = 2 * d; // gain and bias
    int64_t attention = (d + 1) * (d_q + 2 * d_kv) + (d_q + 1) * d;
    int64_t mlp = (d + 1) * c->d_ff + ((int64_t)c->d_ff + 1) * d;
    int64_t embedded = 2 * n_rows * d;
    return embedded + c->n_layers * (2 * norm + attention + mlp) + norm + d * c->n_vocab;
}

Cost cost_formula(const Config *config, int first_position, int n_rows, int n_logit_rows) {
    return (Cost){
        .flops = formula_flops(config, (int64_t)first_position + n_rows, n_rows, n_logit_rows),
        .weight_bytes = formula_weights(config, n_rows) * (int64_t)sizeof(float),
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
