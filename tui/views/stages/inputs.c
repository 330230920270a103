// What a stage reads, and its formula with the sizes of this row in it.
#include "tui/views/stages/stages_internal.h"

#include <stdio.h>

SiteId stages_q_site(const Config *config) {
    return config->positions == POSITIONS_ROPE ? SITE_Q_ROTATED : config->qk_norm ? SITE_Q_NORM : SITE_Q;
}

SiteId stages_k_site(const Config *config) {
    return config->positions == POSITIONS_ROPE ? SITE_K_ROTATED : config->qk_norm ? SITE_K_NORM : SITE_K;
}

// Inputs that are another site in another model.
enum {
    STREAM = SITE_COUNT, // the residual stream where a layer begins
    MIDDLE,              // and where its MLP begins
    UNROTATED_Q,         // q as RoPE finds it
    UNROTATED_K,
    FINAL_Q, // q as it meets the keys
    FINAL_K  // and k as the cache keeps it
};

static const struct {
    Origin origin;
    int site;
} READS[SITE_COUNT][MOST_INPUTS] = {
    [SITE_EMBEDDING] = {{FROM_TOKEN, SITE_EMBEDDING}},
    [SITE_LN_1] = {{FROM_PASS, STREAM}},
    [SITE_Q] = {{FROM_PASS, SITE_LN_1}},
    [SITE_K] = {{FROM_PASS, SITE_LN_1}},
    [SITE_V] = {{FROM_PASS, SITE_LN_1}},
    [SITE_Q_NORM] = {{FROM_PASS, SITE_Q}},
    [SITE_K_NORM] = {{FROM_PASS, SITE_K}},
    [SITE_Q_ROTATED] = {{FROM_PASS, UNROTATED_Q}},
    [SITE_K_ROTATED] = {{FROM_PASS, UNROTATED_K}},
    [SITE_SCORES] = {{FROM_PASS, FINAL_Q}, {FROM_CACHE, FINAL_K}},
    [SITE_MASKED_SCORES] = {{FROM_PASS, SITE_SCORES}},
    [SITE_ATTENTION] = {{FROM_PASS, SITE_MASKED_SCORES}},
    [SITE_WEIGHTED_VALUES] = {{FROM_PASS, SITE_ATTENTION}, {FROM_CACHE, SITE_V}},
    [SITE_ATTENTION_OUTPUT] = {{FROM_PASS, SITE_WEIGHTED_VALUES}},
    [SITE_RESIDUAL_ATTENTION] = {{FROM_PASS, STREAM}, {FROM_PASS, SITE_ATTENTION_OUTPUT}},
    [SITE_CROSS_NORM] = {{FROM_PASS, SITE_RESIDUAL_ATTENTION}},
    [SITE_CROSS_Q] = {{FROM_PASS, SITE_CROSS_NORM}},
    [SITE_CROSS_K] = {{FROM_ENCODER, SITE_CROSS_K}},
    [SITE_CROSS_V] = {{FROM_ENCODER, SITE_CROSS_V}},
    [SITE_CROSS_SCORES] = {{FROM_PASS, SITE_CROSS_Q}, {FROM_CROSS_CACHE, SITE_CROSS_K}},
    [SITE_CROSS_ATTENTION] = {{FROM_PASS, SITE_CROSS_SCORES}},
    [SITE_CROSS_WEIGHTED_VALUES] = {{FROM_PASS, SITE_CROSS_ATTENTION}, {FROM_CROSS_CACHE, SITE_CROSS_V}},
    [SITE_CROSS_OUTPUT] = {{FROM_PASS, SITE_CROSS_WEIGHTED_VALUES}},
    [SITE_RESIDUAL_CROSS] = {{FROM_PASS, SITE_RESIDUAL_ATTENTION}, {FROM_PASS, SITE_CROSS_OUTPUT}},
    [SITE_LN_2] = {{FROM_PASS, MIDDLE}},
    [SITE_MLP_GATE] = {{FROM_PASS, SITE_LN_2}},
    [SITE_MLP_UP] = {{FROM_PASS, SITE_LN_2}},
    [SITE_MLP_HIDDEN] = {{FROM_PASS, SITE_MLP_GATE}, {FROM_PASS, SITE_MLP_UP}},
    [SITE_MLP_OUTPUT] = {{FROM_PASS, SITE_MLP_HIDDEN}},
    [SITE_RESIDUAL_MLP] = {{FROM_PASS, MIDDLE}, {FROM_PASS, SITE_MLP_OUTPUT}},
    [SITE_FINAL_NORM] = {{FROM_PASS, STREAM}},
    [SITE_LOGITS] = {{FROM_PASS, SITE_FINAL_NORM}},
};

