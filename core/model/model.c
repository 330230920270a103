// Loads a model, by the names that Hugging Face's families give to the weights.
//
// GPT-2 and gpt_bigcode, prefix "transformer." or none:
//     wte, wpe | h.N: ln_1, attn.c_attn, attn.c_proj, [ln_cross_attn, crossattention.*], ln_2, mlp.c_fc,
//     mlp.c_proj | ln_f
//
// Llama and its relatives, prefix "model." or none:
//     embed_tokens | layers.N: input_layernorm, self_attn.{q,k,v,o}_proj, [self_attn.{q,k}_norm],
//     post_attention_layernorm, mlp.{gate,up,down}_proj | norm
//
// All: lm_head, without prefix, unless the head is tied. GPT-2 alone stores matrices as [n_in, n_out].
//
// Interface: model.h.
#include "core/model/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model/weights.h"

typedef struct Loader {
    Weights *weights;
    const Config *config;
    WeightForm matrix; // how this family's files store a matrix
    char prefix[64];
    Error *err;
} Loader;

static bool want_norm(Loader *loader, Norm *norm, int width, const char *name) {
    WeightShape shape = {.form = WEIGHT_VECTOR, .n_out = width};
    *norm = (Norm){.width = width, .epsilon = loader->config->norm_epsilon};
    bool ok = weights_request(loader->weights, &norm->gain, shape, loader->err, "%s.weight", name);
    if (loader->config->norm == NORM_RMS) return ok;
    return ok && weights_request(loader->weights, &norm->bias, shape, loader->err, "%s.bias", name);
}

// Asks for matrices with the same input and joins them into one Linear: their outputs follow each other in a
// row.
typedef struct JoinedMatrix {
    const char *name;
    int n_out;
} JoinedMatrix;

static bool want_linear(Loader *loader, Linear *linear, int n_in, bool bias, int n_parts,
                        const JoinedMatrix *parts) {
    bool ok = true;
    *linear = (Linear){.n_in = n_in};
    for (int i = 0; i < n_parts && ok; i++) {
        WeightShape shape = {.form = loader->matrix, .n_out = parts[i].n_out, .n_in = n_in, .joined = i > 0};
        ok = weights_request(loader->weights, i ? NULL : &linear->weight, shape, loader->err, "%s.weight",
                             parts[i].name);
        linear->n_out += parts[i].n_out;
    }
    for (int i = 0; i < n_parts && ok && bias; i++) {
        WeightShape shape = {.form = WEIGHT_VECTOR, .n_out = parts[i].n_out, .joined = i > 0};
        ok = weights_request(loader->weights, i ? NULL : &linear->bias, shape, loader->err, "%s.bias",
                             parts[i].name);
    }
    return ok;
}

static bool want_one(Loader *loader, Linear *linear, int n_in, int n_out, bool bias, const char *name) {
    return want_linear(loader, linear, n_in, bias, 1, &(JoinedMatrix){name, n_out});
}

// gpt_bigcode without multi_query stores q, k and v head by head; weights.c brings them into the order of the
// others.
static bool want_gpt2_qkv(Loader *loader, Layer *layer) {
    const Config *c = loader->config;
    const char *name = "attn.c_attn";
    int d_q = c->n_heads * c->d_head, n_out = d_q + 2 * c->n_kv_heads * c->d_head;
    if (strcmp(c->architecture, "gpt_bigcode") != 0 || c->n_kv_heads == 1)
        return want_one(loader, &layer->qkv, c->d_model, n_out, true, name);
    WeightShape matrix = {
        .form = WEIGHT_HEADS_OF_QKV, .n_out = n_out, .n_in = c->d_model, .d_head = c->d_head};
    WeightShape bias = {.form = WEIGHT_HEADS_OF_BIAS, .n_out = n_out, .d_head = c->d_head};
    layer->qkv = (Linear){.n_in = c->d_model, .n_out = n_out};
    return weights_request(loader->weights, &layer->qkv.weight, matrix, loader->err, "%s.weight", name) &&
           weights_request(loader->weights, &layer->qkv.bias, bias, loader->err, "%s.bias", name);
}

