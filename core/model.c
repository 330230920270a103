// Loading a model: the folder's files put together, and every weight looked at.
//
// Weights are asked for one after the other by the name that Hugging Face's GPT-2 gives them, with the shape that
// config.json implies; each request notes where the pointer belongs. Then all of them are placed: a float that is
// aligned stays where the mapping has it, anything else is widened into one block.
//
//     wte, wpe | per layer: ln_1, attn.c_attn, attn.c_proj, ln_2, mlp.c_fc, mlp.c_proj | ln_f
//
// Interface: model.h. GPT-2 has no weights of its own for the logits: the head is the token embedding again, and an
// lm_head.weight beside it is only a copy.
#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    WEIGHTS_PER_LAYER = 12,
    OTHER_WEIGHTS = 4,
    ALIGNMENT = 64, // bytes: each widened weight starts on a cache line
};

// A weight that the model needs.
typedef struct Request {
    const Tensor *tensor;
    const void **out;
    bool transpose; // [n_in, n_out] in the file, [n_out, n_in] here
    bool widen;     // to floats
} Request;

typedef struct Loader {
    const Safetensors *file;
    const char *prefix; // "transformer." or ""
    Request *requests;
    int n_requests;
} Loader;

static void shape_text(char out[96], int n_dims, const int64_t *shape) {
    int used = snprintf(out, 96, "[");
    for (int i = 0; i < n_dims; i++)
        used += snprintf(out + used, (size_t)(96 - used), "%s%lld", i ? ", " : "", (long long)shape[i]);
    snprintf(out + used, (size_t)(96 - used), "]");
}

static bool check_tensor(const Loader *loader, const Tensor *tensor, int n_dims, const int64_t *shape, Error *err) {
    char expected[96], found[96];
    if (tensor->dtype != DTYPE_F32 && tensor->dtype != DTYPE_F16 && tensor->dtype != DTYPE_BF16)
        return error_set(
            err, "%s: tensor \"%s\" is of type %s; weights must be f32, f16 or bf16: save the model again as one of them",
            loader->file->path, tensor->name, dtype_name(tensor->dtype));
    if (tensor->n_dims == n_dims && memcmp(tensor->shape, shape, (size_t)n_dims * sizeof *shape) == 0) return true;
    shape_text(expected, n_dims, shape);
    shape_text(found, tensor->n_dims, tensor->shape);
    return error_set(
        err,
        "%s: tensor \"%s\" has the shape %s, but config.json asks for %s; use the config.json that belongs to these weights",
        loader->file->path, tensor->name, found, expected);
}

// Asks for a matrix [n_rows, n_columns], or for a vector when n_columns is 0.
__attribute__((format(printf, 6, 7))) static bool request(Loader *loader, const void *out, int n_rows, int n_columns,
                                                          Error *err, const char *format, ...) {
    char name[128];
    int prefix_length = snprintf(name, sizeof name, "%s", loader->prefix);
    va_list args;
    va_start(args, format);
    vsnprintf(name + prefix_length, sizeof name - (size_t)prefix_length, format, args);
    va_end(args);
    const Tensor *tensor = safetensors_find(loader->file, name);
    if (!tensor)
        return error_set(
            err,
            "%s: there is no tensor \"%s\", which config.json asks for; use the config.json that belongs to these "
            "weights, or download the model again",
            loader->file->path, name);
    if (!check_tensor(loader, tensor, n_columns ? 2 : 1, (int64_t[]){n_rows, n_columns}, err)) return false;
    loader->requests[loader->n_requests++] =
        (Request){.tensor = tensor, .out = (const void **)(uintptr_t)out, .widen = n_columns == 0};
    return true;
}

static bool request_norm(Loader *loader, Norm *norm, int width, Error *err, const char *name) {
    return request(loader, &norm->gain, width, 0, err, "%s.weight", name) &&
           request(loader, &norm->bias, width, 0, err, "%s.bias", name);
}

static bool request_linear(Loader *loader, Linear *linear, int n_in, int n_out, Error *err, int layer, const char *name) {
    *linear = (Linear){.n_in = n_in, .n_out = n_out};
    if (!request(loader, &linear->weight, n_in, n_out, err, "h.%d.%s.weight", layer, name)) return false;
    loader->requests[loader->n_requests - 1].transpose = true;
    linear->dtype = loader->requests[loader->n_requests - 1].tensor->dtype;
    return request(loader, &linear->bias, n_out, 0, err, "h.%d.%s.bias", layer, name);
}

static bool request_layer(Loader *loader, Layer *layer, const Config *config, int index, Error *err) {
    int d = config->d_model;
    char ln_1[24], ln_2[24];
    snprintf(ln_1, sizeof ln_1, "h.%d.ln_1", index);
    snprintf(ln_2, sizeof ln_2, "h.%d.ln_2", index);
    return request_norm(loader, &layer->ln_1, d, err, ln_1) &&
           request_linear(loader, &layer->qkv, d, 3 * d, err, index, "attn.c_attn") &&
           request_linear(loader, &layer->attention_output, d, d, err, index, "attn.c_proj") &&
           request_norm(loader, &layer->ln_2, d, err, ln_2) &&
           request_linear(loader, &layer->mlp_up, d, config->d_ff, err, index, "mlp.c_fc") &&
           request_linear(loader, &layer->mlp_down, config->d_ff, d, err, index, "mlp.c_proj");
}

static bool request_all(Loader *loader, Model *model, Error *err) {
    const Config *config = &model->config;
    if (!request(loader, &model->token_embedding, config->n_vocab, config->d_model, err, "wte.weight")) return false;
    model->config.weights_dtype = loader->requests[0].tensor->dtype;
    if (!request(loader, &model->position_embedding, config->n_ctx, config->d_model, err, "wpe.weight")) return false;
    loader->requests[1].widen = true;
    for (int i = 0; i < config->n_layers; i++)
        if (!request_layer(loader, &model->layers[i], config, i, err)) return false;
    return request_norm(loader, &model->final_norm, config->d_model, err, "ln_f");
}

