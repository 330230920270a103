// The forward pass of a decoder. Reading order: forward() at the end is the table of contents, then
// attention_block(), cross_attention_block() and mlp_block().
//
//     x = embed(ids)
//     each layer:  x = x + attention(ln_1(x))           K and V of the new rows go into the cache; scores
//     read all of it
//                  x = x + cross_attention(norm(x))     in an encoder-decoder: K and V of the source, from
//                  their own cache x = x + mlp(ln_2(x))
//     logits = head(final_norm(x))
#include "core/decode/forward.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/math/ops.h"

// Buffers that live from pass to pass and grow when a longer one comes.
struct Workspace {
    float *block;
    size_t n_block;
    float *x;         // [n_rows, d_model] residual stream
    float *normed;    // [n_rows, d_model]
    float *qkv;       // [n_rows, (n_heads + 2 n_kv_heads) · d_head]; cross-attention's q too
    float *heads;     // [n_rows, n_heads, d_head] weighted values
    float *sublayer;  // [n_rows, d_model] output of attention or MLP, before it is added to x
    float *up;        // [n_rows, d_ff], SwiGLU [n_rows, 2, d_ff]
    float *hidden;    // [n_rows, d_ff]
    float *scores;    // [n_heads, n_rows, n_keys or n_source]
    float *gather;    // a part of a wider row by itself, for the observer
    float *rotation;  // [n_rows, d_head] RoPE's cosines and sines
    float *cross_kv;  // [n_source, 2, n_heads, d_head] on the way to their cache
    float *logits;    // [n_logit_rows, n_vocab]
    Place *places;    // [2, n_places] of the rows or the source; of the rows as the mask sees them
    MaskRow *visible; // [n_places] the mask of the rows
    int n_places;
};

// What every stage of one pass needs to know.
typedef struct Context {
    const Model *model;
    const Config *config;
    Cache *cache;
    Workspace *ws;
    Pass *pass;
    const Place *rows; // [n_rows]
    int n_rows, n_keys, n_source;
    bool fills_cross;
    int qkv_width;
    Mask mask;         // of the layer at hand
    int64_t observing; // nanoseconds spent in the observer
} Context;

Workspace *workspace_new(void) {
    return calloc(1, sizeof(Workspace));
}

