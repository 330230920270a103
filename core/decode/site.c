#include "core/decode/site.h"

#include <string.h>

#include "core/base/language.h"

const Site SITES[SITE_COUNT] = {
    [SITE_EMBEDDING] = {"embedding", N_("x = E[token], + P[position] where positions are learned"),
                        "wte(input_ids) + wpe(position_ids)", "embed_tokens(input_ids)", SITE_ROW_MODEL,
                        false},
    [SITE_LN_1] = {"ln_1", "norm(x)", "ln_1", "input_layernorm", SITE_ROW_MODEL, true},
    [SITE_Q] = {"q", "ln_1 · W_q + b_q", "query_states, from c_attn", "q_proj", SITE_ROW_HEAD, true},
    [SITE_K] = {"k", "ln_1 · W_k + b_k", "key_states, from c_attn", "k_proj", SITE_ROW_KV_HEAD, true},
    [SITE_V] = {"v", "ln_1 · W_v + b_v", "value_states, from c_attn", "v_proj", SITE_ROW_KV_HEAD, true},
    [SITE_Q_NORM] = {"q_norm", N_("RMSNorm(q), each head by itself"), NULL, "q_norm", SITE_ROW_HEAD, true},
    [SITE_K_NORM] = {"k_norm", N_("RMSNorm(k), each head by itself"), NULL, "k_norm", SITE_ROW_KV_HEAD, true},
    [SITE_Q_ROTATED] = {"q_rotated", "RoPE(q, position)", NULL, "query_states, after apply_rotary_pos_emb",
                        SITE_ROW_HEAD, true},
    [SITE_K_ROTATED] = {"k_rotated", "RoPE(k, position)", NULL, "key_states, after apply_rotary_pos_emb",
                        SITE_ROW_KV_HEAD, true},
    [SITE_SCORES] = {"scores", "q · kᵀ / √d_head", "attn_weights, before the mask",
                     "attn_weights, before the mask", SITE_HEAD_ROW_KEY, true},
    [SITE_MASKED_SCORES] = {"masked_scores", N_("scores + mask; −∞ where src > pos"),
                            "attn_weights + causal_mask", "attn_weights + causal_mask", SITE_HEAD_ROW_KEY,
                            true},
    [SITE_ATTENTION] = {"attention", "softmax(masked scores)", "attn_weights, after softmax",
                        "attn_weights, after softmax", SITE_HEAD_ROW_KEY, true},
    [SITE_WEIGHTED_VALUES] = {"weighted_values", "attention · v", "attn_output, before c_proj",
                              "attn_output, before o_proj", SITE_ROW_HEAD, true},
    [SITE_ATTENTION_OUTPUT] = {"attention_output", "weighted values · W_o + b_o", "attn.c_proj",
                               "self_attn.o_proj", SITE_ROW_MODEL, true},
    [SITE_RESIDUAL_ATTENTION] = {"residual_attention", "x + attention output",
                                 "hidden_states, after attention", "hidden_states, after attention",
                                 SITE_ROW_MODEL, true},
    [SITE_CROSS_NORM] = {"cross_norm", "norm(x)", "ln_cross_attn", NULL, SITE_ROW_MODEL, true},
    [SITE_CROSS_Q] = {"cross_q", "cross_norm · W_q + b_q", "query_states, from crossattention.q_attn", NULL,
                      SITE_ROW_HEAD, true},
    [SITE_CROSS_K] = {"cross_k", N_("encoder output · W_k + b_k, once"),
                      "key_states, from crossattention.c_attn", NULL, SITE_SOURCE_HEAD, true},
    [SITE_CROSS_V] = {"cross_v", N_("encoder output · W_v + b_v, once"),
                      "value_states, from crossattention.c_attn", NULL, SITE_SOURCE_HEAD, true},
    [SITE_CROSS_SCORES] = {"cross_scores", N_("q · kᵀ / √d_head, no mask"),
                           "attn_weights of crossattention, before softmax", NULL, SITE_HEAD_ROW_SOURCE,
                           true},
    [SITE_CROSS_ATTENTION] = {"cross_attention", "softmax(cross scores)", "cross_attentions", NULL,
                              SITE_HEAD_ROW_SOURCE, true},
    [SITE_CROSS_WEIGHTED_VALUES] = {"cross_weighted_values", "cross attention · v",
                                    "attn_output, before its c_proj", NULL, SITE_ROW_HEAD, true},
    [SITE_CROSS_OUTPUT] = {"cross_output", "cross weighted values · W_o + b_o", "crossattention.c_proj", NULL,
                           SITE_ROW_MODEL, true},
    [SITE_RESIDUAL_CROSS] = {"residual_cross", "x + cross output", "hidden_states, after cross-attention",
                             NULL, SITE_ROW_MODEL, true},
    [SITE_LN_2] = {"ln_2", "norm(x)", "ln_2", "post_attention_layernorm", SITE_ROW_MODEL, true},
    [SITE_MLP_GATE] = {"mlp_gate", "ln_2 · W_gate + b_gate", NULL, "mlp.gate_proj", SITE_ROW_FF, true},
    [SITE_MLP_UP] = {"mlp_up", "ln_2 · W_up + b_up", "mlp.c_fc", "mlp.up_proj", SITE_ROW_FF, true},
    [SITE_MLP_HIDDEN] = {"mlp_hidden", N_("GELU or ReLU(mlp up), or SiLU(mlp gate) · mlp up"), "mlp.act",
                         "act_fn(gate) * up", SITE_ROW_FF, true},
    [SITE_MLP_OUTPUT] = {"mlp_output", "mlp hidden · W_down + b_down", "mlp.c_proj", "mlp.down_proj",
                         SITE_ROW_MODEL, true},
    [SITE_RESIDUAL_MLP] = {"residual_mlp", "x + mlp output", "hidden_states, after the block",
                           "hidden_states, after the block", SITE_ROW_MODEL, true},
    [SITE_FINAL_NORM] = {"final_norm", "norm(x)", "ln_f", "norm", SITE_ROW_MODEL, false},
    [SITE_LOGITS] = {"logits", "final norm · W_headᵀ", "lm_head", "lm_head", SITE_ROW_VOCAB, false},
};

