// Fuzzes the loading of a model: config.json, a NUL, model.safetensors. Whatever loads has finite weights, all of them.
#include "tests/fuzz/folder.h"

#include <math.h>

#include "core/model.h"

static void check_numbers(const float *numbers, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(numbers[i])) abort();
}

static void check_linear(const Linear *linear) {
    check_numbers(linear->weight, (int64_t)linear->n_in * linear->n_out);
    if (linear->bias) check_numbers(linear->bias, linear->n_out);
}

static void check_norm(const Norm *norm, int width) {
    check_numbers(norm->gain, width);
    check_numbers(norm->bias, width);
}

static void check_model(const Model *model) {
    int width = model->config.d_model;
    for (int i = 0; i < model->config.n_layers; i++) {
        const Layer *layer = &model->layers[i];
        check_norm(&layer->ln_1, width);
        check_linear(&layer->qkv);
        check_linear(&layer->attention_output);
        check_norm(&layer->ln_2, width);
        check_linear(&layer->mlp_up);
        check_linear(&layer->mlp_down);
    }
    check_norm(&model->final_norm, width);
    check_linear(&model->head);
    check_numbers(model->token_embedding, (int64_t)model->config.n_vocab * width);
    check_numbers(model->position_embedding, (int64_t)model->config.n_ctx * width);
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
    model_free(&model);
    return 0;
}