static bool want_cross_attention(Loader *loader, CrossAttention *cross) {
    int d = loader->config->d_model;
    return want_norm(loader, &cross->norm, d, "ln_cross_attn") &&
           want_one(loader, &cross->q, d, d, true, "crossattention.q_attn") &&
           want_one(loader, &cross->kv, d, 2 * d, true, "crossattention.c_attn") &&
           want_one(loader, &cross->output, d, d, true, "crossattention.c_proj");
}

static bool want_gpt2_layer(Loader *loader, Layer *layer) {
    const Config *c = loader->config;
    int d = c->d_model;
    return want_norm(loader, &layer->ln_1, d, "ln_1") && want_gpt2_qkv(loader, layer) &&
           want_one(loader, &layer->attention_output, d, d, true, "attn.c_proj") &&
           (!c->cross_attention || want_cross_attention(loader, &layer->cross)) &&
           want_norm(loader, &layer->ln_2, d, "ln_2") &&
           want_one(loader, &layer->mlp_up, d, c->d_ff, true, "mlp.c_fc") &&
           want_one(loader, &layer->mlp_down, c->d_ff, d, true, "mlp.c_proj");
}

static bool want_llama_attention(Loader *loader, Layer *layer) {
    const Config *c = loader->config;
    int d_q = c->n_heads * c->d_head, d_kv = c->n_kv_heads * c->d_head;
    const JoinedMatrix qkv[] = {
        {"self_attn.q_proj", d_q}, {"self_attn.k_proj", d_kv}, {"self_attn.v_proj", d_kv}};
    return want_linear(loader, &layer->qkv, c->d_model, c->qkv_bias, 3, qkv) &&
           (!c->qk_norm || (want_norm(loader, &layer->q_norm, c->d_head, "self_attn.q_norm") &&
                            want_norm(loader, &layer->k_norm, c->d_head, "self_attn.k_norm"))) &&
           want_one(loader, &layer->attention_output, d_q, c->d_model, c->attention_output_bias,
                    "self_attn.o_proj");
}

static bool want_llama_layer(Loader *loader, Layer *layer) {
    const Config *c = loader->config;
    int d = c->d_model;
    const JoinedMatrix gate_up[] = {{"mlp.gate_proj", c->d_ff}, {"mlp.up_proj", c->d_ff}};
    return want_norm(loader, &layer->ln_1, d, "input_layernorm") && want_llama_attention(loader, layer) &&
           want_norm(loader, &layer->ln_2, d, "post_attention_layernorm") &&
           want_linear(loader, &layer->mlp_up, d, c->mlp_bias, 2, gate_up) &&
           want_one(loader, &layer->mlp_down, c->d_ff, d, c->mlp_bias, "mlp.down_proj");
}

// Sets the prefix of all names that are asked for from now on.
__attribute__((format(printf, 2, 3))) static void use_prefix(Loader *loader, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(loader->prefix, sizeof loader->prefix, format, args);
    va_end(args);
    loader->weights->prefix = loader->prefix;
}

static bool want_head(Loader *loader, Model *model, const char *base) {
    const Config *c = loader->config;
    if (c->tied_head) return true;
    use_prefix(loader, "%s", base);
    loader->matrix = WEIGHT_MATRIX;
    return want_one(loader, &model->head, c->d_model, c->n_vocab, false, "lm_head");
}

