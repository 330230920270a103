// Fuzzes the loading of a model: config.json, a NUL, model.safetensors. Whatever loads has finite weights,
// all of them, and runs: a step either fails with an Error or is what is taught about it.
#include "tests/fuzz/folder.h"

#include <math.h>

#include "core/record/step_check.h"
#include "core/session/session.h"

enum { N_STEPS = 3, LONGEST_CONTEXT = 64 };

static void check_numbers(const void *numbers, int64_t n, DType dtype) {
    Tensor tensor = {.dtype = dtype, .bytes = numbers, .n_items = n};
    if (numbers && !tensor_is_finite(&tensor)) abort();
}

static void check_linear(const Linear *linear) {
    check_numbers(linear->weight, (int64_t)linear->n_in * linear->n_out, linear->dtype);
    check_numbers(linear->bias, linear->n_out, DTYPE_F32);
}

static void check_norm(const Norm *norm, int width) {
    check_numbers(norm->gain, width, DTYPE_F32);
    check_numbers(norm->bias, width, DTYPE_F32);
}

static void check_layer(const Layer *layer, const Config *config) {
    const CrossAttention *cross = &layer->cross;
    check_norm(&layer->ln_1, config->d_model);
    check_linear(&layer->qkv);
    check_norm(&layer->q_norm, config->d_head);
    check_norm(&layer->k_norm, config->d_head);
    check_linear(&layer->attention_output);
    check_norm(&cross->norm, config->d_model);
    check_linear(&cross->q);
    check_linear(&cross->kv);
    check_linear(&cross->output);
    check_norm(&layer->ln_2, config->d_model);
    check_linear(&layer->mlp_up);
    check_linear(&layer->mlp_down);
}

// What a family has not, is NULL.
static void check_model(const Model *model) {
    const Config *config = &model->config;
    for (int i = 0; i < config->n_layers; i++) check_layer(&model->layers[i], config);
    check_norm(&model->final_norm, config->d_model);
    check_linear(&model->head);
    check_linear(&model->encoder_to_decoder);
    check_numbers(model->token_embedding, (int64_t)config->n_vocab * config->d_model, config->weights_dtype);
    check_numbers(model->position_embedding, (int64_t)config->n_ctx * config->d_model, DTYPE_F32);
}

static void run_steps(const Model *model) {
    int ids[] = {model->config.start_id >= 0 ? model->config.start_id : 0}, source[] = {0};
    SessionInput input = {.ids = {ids, 1}, .source = {source, model->encoder != NULL}};
    SessionOptions options = {.sampling = {.temperature = 1, .top_p = 0.9f},
                              .n_candidates = 3,
                              .record = SITE_ALL,
                              .recompute = true};
    Session *session;
    Error err;
    if (!session_new(&session, model, &input, &options, &err)) return;
    for (int i = 0; i < N_STEPS && session_end(session) == SESSION_GOES_ON && session_step(session, &err);
         i++) {
        const Timeline *timeline = session_timeline(session);
        const Candidate *choice = &timeline->steps[i]->choice;
        if (!isfinite(choice->logit) || !(choice->probability >= 0 && choice->probability <= 1)) abort();
        if (!step_check(timeline->steps[i], &timeline->config, &err)) {
            fprintf(stderr, "a step that breaks what is taught: %s\n", err.text);
            abort();
        }
    }
    session_free(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    size_t n_config = fuzz_first_part(bytes, n_bytes);
    size_t skip = n_config < n_bytes ? n_config + 1 : n_bytes;
    Model model;
    Error err;
    fuzz_write("config.json", bytes, n_config);
    fuzz_write("model.safetensors", bytes + skip, n_bytes - skip);
    if (!model_load(&model, fuzz_folder(), NULL, &err)) return 0;
    check_model(&model);
    if (model.encoder) check_model(model.encoder);
    if (model.config.n_ctx <= LONGEST_CONTEXT) run_steps(&model);
    model_free(&model);
    return 0;
}