static SiteId site_in(const Timeline *run, int site, int layer) {
    const Config *c = &run->config;
    switch (site) {
    case STREAM:
        return layer > 0 ? SITE_RESIDUAL_MLP : SITE_EMBEDDING;
    case MIDDLE:
        return stages_has(run, SITE_RESIDUAL_CROSS) ? SITE_RESIDUAL_CROSS : SITE_RESIDUAL_ATTENTION;
    case UNROTATED_Q:
        return c->qk_norm ? SITE_Q_NORM : SITE_Q;
    case UNROTATED_K:
        return c->qk_norm ? SITE_K_NORM : SITE_K;
    case FINAL_Q:
        return stages_q_site(c);
    case FINAL_K:
        return stages_k_site(c);
    default:
        return (SiteId)site;
    }
}

int stages_inputs(const Timeline *run, Stage stage, Input inputs[MOST_INPUTS]) {
    int n = 0, layer = stage.site == SITE_FINAL_NORM ? run->config.n_layers : stage.layer;
    for (int i = 0; i < MOST_INPUTS; i++) {
        Origin origin = READS[stage.site][i].origin;
        int named = READS[stage.site][i].site;
        SiteId site = site_in(run, named, layer);
        if (origin == FROM_NOWHERE || !stages_has(run, site)) continue; // a GELU has no gate
        bool is_stage = origin != FROM_TOKEN && origin != FROM_ENCODER;
        inputs[n++] =
            (Input){origin, site, is_stage ? stages_find(run, site, layer - (named == STREAM)) : -1};
    }
    return n;
}

// ---- the formula here ---------------------------------------------------------------------------

// How many numbers a row has there, all heads together.
static int width_of(const Config *c, SiteId site) {
    switch (SITES[site].shape) {
    case SITE_ROW_HEAD:
    case SITE_SOURCE_HEAD:
        return c->n_heads * c->d_head;
    case SITE_ROW_KV_HEAD:
        return c->n_kv_heads * c->d_head;
    case SITE_ROW_FF:
        return c->d_ff;
    case SITE_ROW_VOCAB:
        return c->n_vocab;
    default:
        return c->d_model;
    }
}

static bool has_bias(const Config *c, SiteId site) {
    switch (SITES[site].shape) {
    case SITE_ROW_VOCAB:
        return false;
    case SITE_ROW_FF:
        return c->mlp_bias;
    case SITE_ROW_MODEL:
        return site == SITE_MLP_OUTPUT ? c->mlp_bias : site == SITE_CROSS_OUTPUT || c->attention_output_bias;
    default:
        return site == SITE_CROSS_Q || site == SITE_CROSS_K || site == SITE_CROSS_V || c->qkv_bias;
    }
}

// Rows · a weight matrix [n_in, n_out], and perhaps a bias.
static void product_here(const Stop *stop, char *out, size_t size) {
    const Config *c = stop->config;
    SiteId site = stop->stage.site, input = (SiteId)READS[site][0].site;
    int n_rows = SITES[site].shape == SITE_SOURCE_HEAD ? stop->app->timeline->n_source : 1;
    int n_in = n_rows > 1 ? c->d_model : width_of(c, input), n_out = width_of(c, site);
    int used = snprintf(out, size, "[%d, %d] · [%d, %d]", n_rows, n_in, n_in, n_out);
    if (has_bias(c, site)) snprintf(out + used, size - (size_t)used, " + [%d]", n_out);
}

