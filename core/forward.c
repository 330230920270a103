// The forward pass of a GPT-2 decoder. Reading order: forward() at the end is the table of contents, then
// attention_block() and mlp_block().
//
//     x = embed(ids)
//     each layer:  x = x + attention(ln_1(x))      K and V of the new rows go into the cache; scores read all of it
//                  x = x + mlp(ln_2(x))
//     logits = head(final_norm(x))
#include "forward.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops.h"

// Buffers that live from pass to pass and grow when a longer one comes.
struct Workspace {
    float *block;
    size_t n_block;
    float *x;      // [n_rows, d_model] residual stream
    float *normed; // [n_rows, d_model]
    float *qkv;    // [n_rows, 3, n_heads, d_head]
    float *heads;  // [n_rows, n_heads, d_head] weighted values
    float *branch; // [n_rows, d_model] output of attention or MLP, before it is added to x
    float *hidden; // [n_rows, d_ff]
    float *scores; // [n_heads, n_rows, n_src]
    float *gather; // [n_rows, n_heads, d_head] q, k or v by itself, for the observer
    float *logits; // [n_logit_rows, n_vocab]
};

// What every stage of one pass needs to know.
typedef struct Context {
    const Model *model;
    const Config *config;
    Cache *cache;
    Workspace *ws;
    Pass *pass;
    int n_rows, n_src, first_position;
    int64_t observing; // nanoseconds spent in the observer
} Context;

Workspace *workspace_new(void) {
    return calloc(1, sizeof(Workspace));
}

void workspace_free(Workspace *ws) {
    if (ws) free(ws->block);
    free(ws);
}