// A block in huge pages where the system has them: the first touch of a page costs microseconds, and megabytes of weights
// are thousands of small ones (measured: the story model opens in 16 ms instead of 50).
static void *allocate_large(size_t n_bytes) {
    enum { HUGE_PAGE = 2 << 20 };
    if (n_bytes < HUGE_PAGE) return aligned_alloc(ALIGNMENT, n_bytes);
    void *block = aligned_alloc(HUGE_PAGE, (n_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
#ifdef MADV_HUGEPAGE
    if (block) madvise(block, n_bytes, MADV_HUGEPAGE); // a wish: without it the block works as well
#endif
    return block;
}

static size_t placed_size(const Request *request) {
    size_t n_bytes =
        (size_t)request->tensor->n_items * (request->widen ? sizeof(float) : dtype_size(request->tensor->dtype));
    return (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void transpose(char *out, const unsigned char *in, int64_t n_in, int64_t n_out, size_t size) {
    enum { TILE = 32 };
    for (int64_t i0 = 0; i0 < n_in; i0 += TILE)
        for (int64_t o0 = 0; o0 < n_out; o0 += TILE)
            for (int64_t o = o0; o < n_out && o < o0 + TILE; o++)
                for (int64_t i = i0; i < n_in && i < i0 + TILE; i++)
                    memcpy(out + (o * n_in + i) * size, in + (i * n_out + o) * size, size);
}

static void place(char *out, const Request *request) {
    const Tensor *tensor = request->tensor;
    *request->out = out;
    if (request->widen)
        tensor_to_float((float *)(void *)out, tensor->bytes, tensor->dtype, tensor->n_items);
    else if (request->transpose)
        transpose(out, tensor->bytes, tensor->shape[0], tensor->shape[1], dtype_size(tensor->dtype));
    else
        memcpy(out, tensor->bytes, (size_t)tensor->n_items * dtype_size(tensor->dtype));
}

static bool place_all(const Loader *loader, Model *model, Error *err) {
    size_t n_bytes = 0;
    for (int i = 0; i < loader->n_requests; i++) {
        const Tensor *tensor = loader->requests[i].tensor;
        if (!tensor_is_finite(tensor))
            return error_set(err,
                             "%s: tensor \"%s\" holds a number that is infinite or not a number; the weights are damaged: "
                             "download or train them again",
                             loader->file->path, tensor->name);
        n_bytes += placed_size(&loader->requests[i]);
    }
    if (!(model->block = allocate_large(n_bytes))) return error_memory(err, "the weights", (double)n_bytes);
    char *next = model->block;
    for (int i = 0; i < loader->n_requests; i++) {
        place(next, &loader->requests[i]);
        next += placed_size(&loader->requests[i]);
    }
    return true;
}

static bool load_weights(Model *model, Error *err) {
    const Config *config = &model->config;
    bool prefixed = safetensors_find(&model->file, "transformer.wte.weight");
    Loader loader = {.file = &model->file, .prefix = prefixed ? "transformer." : ""};
    size_t n_requests = (size_t)config->n_layers * WEIGHTS_PER_LAYER + OTHER_WEIGHTS;
    loader.requests = calloc(n_requests, sizeof *loader.requests);
    model->layers = calloc((size_t)config->n_layers, sizeof *model->layers);
    bool ok = loader.requests && model->layers;
    if (!ok) error_memory(err, "the list of weights", (double)n_requests * sizeof *loader.requests);
    ok = ok && request_all(&loader, model, err) && place_all(&loader, model, err);
    free(loader.requests);
    model->head = (Linear){model->token_embedding, NULL, config->d_model, config->n_vocab, config->weights_dtype};
    return ok;
}

static bool exists_in(const char *folder, const char *name) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) return false;
    bool exists = file_exists(path);
    free(path);
    return exists;
}

// Opens model.safetensors. When it is not there, what is there instead decides what to say.
static bool open_weights(Safetensors *file, const char *folder, Error *err) {
    char *path = NULL;
    if (exists_in(folder, "model.safetensors")) {
        if (asprintf(&path, "%s/model.safetensors", folder) < 0) return error_memory(err, "a path", (double)strlen(folder));
        bool ok = safetensors_open(file, path, err);
        free(path);
        return ok;
    }
    if (exists_in(folder, "model.safetensors.index.json"))
        return error_set(err,
                         "%s: the weights are split over several files; kvstep reads one: save the model again with "
                         "save_pretrained(folder, max_shard_size=\"100GB\")",
                         folder);
    if (exists_in(folder, "pytorch_model.bin"))
        return error_set(
            err,
            "%s: the weights are in pytorch_model.bin, which kvstep does not read; load the model with Hugging Face "
            "transformers and save it again with save_pretrained(folder, safe_serialization=True)",
            folder);
    return error_set(err, "%s: there is no model.safetensors; give a Hugging Face folder that holds one", folder);
}

bool model_load(Model *model, const char *folder, Error *err) {
    memset(model, 0, sizeof *model);
    bool ok = config_load(&model->config, folder, err) && open_weights(&model->file, folder, err) &&
              load_weights(model, err) && tokenizer_load(&model->tokenizer, folder, &model->config, err);
    if (!ok) model_free(model);
    return ok;
}

void model_free(Model *model) {
    tokenizer_free(model->tokenizer);
    free(model->layers);
    free(model->block);
    safetensors_close(&model->file);
    memset(model, 0, sizeof *model);
}
