#include "site.h"

#include <string.h>

const Site SITES[SITE_COUNT] = {
    [SITE_EMBEDDING] = {"embedding", "x = E[token] + P[position]", "wte(input_ids) + wpe(position_ids)", SITE_ROW_MODEL,
                        false},
    [SITE_LN_1] = {"ln_1", "LayerNorm(x)", "ln_1", SITE_ROW_MODEL, true},
    [SITE_Q] = {"q", "ln_1 · W_q + b_q", "query_states, from c_attn", SITE_ROW_HEAD, true},
    [SITE_K] = {"k", "ln_1 · W_k + b_k", "key_states, from c_attn", SITE_ROW_KV_HEAD, true},
    [SITE_V] = {"v", "ln_1 · W_v + b_v", "value_states, from c_attn", SITE_ROW_KV_HEAD, true},
    [SITE_SCORES] = {"scores", "q · kᵀ / √d_head", "attn_weights, before the mask", SITE_HEAD_ROW_SRC, true},
    [SITE_MASKED_SCORES] = {"masked_scores", "scores + mask; −∞ where src > pos", "attn_weights + causal_mask",
                            SITE_HEAD_ROW_SRC, true},
    [SITE_ATTENTION] = {"attention", "softmax(masked scores)", "attn_weights, after softmax", SITE_HEAD_ROW_SRC, true},
    [SITE_WEIGHTED_VALUES] = {"weighted_values", "attention · v", "attn_output, before c_proj", SITE_ROW_HEAD, true},
    [SITE_ATTENTION_OUTPUT] = {"attention_output", "weighted values · W_o + b_o", "attn.c_proj", SITE_ROW_MODEL, true},
    [SITE_RESIDUAL_ATTENTION] = {"residual_attention", "x + attention output", "hidden_states, after attention",
                                 SITE_ROW_MODEL, true},
    [SITE_LN_2] = {"ln_2", "LayerNorm(x)", "ln_2", SITE_ROW_MODEL, true},
    [SITE_MLP_UP] = {"mlp_up", "ln_2 · W_fc + b_fc", "mlp.c_fc", SITE_ROW_FF, true},
    [SITE_MLP_HIDDEN] = {"mlp_hidden", "GELU(mlp up)", "mlp.act", SITE_ROW_FF, true},
    [SITE_MLP_OUTPUT] = {"mlp_output", "mlp hidden · W_proj + b_proj", "mlp.c_proj", SITE_ROW_MODEL, true},
    [SITE_RESIDUAL_MLP] = {"residual_mlp", "x + mlp output", "hidden_states, after the block", SITE_ROW_MODEL, true},
    [SITE_FINAL_NORM] = {"final_norm", "LayerNorm(x)", "ln_f", SITE_ROW_MODEL, false},
    [SITE_LOGITS] = {"logits", "final norm · Eᵀ", "lm_head", SITE_ROW_VOCAB, false},
};

int site_shape(SiteId site, const Config *config, int n_rows, int n_src, int64_t shape[3]) {
    int64_t rows = n_rows;
    switch (SITES[site].shape) {
    case SITE_ROW_MODEL:
        shape[0] = rows, shape[1] = config->d_model;
        return 2;
    case SITE_ROW_FF:
        shape[0] = rows, shape[1] = config->d_ff;
        return 2;
    case SITE_ROW_VOCAB:
        shape[0] = 1, shape[1] = config->n_vocab;
        return 2;
    case SITE_ROW_HEAD:
        shape[0] = rows, shape[1] = config->n_heads, shape[2] = config->d_head;
        return 3;
    case SITE_ROW_KV_HEAD:
        shape[0] = rows, shape[1] = config->n_kv_heads, shape[2] = config->d_head;
        return 3;
    case SITE_HEAD_ROW_SRC:
        shape[0] = config->n_heads, shape[1] = rows, shape[2] = n_src;
        return 3;
    }
    return 0;
}

int64_t site_size(SiteId site, const Config *config, int n_rows, int n_src) {
    int64_t shape[3], size = 1;
    int n_dims = site_shape(site, config, n_rows, n_src, shape);
    for (int i = 0; i < n_dims; i++) size *= shape[i];
    return size;
}

int site_axes(SiteId site, const char *axes[3]) {
    static const struct {
        int n;
        const char *names[3];
    } AXES[] = {
        [SITE_ROW_MODEL] = {2, {"row", "d_model"}},
        [SITE_ROW_HEAD] = {3, {"row", "head", "d_head"}},
        [SITE_ROW_KV_HEAD] = {3, {"row", "kv_head", "d_head"}},
        [SITE_HEAD_ROW_SRC] = {3, {"head", "row", "src"}},
        [SITE_ROW_FF] = {2, {"row", "d_ff"}},
        [SITE_ROW_VOCAB] = {2, {"row", "vocab"}},
    };
    SiteShape shape = SITES[site].shape;
    for (int i = 0; i < AXES[shape].n; i++) axes[i] = AXES[shape].names[i];
    return AXES[shape].n;
}

SiteId site_find(const char *name, size_t n_bytes) {
    for (int site = 0; site < SITE_COUNT; site++)
        if (strlen(SITES[site].name) == n_bytes && memcmp(SITES[site].name, name, n_bytes) == 0) return site;
    return SITE_COUNT;
}
