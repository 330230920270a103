// Running an encoder: the same layers as a decoder's, once, over a whole source. Its cache and buffers go
// again; what is kept is its output.
//
// Interface: forward.h.
#include <stdlib.h>
#include <string.h>

#include "core/decode/forward.h"
#include "core/math/ops.h"

// The encoder's final norm is its output; where its width is not the decoder's, a projection follows.
static bool take_output(const Model *model, const Pass *pass, float **output, Cost *cost, Error *err) {
    size_t n_floats = (size_t)pass->n_rows * model->config.d_model;
    *output = malloc(n_floats * sizeof(float));
    if (!*output) return error_no_memory(err, "the encoder's output", (double)n_floats * sizeof(float));
    if (model->encoder_to_decoder.weight)
        ops_linear(*output, pass->hidden, &model->encoder_to_decoder, pass->n_rows, cost);
    else
        memcpy(*output, pass->hidden, n_floats * sizeof(float));
    return true;
}

bool encode(const Model *model, const int *ids, int n_ids, float **output, Cost *cost, Error *err) {
    const Model *encoder = model->encoder;
    const Config *c = &encoder->config;
    Cache cache;
    Pass pass = {.ids = ids, .n_rows = n_ids};
    if (!cache_init(&cache, (CacheShape){c->n_layers, c->n_kv_heads, c->d_head}, &POLICY_FULL, n_ids, err))
        return false;
    Workspace *ws = workspace_new();
    bool ok = ws || error_no_memory(err, "the encoder", (double)n_ids * c->d_model * sizeof(float));
    ok = ok && forward(encoder, &cache, ws, &pass, err) && take_output(model, &pass, output, &pass.cost, err);
    if (ok && cost) *cost = pass.cost;
    workspace_free(ws);
    cache_done(&cache);
    return ok;
}