// Asks for the weights of one stack of layers. All of its names begin with `base`: "", "encoder." or
// "decoder.".
static bool want_stack(Loader *loader, Model *model, const char *base) {
    const Config *c = &model->config;
    bool is_gpt2 = c->positions == POSITIONS_LEARNED, ok;
    const char *table = is_gpt2 ? "wte.weight" : "embed_tokens.weight";
    const char *inner = is_gpt2 ? "transformer." : "model.";
    char probe[64];
    snprintf(probe, sizeof probe, "%s%s%s", base, inner, table);
    if (!weights_has(loader->weights, probe)) inner = "";
    use_prefix(loader, "%s%s", base, inner);
    loader->config = c;
    loader->matrix =
        strcmp(c->architecture, "gpt_bigcode") != 0 && is_gpt2 ? WEIGHT_TRANSPOSED : WEIGHT_MATRIX;
    if (!(model->layers = calloc((size_t)c->n_layers, sizeof *model->layers)))
        return error_no_memory(loader->err, "the list of layers",
                               (double)c->n_layers * sizeof *model->layers);
    ok = weights_request(loader->weights, &model->token_embedding,
                         (WeightShape){.form = WEIGHT_MATRIX, .n_out = c->n_vocab, .n_in = c->d_model},
                         loader->err, "%s", table);
    if (ok && is_gpt2)
        ok = weights_request(loader->weights, &model->position_embedding,
                             (WeightShape){.form = WEIGHT_FLOATS, .n_out = c->n_ctx, .n_in = c->d_model},
                             loader->err, "wpe.weight");
    for (int i = 0; i < c->n_layers && ok; i++) {
        use_prefix(loader, "%s%s%s.%d.", base, inner, is_gpt2 ? "h" : "layers", i);
        ok = is_gpt2 ? want_gpt2_layer(loader, &model->layers[i])
                     : want_llama_layer(loader, &model->layers[i]);
    }
    use_prefix(loader, "%s%s", base, inner);
    return ok && want_norm(loader, &model->final_norm, c->d_model, is_gpt2 ? "ln_f" : "norm");
}

// The encoder's output goes through a projection where the two widths differ.
static bool want_encoder(Loader *loader, Model *model) {
    Model *encoder = model->encoder;
    int d_encoder = encoder->config.d_model, d_decoder = model->config.d_model;
    if (!want_stack(loader, encoder, "encoder.")) return false;
    use_prefix(loader, "%s", "");
    loader->matrix = WEIGHT_MATRIX;
    return d_encoder == d_decoder ||
           want_one(loader, &model->encoder_to_decoder, d_encoder, d_decoder, true, "enc_to_dec_proj");
}

static void set_dtype(Model *model, DType dtype) {
    const Config *c = &model->config;
    model->config.weights_dtype = dtype;
    for (int i = 0; i < c->n_layers; i++) {
        Layer *layer = &model->layers[i];
        layer->qkv.dtype = layer->attention_output.dtype = layer->mlp_up.dtype = layer->mlp_down.dtype =
            dtype;
        layer->cross.q.dtype = layer->cross.kv.dtype = layer->cross.output.dtype = dtype;
    }
    if (c->tied_head)
        model->head = (Linear){.weight = model->token_embedding, .n_in = c->d_model, .n_out = c->n_vocab};
    model->head.dtype = model->encoder_to_decoder.dtype = dtype;
}

static bool load_weights(Model *model, const char *folder, Control *control, Error *err) {
    Weights weights;
    if (!weights_open(&weights, folder, err)) return false;
    Loader loader = {.weights = &weights, .err = err};
    const char *base = model->encoder ? "decoder." : "";
    DType dtype;
    bool ok = (!model->encoder || want_encoder(&loader, model)) && want_stack(&loader, model, base) &&
              want_head(&loader, model, base) &&
              weights_place(&weights, &model->weights, &dtype, control, err);
    if (ok) set_dtype(model, dtype);
    if (ok && model->encoder) set_dtype(model->encoder, dtype);
    weights_close(&weights);
    return ok;
}

bool model_load(Model *model, const char *folder, Control *control, Error *err) {
    Config encoder;
    memset(model, 0, sizeof *model);
    bool ok = config_load(&model->config, &encoder, folder, err);
    if (ok && encoder.n_layers > 0) {
        ok = (model->encoder = calloc(1, sizeof *model->encoder)) ||
             error_no_memory(err, "the encoder", sizeof *model);
        if (ok) model->encoder->config = encoder;
    }
    ok = ok && load_weights(model, folder, control, err) &&
         tokenizer_load(&model->tokenizer, folder, model->config.n_vocab, err);
    if (!ok) model_free(model);
    return ok;
}

void model_free(Model *model) {
    tokenizer_free(model->tokenizer);
    free(model->layers);
    free(model->weights);
    if (model->encoder) free(model->encoder->layers);
    free(model->encoder);
    memset(model, 0, sizeof *model);
}