static const SiteMask CROSS_SITES =
    SITE_BIT(SITE_CROSS_NORM) | SITE_BIT(SITE_CROSS_Q) | SITE_BIT(SITE_CROSS_K) | SITE_BIT(SITE_CROSS_V) |
    SITE_BIT(SITE_CROSS_SCORES) | SITE_BIT(SITE_CROSS_ATTENTION) | SITE_BIT(SITE_CROSS_WEIGHTED_VALUES) |
    SITE_BIT(SITE_CROSS_OUTPUT) | SITE_BIT(SITE_RESIDUAL_CROSS);

SiteMask sites_of(const Config *config, int n_source) {
    SiteMask sites = SITE_ALL;
    if (!config->qk_norm) sites &= ~(SITE_BIT(SITE_Q_NORM) | SITE_BIT(SITE_K_NORM));
    if (config->positions != POSITIONS_ROPE) sites &= ~(SITE_BIT(SITE_Q_ROTATED) | SITE_BIT(SITE_K_ROTATED));
    if (!config->cross_attention || n_source == 0) sites &= ~CROSS_SITES;
    if (config->mlp != MLP_SWIGLU) sites &= ~SITE_BIT(SITE_MLP_GATE);
    return sites;
}

int site_shape(SiteId site, const Config *config, const PassShape *pass, int64_t shape[3]) {
    int64_t rows = pass->n_rows;
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
    case SITE_HEAD_ROW_SOURCE:
        shape[0] = config->n_heads, shape[1] = rows, shape[2] = pass->n_source;
        return 3;
    case SITE_SOURCE_HEAD:
        shape[0] = pass->n_source, shape[1] = config->n_heads, shape[2] = config->d_head;
        return 3;
    case SITE_HEAD_ROW_KEY:
        shape[0] = config->n_heads, shape[1] = rows, shape[2] = pass->n_keys;
        return 3;
    }
    return 0;
}

int64_t site_size(SiteId site, const Config *config, const PassShape *pass) {
    int64_t shape[3], size = 1;
    int n_dims = site_shape(site, config, pass, shape);
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
        [SITE_HEAD_ROW_KEY] = {3, {"head", "row", "key"}},
        [SITE_HEAD_ROW_SOURCE] = {3, {"head", "row", "source"}},
        [SITE_SOURCE_HEAD] = {3, {"source", "head", "d_head"}},
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