void workspace_free(Workspace *ws) {
    if (!ws) return;
    free(ws->block);
    free(ws->places);
    free(ws->visible);
    free(ws);
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

// Room for the rows' places and their mask, and for the source's places.
static bool fit_places(Workspace *ws, int n, Error *err) {
    if (n <= ws->n_places) return true;
    Place *places = realloc(ws->places, 2 * (size_t)n * sizeof *places);
    if (places) ws->places = places;
    MaskRow *visible = realloc(ws->visible, (size_t)n * sizeof *visible);
    if (visible) ws->visible = visible;
    if (!places || !visible)
        return error_no_memory(err, "the activations of a pass", (double)n * sizeof *places);
    ws->n_places = n;
    return true;
}

static bool workspace_fit(Workspace *ws, const Context *ctx, Error *err) {
    const Config *c = ctx->config;
    size_t rows = ctx->n_rows, width = c->d_model, head_width = (size_t)c->n_heads * c->d_head;
    size_t n_source = ctx->n_source, gates = c->mlp == MLP_SWIGLU ? 2 : 0;
    struct {
        float **buffer;
        size_t n;
    } parts[] = {
        {&ws->x, rows * width},
        {&ws->normed, rows * width},
        {&ws->qkv, rows * ctx->qkv_width},
        {&ws->heads, rows * head_width},
        {&ws->sublayer, rows * width},
        {&ws->up, rows * gates * c->d_ff},
        {&ws->hidden, rows * c->d_ff},
        {&ws->scores, rows * c->n_heads * larger(ctx->n_keys, n_source)},
        {&ws->gather, larger(rows * larger(head_width, c->d_ff), n_source * head_width)},
        {&ws->rotation, c->positions == POSITIONS_ROPE ? rows * c->d_head : 0},
        {&ws->cross_kv, n_source * 2 * head_width},
        {&ws->logits, (size_t)ctx->pass->n_logit_rows * c->n_vocab},
    };
    size_t total = 0, n_parts = sizeof parts / sizeof *parts;
    for (size_t i = 0; i < n_parts; i++) total += parts[i].n;
    if (total > ws->n_block) { // with room to spare: recomputation asks for a row more at every step
        total += total / 4;
        free(ws->block);
        ws->block = malloc(total * sizeof(float));
        ws->n_block = ws->block ? total : 0;
        if (!ws->block)
            return error_no_memory(err, "the activations of a pass", (double)total * sizeof(float));
        memset(ws->block, 0, total * sizeof(float)); // the pages' first use is no part of a measured pass
    }
    float *next = ws->block;
    for (size_t i = 0; i < n_parts; next += parts[i++].n) *parts[i].buffer = next;
    return true;
}

static bool is_observed(const Context *ctx, SiteId site) {
    const Observer *observer = ctx->pass->observer;
    return observer && (observer->sites & SITE_BIT(site));
}

static void observe(Context *ctx, SiteId site, int layer, const float *data) {
    if (!is_observed(ctx, site)) return;
    int64_t start = clock_now();
    ctx->pass->observer->fn(ctx->pass->observer->user, site, layer, data);
    ctx->observing += clock_now() - start;
}

// Several results lie beside each other in a row; an observer wants each by itself: `n` floats from `offset`
// on.
static void observe_part(Context *ctx, SiteId site, int layer, const float *rows, int n_rows, int stride,
                         int offset, int n) {
    if (!is_observed(ctx, site)) return;
    int64_t start = clock_now();
    for (int row = 0; row < n_rows; row++)
        memcpy(ctx->ws->gather + (size_t)row * n, rows + (size_t)row * stride + offset,
               (size_t)n * sizeof(float));
    ctx->observing += clock_now() - start;
    observe(ctx, site, layer, ctx->ws->gather);
}

static void observe_qk(Context *ctx, SiteId q, SiteId k, int layer) {
    int d_q = ctx->config->n_heads * ctx->config->d_head,
        d_kv = ctx->config->n_kv_heads * ctx->config->d_head;
    observe_part(ctx, q, layer, ctx->ws->qkv, ctx->n_rows, ctx->qkv_width, 0, d_q);
    observe_part(ctx, k, layer, ctx->ws->qkv, ctx->n_rows, ctx->qkv_width, d_q, d_kv);
}

// q, k and v of the new rows; k and v go into the cache, k as RoPE has rotated it.
static void project_qkv(Context *ctx, int layer) {
    const Config *c = ctx->config;
    const Layer *weights = &ctx->model->layers[layer];
    int d_q = c->n_heads * c->d_head, d_kv = c->n_kv_heads * c->d_head, width = ctx->qkv_width;
    float *q = ctx->ws->qkv, *k = q + d_q, *v = k + d_kv;
    Cost *cost = &ctx->pass->cost;
    ops_linear(q, ctx->ws->normed, &weights->qkv, ctx->n_rows, cost);
    observe_qk(ctx, SITE_Q, SITE_K, layer);
    observe_part(ctx, SITE_V, layer, q, ctx->n_rows, width, d_q + d_kv, d_kv);
    if (c->qk_norm) {
        ops_norm_heads(q, width, &weights->q_norm, ctx->n_rows, c->n_heads, cost);
        ops_norm_heads(k, width, &weights->k_norm, ctx->n_rows, c->n_kv_heads, cost);
        observe_qk(ctx, SITE_Q_NORM, SITE_K_NORM, layer);
    }
    if (c->positions == POSITIONS_ROPE) {
        rope_rotate(q, width, ctx->ws->rotation, ctx->n_rows, c->n_heads + c->n_kv_heads,
                    c->d_head); // k follows q in a row
        observe_qk(ctx, SITE_Q_ROTATED, SITE_K_ROTATED, layer);
    }
    cache_append(ctx->cache, layer, k, v, width);
}

static Attention attention_over(const Context *ctx, const Cache *cache, int layer) {
    return (Attention){.n_rows = ctx->n_rows,
                       .n_keys = cache_n_columns(cache),
                       .n_heads = ctx->config->n_heads,
                       .n_kv_heads = cache->shape.n_kv_heads,
                       .d_head = cache->shape.d_head,
                       .scale = ctx->config->score_scale[layer],
                       .keys = cache_keys(cache, layer),
                       .values = cache_values(cache, layer),
                       .q = ctx->ws->qkv,
                       .scores = ctx->ws->scores,
                       .out = ctx->ws->heads};
}

// What one of K and V gives back in one layer: the slots that earlier passes filled, each read once however
// many rows and query heads use it.
static int64_t read_bytes(const Context *ctx, const Cache *cache, int n_slots) {
    return (int64_t)cache->shape.n_kv_heads * n_slots * ctx->config->d_head * (int64_t)sizeof(float);
}

// Layers with the same window have the same mask.
static void set_window(Context *ctx, int window) {
    if (ctx->mask.window == window) return;
    ctx->mask.window = window;
    mask_fill(&ctx->mask);
}

// softmax(q kᵀ · scale + mask) v; k and v come from the cache, old slots and new ones alike.
static void attend(Context *ctx, int layer) {
    Cost *cost = &ctx->pass->cost;
    Attention attention = attention_over(ctx, ctx->cache, layer);
    int64_t bytes = read_bytes(ctx, ctx->cache, ctx->n_keys - ctx->n_rows);
    set_window(ctx, config_window(ctx->config, layer));
    attention.mask = &ctx->mask;
    attention.q_stride = ctx->qkv_width;
    attention_scores(&attention, cost);
    cost->cache_bytes += bytes;
    observe(ctx, SITE_SCORES, layer, attention.scores);
    attention_mask(&attention);
    observe(ctx, SITE_MASKED_SCORES, layer, attention.scores);
    attention_softmax(&attention);
    observe(ctx, SITE_ATTENTION, layer, attention.scores);
    attention_weighted_values(&attention, cost);
    cost->cache_bytes += bytes;
    observe(ctx, SITE_WEIGHTED_VALUES, layer, attention.out);
}

static void add_to_residual(Context *ctx, SiteId site, int layer) {
    ops_add(ctx->ws->x, ctx->ws->x, ctx->ws->sublayer, (int64_t)ctx->n_rows * ctx->config->d_model);
    observe(ctx, site, layer, ctx->ws->x);
}

static void normalise(Context *ctx, const Norm *norm, SiteId site, int layer) {
    ops_norm(ctx->ws->normed, ctx->ws->x, norm, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, site, layer, ctx->ws->normed);
}

static void attention_block(Context *ctx, int layer) {
    const Layer *weights = &ctx->model->layers[layer];
    normalise(ctx, &weights->ln_1, SITE_LN_1, layer);
    project_qkv(ctx, layer);
    attend(ctx, layer);
    ops_linear(ctx->ws->sublayer, ctx->ws->heads, &weights->attention_output, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_ATTENTION_OUTPUT, layer, ctx->ws->sublayer);
    add_to_residual(ctx, SITE_RESIDUAL_ATTENTION, layer);
}

// K and V of the source: projected from the encoder's output by the first pass, and kept.
static void fill_cross_cache(Context *ctx, int layer) {
    Cache *cross = ctx->pass->cross;
    int width = cross->shape.n_kv_heads * cross->shape.d_head;
    int64_t before = ctx->pass->cost.flops;
    float *kv = ctx->ws->cross_kv;
    ops_linear(kv, ctx->pass->source, &ctx->model->layers[layer].cross.kv, ctx->n_source, &ctx->pass->cost);
    ctx->pass->cost.cross_kv_flops += ctx->pass->cost.flops - before;
    cache_append(cross, layer, kv, kv + width, 2 * width);
}

// Gathers cross-attention's K or V of one layer as [n_source, n_heads, d_head].
static void observe_cross_cache(Context *ctx, SiteId site, int layer, KvSpans kv) {
    if (!is_observed(ctx, site)) return;
    int64_t start = clock_now();
    size_t d_head = ctx->config->d_head, n_heads = ctx->config->n_heads;
    for (size_t head = 0; head < n_heads; head++)
        for (int src = 0; src < ctx->n_source; src++)
            memcpy(ctx->ws->gather + ((size_t)src * n_heads + head) * d_head,
                   (const float *)kv.spans[head].data + src * d_head, d_head * sizeof(float));
    ctx->observing += clock_now() - start;
    observe(ctx, site, layer, ctx->ws->gather);
}

// softmax(q kᵀ · scale) v over the whole source, without a mask.
static void attend_to_source(Context *ctx, int layer) {
    const Cache *cross = ctx->pass->cross;
    Cost *cost = &ctx->pass->cost;
    Attention attention = attention_over(ctx, cross, layer);
    attention.q_stride = ctx->config->n_heads * ctx->config->d_head;
    observe_cross_cache(ctx, SITE_CROSS_K, layer, attention.keys);
    observe_cross_cache(ctx, SITE_CROSS_V, layer, attention.values);
    attention_scores(&attention, cost);
    observe(ctx, SITE_CROSS_SCORES, layer, attention.scores);
    attention_softmax(&attention);
    observe(ctx, SITE_CROSS_ATTENTION, layer, attention.scores);
    attention_weighted_values(&attention, cost);
    if (!ctx->fills_cross) cost->cross_cache_bytes += 2 * read_bytes(ctx, cross, ctx->n_source);
    observe(ctx, SITE_CROSS_WEIGHTED_VALUES, layer, attention.out);
}

static void cross_attention_block(Context *ctx, int layer) {
    const CrossAttention *weights = &ctx->model->layers[layer].cross;
    Workspace *ws = ctx->ws;
    normalise(ctx, &weights->norm, SITE_CROSS_NORM, layer);
    ops_linear(ws->qkv, ws->normed, &weights->q, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_CROSS_Q, layer, ws->qkv);
    if (ctx->fills_cross) fill_cross_cache(ctx, layer);
    attend_to_source(ctx, layer);
    ops_linear(ws->sublayer, ws->heads, &weights->output, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_CROSS_OUTPUT, layer, ws->sublayer);
    add_to_residual(ctx, SITE_RESIDUAL_CROSS, layer);
}

static void swiglu(Context *ctx, const Layer *weights, int layer) {
    Workspace *ws = ctx->ws;
    int d_ff = ctx->config->d_ff;
    ops_linear(ws->up, ws->normed, &weights->mlp_up, ctx->n_rows, &ctx->pass->cost);
    observe_part(ctx, SITE_MLP_GATE, layer, ws->up, ctx->n_rows, 2 * d_ff, 0, d_ff);
    observe_part(ctx, SITE_MLP_UP, layer, ws->up, ctx->n_rows, 2 * d_ff, d_ff, d_ff);
    ops_swiglu(ws->hidden, ws->up, ctx->n_rows, d_ff);
}

static void gelu_or_relu(Context *ctx, const Layer *weights, int layer) {
    float *hidden = ctx->ws->hidden;
    int64_t n = (int64_t)ctx->n_rows * ctx->config->d_ff;
    ops_linear(hidden, ctx->ws->normed, &weights->mlp_up, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_MLP_UP, layer, hidden);
    if (ctx->config->mlp == MLP_GELU_TANH)
        ops_gelu_tanh(hidden, hidden, n);
    else if (ctx->config->mlp == MLP_GELU_ERF)
        ops_gelu_erf(hidden, hidden, n);
    else
        ops_relu(hidden, hidden, n);
}

static void mlp_block(Context *ctx, int layer) {
    const Layer *weights = &ctx->model->layers[layer];
    Workspace *ws = ctx->ws;
    normalise(ctx, &weights->ln_2, SITE_LN_2, layer);
    if (ctx->config->mlp == MLP_SWIGLU)
        swiglu(ctx, weights, layer);
    else
        gelu_or_relu(ctx, weights, layer);
    observe(ctx, SITE_MLP_HIDDEN, layer, ws->hidden);
    ops_linear(ws->sublayer, ws->hidden, &weights->mlp_down, ctx->n_rows, &ctx->pass->cost);
    observe(ctx, SITE_MLP_OUTPUT, layer, ws->sublayer);
    add_to_residual(ctx, SITE_RESIDUAL_MLP, layer);
}

static bool unembed(Context *ctx, Error *err) {
    const Config *c = ctx->config;
    Pass *pass = ctx->pass;
    Workspace *ws = ctx->ws;
    normalise(ctx, &ctx->model->final_norm, SITE_FINAL_NORM, 0);
    pass->hidden = ws->normed;
    if (pass->n_logit_rows == 0) return true;
    const float *last_rows = ws->normed + (size_t)(ctx->n_rows - pass->n_logit_rows) * c->d_model;
    ops_linear(ws->logits, last_rows, &ctx->model->head, pass->n_logit_rows, &pass->cost);
    for (size_t i = 0; i < (size_t)pass->n_logit_rows * c->n_vocab; i++)
        if (!isfinite(ws->logits[i]))
            return error_set(
                err,
                "%s computes logits that are not finite numbers: its weights are too large or damaged; "
                "download or export the model again",
                c->name);
    observe(ctx, SITE_LOGITS, 0, ws->logits + (size_t)(pass->n_logit_rows - 1) * c->n_vocab);
    pass->logits = ws->logits;
    return true;
}

// out [n_rows, d_model] = token embedding, + position embedding where positions are learned
static void embed(Context *ctx) {
    const Model *model = ctx->model;
    int d_model = ctx->config->d_model;
    DType dtype = ctx->config->weights_dtype;
    size_t row_bytes = (size_t)d_model * dtype_size(dtype);
    float *out = ctx->ws->x;
    for (int row = 0; row < ctx->n_rows; row++, out += d_model) {
        tensor_to_float(out, (const unsigned char *)model->token_embedding + ctx->pass->ids[row] * row_bytes,
                        dtype, d_model);
        if (!model->position_embedding) continue;
        const float *position = model->position_embedding + (size_t)ctx->rows[row].position * d_model;
        for (int i = 0; i < d_model; i++) out[i] += position[i];
    }
    ctx->pass->cost.weight_bytes += ctx->n_rows * (int64_t)row_bytes;
    if (model->position_embedding)
        ctx->pass->cost.weight_bytes += (int64_t)ctx->n_rows * d_model * (int64_t)sizeof(float);
    observe(ctx, SITE_EMBEDDING, 0, ctx->ws->x);
}

static void run_layer(Context *ctx, int layer) {
    attention_block(ctx, layer);
    if (ctx->pass->cross) cross_attention_block(ctx, layer);
    mlp_block(ctx, layer);
    control_advance(ctx->pass->control, ctx->n_rows);
}

static bool run_layers(Context *ctx, Error *err) {
    const Config *c = ctx->config;
    embed(ctx);
    if (c->positions == POSITIONS_ROPE)
        rope_rotation(&c->rope, c->d_head, ctx->rows, ctx->n_rows, ctx->ws->rotation);
    for (int layer = 0; layer < c->n_layers; layer++) {
        if (control_is_cancelled(ctx->pass->control)) return error_set(err, "cancelled");
        run_layer(ctx, layer);
    }
    return unembed(ctx, err);
}

// Places of n tokens of sequence 0 from number `first` on.
static const Place *places_from(Place *places, int first, int n) {
    for (int i = 0; i < n; i++) places[i] = (Place){.token = first + i, .position = first + i};
    return places;
}

// The rows get their slots, and the source too when this pass fills its cache.
static bool begin_caches(Context *ctx, Error *err) {
    Place *places = ctx->ws->places;
    if (ctx->fills_cross &&
        !cache_begin(ctx->pass->cross, places_from(places, 0, ctx->n_source), ctx->n_source, err))
        return false;
    if (!ctx->rows) ctx->rows = places_from(places, ctx->cache->next_token, ctx->n_rows);
    if (cache_begin(ctx->cache, ctx->rows, ctx->n_rows, err)) return true;
    if (ctx->fills_cross) cache_rollback(ctx->pass->cross);
    return false;
}

static void end_caches(Context *ctx, bool stays) {
    void (*end)(Cache *) = stays ? cache_commit : cache_rollback;
    end(ctx->cache);
    if (ctx->fills_cross) end(ctx->pass->cross);
}

static void begin_mask(Context *ctx) {
    const Place *rows = ctx->rows;
    if (ctx->pass->forgets_offset) rows = places_from(ctx->ws->places + ctx->ws->n_places, 0, ctx->n_rows);
    ctx->mask = (Mask){.n_groups = 1,
                       .n_rows = ctx->n_rows,
                       .n_keys = ctx->n_keys,
                       .rows = rows,
                       .keys = ctx->cache->places,
                       .visible = ctx->ws->visible};
    mask_fill(&ctx->mask);
}

bool forward(const Model *model, Cache *cache, Workspace *ws, Pass *pass, Error *err) {
    const Config *c = &model->config;
    assert(pass->n_rows > 0 && pass->n_logit_rows >= 0 && pass->n_logit_rows <= pass->n_rows);
    assert(!pass->cross || (c->cross_attention && pass->cross->length % pass->cross->capacity == 0));
    Context ctx = {.model = model,
                   .config = c,
                   .cache = cache,
                   .ws = ws,
                   .pass = pass,
                   .rows = pass->rows,
                   .n_rows = pass->n_rows,
                   .n_source = pass->cross ? pass->cross->capacity : 0,
                   .fills_cross = pass->cross && pass->cross->length == 0,
                   .qkv_width = (c->n_heads + 2 * c->n_kv_heads) * c->d_head};
    int n_places = ctx.n_rows > ctx.n_source ? ctx.n_rows : ctx.n_source;
    if (!fit_places(ws, n_places, err) || !begin_caches(&ctx, err)) return false;
    ctx.n_keys = cache_n_columns(cache);
    begin_mask(&ctx);
    pass->cost = (Cost){.counted = true};
    bool ok = workspace_fit(ws, &ctx, err);
    int64_t start = clock_now();
    ok = ok && run_layers(&ctx, err);
    pass->cost.nanoseconds = clock_now() - start - ctx.observing;
    end_caches(&ctx, ok && !pass->is_trial);
    return ok;
}