static bool workspace_fit(Workspace *ws, const Config *c, int n_rows, int n_src, int n_logit_rows, Error *err) {
    size_t rows = n_rows, width = c->d_model, head_width = (size_t)c->n_heads * c->d_head;
    struct {
        float **buffer;
        size_t n;
    } parts[] = {
        {&ws->x, rows * width},
        {&ws->normed, rows * width},
        {&ws->qkv, rows * 3 * head_width},
        {&ws->heads, rows * head_width},
        {&ws->branch, rows * width},
        {&ws->hidden, rows * c->d_ff},
        {&ws->scores, rows * n_src * c->n_heads},
        {&ws->gather, rows * head_width},
        {&ws->logits, (size_t)n_logit_rows * c->n_vocab},
    };
    size_t total = 0, n_parts = sizeof parts / sizeof *parts;
    for (size_t i = 0; i < n_parts; i++) total += parts[i].n;
    if (total > ws->n_block) { // with room to spare: recomputation asks for a row more at every step
        total += total / 4;
        free(ws->block);
        ws->block = malloc(total * sizeof(float));
        ws->n_block = ws->block ? total : 0;
        if (!ws->block) return error_memory(err, "the activations of a pass", (double)total * sizeof(float));
        memset(ws->block, 0, total * sizeof(float)); // the pages' first use is no part of a measured pass
    }
    float *next = ws->block;
    for (size_t i = 0; i < n_parts; next += parts[i++].n) *parts[i].buffer = next;
    return true;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_observed(const Context *ctx, SiteId site) {
    const Observer *observer = ctx->pass->observer;
    return observer && (observer->sites & SITE_BIT(site));
}

static void observe(Context *ctx, SiteId site, int layer, const float *data) {
    if (!is_observed(ctx, site)) return;
    int64_t start = now();
    ctx->pass->observer->fn(ctx->pass->observer->user, site, layer, data);
    ctx->observing += now() - start;
}

// q, k and v lie beside each other in a row of qkv; an observer wants each by itself.
static void observe_part_of_qkv(Context *ctx, SiteId site, int layer, int part) {
    if (!is_observed(ctx, site)) return;
    int64_t start = now();
    size_t width = (size_t)ctx->config->n_heads * ctx->config->d_head;
    for (int row = 0; row < ctx->n_rows; row++)
        memcpy(ctx->ws->gather + row * width, ctx->ws->qkv + (3 * row + part) * width, width * sizeof(float));
    ctx->observing += now() - start;
    observe(ctx, site, layer, ctx->ws->gather);
}

static void project_qkv(Context *ctx, int layer) {
    const Config *c = ctx->config;
    Workspace *ws = ctx->ws;
    int width = c->n_heads * c->d_head;
    ops_linear(ws->qkv, ws->normed, &ctx->model->layers[layer].qkv, ctx->n_rows, &ctx->pass->cost);
    observe_part_of_qkv(ctx, SITE_Q, layer, 0);
    observe_part_of_qkv(ctx, SITE_K, layer, 1);
    observe_part_of_qkv(ctx, SITE_V, layer, 2);
    cache_append(ctx->cache, layer, ws->qkv + width, ws->qkv + 2 * width, ctx->n_rows, 3 * width);
}

// What one of K and V gives back in one layer: the slots that earlier passes filled, each read once however many rows use
// it.
static int64_t cache_read_bytes(const Context *ctx) {
    return (int64_t)ctx->config->n_kv_heads * ctx->first_position * ctx->config->d_head * (int64_t)sizeof(float);
}

// softmax(q kᵀ / √d_head + mask) v, head by head; k and v come from the cache, old slots and new ones alike.
static void attend(Context *ctx, int layer) {
    const Config *c = ctx->config;
    Workspace *ws = ctx->ws;
    Cost *cost = &ctx->pass->cost;
    int n_rows = ctx->n_rows, n_src = ctx->n_src, d_head = c->d_head, width = c->n_heads * d_head;
    size_t head_size = (size_t)n_rows * n_src;
    AttentionShape shape = {.n_rows = n_rows,
                            .n_src = n_src,
                            .n_heads = c->n_heads,
                            .n_kv_heads = c->n_kv_heads,
                            .d_head = d_head,
                            .kv_head_stride = (size_t)ctx->cache->capacity * d_head,
                            .scale = 1 / sqrtf((float)d_head)};
    ops_scores(&shape, ws->scores, ws->qkv, 3 * width, cache_keys(ctx->cache, layer, 0), cost);
    cost->cache_bytes += cache_read_bytes(ctx);
    observe(ctx, SITE_SCORES, layer, ws->scores);
    for (int head = 0; head < c->n_heads; head++)
        ops_causal_mask(ws->scores + head * head_size, n_rows, n_src, ctx->first_position);
    observe(ctx, SITE_MASKED_SCORES, layer, ws->scores);
    for (int head = 0; head < c->n_heads; head++)
        ops_softmax(ws->scores + head * head_size, n_rows, n_src, ctx->first_position);
    observe(ctx, SITE_ATTENTION, layer, ws->scores);
    ops_weighted_values(&shape, ws->heads, width, ws->scores, cache_values(ctx->cache, layer, 0), cost);
    cost->cache_bytes += cache_read_bytes(ctx);
    observe(ctx, SITE_WEIGHTED_VALUES, layer, ws->heads);
}

static void add_to_residual(Context *ctx, SiteId site, int layer) {
    ops_add(ctx->ws->x, ctx->ws->x, ctx->ws->branch, (int64_t)ctx->n_rows * ctx->config->d_model);
    observe(ctx, site, layer, ctx->ws->x);
}

static void normalise(Context *ctx, const Norm *norm, SiteId site, int layer) {
    const Config *c = ctx->config;
    ops_layer_norm(ctx->ws->normed, ctx->ws->x, norm, ctx->n_rows, c->d_model, c->norm_epsilon, &ctx->pass->cost);
    observe(ctx, site, layer, ctx->ws->normed);
}

static void attention_block(Context *ctx, int layer) {
    const Layer *weights = &ctx->model->layers[layer];
    normalise(ctx, &weights->ln_1, SITE_LN_1, layer);
    project_qkv(ctx, layer);
    attend(ctx, layer);
    ops_linear(ctx->ws->branch, ctx->ws->heads, &weights->attention_output, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_ATTENTION_OUTPUT, layer, ctx->ws->branch);
    add_to_residual(ctx, SITE_RESIDUAL_ATTENTION, layer);
}

static void mlp_block(Context *ctx, int layer) {
    const Layer *weights = &ctx->model->layers[layer];
    Workspace *ws = ctx->ws;
    normalise(ctx, &weights->ln_2, SITE_LN_2, layer);
    ops_linear(ws->hidden, ws->normed, &weights->mlp_up, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_MLP_UP, layer, ws->hidden);
    ops_gelu(ws->hidden, ws->hidden, (int64_t)ctx->n_rows * ctx->config->d_ff);
    observe(ctx, SITE_MLP_HIDDEN, layer, ws->hidden);
    ops_linear(ws->branch, ws->hidden, &weights->mlp_down, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_MLP_OUTPUT, layer, ws->branch);
    add_to_residual(ctx, SITE_RESIDUAL_MLP, layer);
}

static bool unembed(Context *ctx, Error *err) {
    const Config *c = ctx->config;
    Pass *pass = ctx->pass;
    Workspace *ws = ctx->ws;
    normalise(ctx, &ctx->model->final_norm, SITE_FINAL_NORM, 0);
    const float *last_rows = ws->normed + (size_t)(ctx->n_rows - pass->n_logit_rows) * c->d_model;
    ops_linear(ws->logits, last_rows, &ctx->model->head, pass->n_logit_rows, &pass->cost);
    for (size_t i = 0; i < (size_t)pass->n_logit_rows * c->n_vocab; i++)
        if (!isfinite(ws->logits[i]))
            return error_set(err,
                             "%s computes logits that are not finite numbers: its weights are too large or damaged; "
                             "download or export the model again",
                             c->name);
    observe(ctx, SITE_LOGITS, 0, ws->logits + (size_t)(pass->n_logit_rows - 1) * c->n_vocab);
    pass->logits = ws->logits;
    return true;
}

static bool is_cancelled(const Pass *pass) {
    return pass->control && atomic_load_explicit(&pass->control->cancel, memory_order_relaxed);
}

bool forward(const Model *model, Cache *cache, Workspace *ws, Pass *pass, Error *err) {
    const Config *c = &model->config;
    assert(pass->n_rows > 0 && pass->n_logit_rows > 0 && pass->n_logit_rows <= pass->n_rows);
    if (cache->length + pass->n_rows > cache->capacity)
        return error_set(err, "the cache holds %d of %d tokens and %d more do not fit; use a shorter prompt", cache->length,
                         cache->capacity, pass->n_rows);
    Context ctx = {.model = model,
                   .config = c,
                   .cache = cache,
                   .ws = ws,
                   .pass = pass,
                   .n_rows = pass->n_rows,
                   .n_src = cache->length + pass->n_rows,
                   .first_position = cache->length};
    if (!workspace_fit(ws, c, ctx.n_rows, ctx.n_src, pass->n_logit_rows, err)) return false;
    cache_truncate(cache, cache->length); // forget what a pass that failed has left
    pass->cost = (Cost){.counted = true};
    int64_t start = now();

    ops_embed(ws->x, model, pass->ids, ctx.n_rows, ctx.first_position, &pass->cost);
    observe(&ctx, SITE_EMBEDDING, 0, ws->x);
    for (int layer = 0; layer < c->n_layers; layer++) {
        if (is_cancelled(pass)) return error_set(err, "cancelled");
        attention_block(&ctx, layer);
        mlp_block(&ctx, layer);
        if (pass->control) atomic_fetch_add_explicit(&pass->control->done, pass->n_rows, memory_order_relaxed);
    }
    if (!unembed(&ctx, err)) return false;

    pass->cost.nanoseconds = now() - start - ctx.observing;
    cache_advance(cache, ctx.n_rows);
    return true;
}