static void scores_here(const Stop *stop, char *out, size_t size) {
    const Config *c = stop->config;
    double divisor = 1 / (double)c->score_scale[stop->stage.layer];
    if (config_scales_by_layer(c))
        snprintf(out, size, _("q · kᵀ / %.4g, divided by layer + 1 too"), divisor);
    else if (config_scores_are_unscaled(c))
        snprintf(out, size, _("q · kᵀ: this model does not divide"));
    else
        snprintf(out, size, "q · kᵀ / √%d = q · kᵀ / %.4g", c->d_head, divisor);
}

static void mask_here(const Stop *stop, bool ascii, char *out, size_t size) {
    int position = app_masked_as(stop->app, stop->position);
    int first = place_first_seen(config_window(stop->config, stop->stage.layer), position);
    int used = snprintf(out, size, _("%s where src > %d"), ascii ? "-inf" : "−∞", position);
    if (first > 0) snprintf(out + used, size - (size_t)used, _(" or src < %d: its window"), first);
}

static void softmax_here(const Stop *stop, char *out, size_t size) {
    int position = app_masked_as(stop->app, stop->position);
    int first = place_first_seen(config_window(stop->config, stop->stage.layer), position);
    snprintf(out, size, _("%d of %d scores become weights, sum 1"), position + 1 - first,
             step_n_tokens(stop->step));
}

static void embedding_here(const Stop *stop, char *out, size_t size) {
    int id = stop->app->timeline->tokens[stop->position].id;
    int used = snprintf(out, size, "E[%d]", id);
    if (stop->config->positions == POSITIONS_LEARNED)
        snprintf(out + used, size - (size_t)used, " + P[%d]", stop->position);
}

void stages_formula_here(const Stop *stop, bool ascii, char *out, size_t size) {
    static const SiteMask PRODUCTS =
        SITE_BIT(SITE_Q) | SITE_BIT(SITE_K) | SITE_BIT(SITE_V) | SITE_BIT(SITE_ATTENTION_OUTPUT) |
        SITE_BIT(SITE_CROSS_Q) | SITE_BIT(SITE_CROSS_K) | SITE_BIT(SITE_CROSS_V) |
        SITE_BIT(SITE_CROSS_OUTPUT) | SITE_BIT(SITE_MLP_GATE) | SITE_BIT(SITE_MLP_UP) |
        SITE_BIT(SITE_MLP_OUTPUT) | SITE_BIT(SITE_LOGITS);
    static const SiteMask NORMS =
        SITE_BIT(SITE_LN_1) | SITE_BIT(SITE_CROSS_NORM) | SITE_BIT(SITE_LN_2) | SITE_BIT(SITE_FINAL_NORM);
    static const char *const ACTIVATIONS[] = {[MLP_GELU_TANH] = N_("GELU(mlp up), its tanh form"),
                                              [MLP_GELU_ERF] = "GELU(mlp up)",
                                              [MLP_RELU] = "ReLU(mlp up)",
                                              [MLP_SWIGLU] = N_("SiLU(mlp gate) · mlp up, one by one")};
    const Config *c = stop->config;
    SiteId site = stop->stage.site;
    out[0] = '\0';
    if (PRODUCTS & SITE_BIT(site)) product_here(stop, out, size);
    if (NORMS & SITE_BIT(site))
        snprintf(out, size, _("%s over %d numbers"), c->norm == NORM_RMS ? "RMSNorm" : "LayerNorm",
                 c->d_model);
    if (site == SITE_EMBEDDING) embedding_here(stop, out, size);
    if (site == SITE_Q_ROTATED || site == SITE_K_ROTATED)
        snprintf(out, size, _("turned by position %d"), stop->position);
    if (site == SITE_SCORES || site == SITE_CROSS_SCORES) scores_here(stop, out, size);
    if (site == SITE_MASKED_SCORES) mask_here(stop, ascii, out, size);
    if (site == SITE_ATTENTION) softmax_here(stop, out, size);
    if (site == SITE_MLP_HIDDEN) snprintf(out, size, "%s", _(ACTIVATIONS[c->mlp]));
}
