// Reading config.json: each family's own names for the sizes, turned into ours and checked.
//
// The limits are far above any model that this program can run and low enough that no product of two sizes overflows
// 64 bits. What would change the computation and is not built here is refused by name, never ignored.
//
// Interface: config.h.
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "text.h"

enum {
    MAX_FILE_BYTES = 1 << 20,
    MAX_LAYERS = 1024,
    MAX_WIDTH = 1 << 16,
    MAX_FF = 1 << 18,
    MAX_VOCAB = 1 << 21,
    MAX_CTX = 1 << 20,
};

// A model family: what config.json calls it, and how to read the rest.
typedef struct Family {
    const char *model_type;
    bool (*load)(Config *config, const cJSON *json, const char *path, Error *err);
} Family;

// The id of a special token; -1 when there is none, or none that the vocabulary holds.
static int token_id(const cJSON *json, const char *name, int n_vocab) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!cJSON_IsNumber(item)) return -1;
    double id = item->valuedouble;
    return id >= 0 && id < n_vocab && id == floor(id) ? (int)id : -1;
}

// Checks that a setting which would change the computation has the one value that is built here.
static bool require_setting(const cJSON *json, const char *name, bool value, const char *path, Error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!item || cJSON_IsNull(item) || (cJSON_IsBool(item) && cJSON_IsTrue(item) == value)) return true;
    return error_set(err, "%s: \"%s\" is not %s; kvstep does not run such models yet, choose one without it", path, name,
                     value ? "true" : "false");
}

static bool read_epsilon(Config *config, const cJSON *json, const char *path, Error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "layer_norm_epsilon");
    double epsilon = item ? cJSON_GetNumberValue(item) : 1e-5;
    config->norm_epsilon = epsilon > 0 && epsilon <= 1 ? (float)epsilon : 0;
    return config->norm_epsilon > 0 ||
           error_set(err, "%s: \"layer_norm_epsilon\" must be a number above 0 and at most 1; 1e-5 is usual", path);
}

static bool read_activation(const cJSON *json, const char *path, Error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "activation_function");
    const char *name = item ? cJSON_GetStringValue(item) : "gelu_new";
    if (name && (strcmp(name, "gelu_new") == 0 || strcmp(name, "gelu_pytorch_tanh") == 0)) return true;
    return error_set(
        err,
        "%s: \"activation_function\" is %s%.40s; kvstep knows gelu_new and gelu_pytorch_tanh, two names of one function",
        path, name ? "" : "not a text", name ? name : "");
}

static bool read_gpt2_settings(Config *config, const cJSON *json, const char *path, Error *err) {
    return read_epsilon(config, json, path, err) && read_activation(json, path, err) &&
           require_setting(json, "scale_attn_weights", true, path, err) &&
           require_setting(json, "scale_attn_by_inverse_layer_idx", false, path, err) &&
           require_setting(json, "add_cross_attention", false, path, err) &&
           require_setting(json, "tie_word_embeddings", true, path, err);
}

static bool load_gpt2(Config *config, const cJSON *json, const char *path, Error *err) {
    bool has_positions = cJSON_GetObjectItemCaseSensitive(json, "n_positions");
    const char *ctx_name = has_positions ? "n_positions" : "n_ctx";
    if (!json_get_int(json, "n_layer", 1, MAX_LAYERS, 0, &config->n_layers, path, err) ||
        !json_get_int(json, "n_embd", 1, MAX_WIDTH, 0, &config->d_model, path, err) ||
        !json_get_int(json, "n_head", 1, config->d_model, 0, &config->n_heads, path, err) ||
        !json_get_int(json, "n_inner", 1, MAX_FF, 4 * config->d_model, &config->d_ff, path, err) ||
        !json_get_int(json, ctx_name, 1, MAX_CTX, 0, &config->n_ctx, path, err) ||
        !json_get_int(json, "vocab_size", 1, MAX_VOCAB, 0, &config->n_vocab, path, err))
        return false;
    if (config->d_model % config->n_heads != 0)
        return error_set(err,
                         "%s: \"n_embd\" is %d, which %d heads (\"n_head\") do not share equally; correct one of the two",
                         path, config->d_model, config->n_heads);
    config->n_kv_heads = config->n_heads;
    config->d_head = config->d_model / config->n_heads;
    config->bos_id = token_id(json, "bos_token_id", config->n_vocab);
    config->eos_id = token_id(json, "eos_token_id", config->n_vocab);
    return read_gpt2_settings(config, json, path, err);
}

static const Family FAMILIES[] = {{"gpt2", load_gpt2}};
enum { N_FAMILIES = sizeof FAMILIES / sizeof FAMILIES[0] };

static bool unknown_family(const char *model_type, const char *path, Error *err) {
    char known[128] = "";
    for (int i = 0; i < N_FAMILIES; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", FAMILIES[i].model_type);
    }
    if (!model_type) return error_set(err, "%s: names no \"model_type\"; kvstep knows: %s", path, known);
    return error_set(err, "%s: \"model_type\" is %.60s, a family that kvstep does not know; it knows: %s", path, model_type,
                     known);
}

static bool load_family(Config *config, const cJSON *json, const char *path, Error *err) {
    const char *model_type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "model_type"));
    for (int i = 0; i < N_FAMILIES && model_type; i++) {
        if (strcmp(FAMILIES[i].model_type, model_type) != 0) continue;
        snprintf(config->architecture, sizeof config->architecture, "%s", model_type);
        return FAMILIES[i].load(config, json, path, err);
    }
    return unknown_family(model_type, path, err);
}

// The folder's own name, also for "." and "models/story/". It is shown and written to traces, so it is made printable.
static bool name_folder(Config *config, const char *folder, Error *err) {
    char *path = realpath(folder, NULL);
    if (!path) return error_set(err, "there is no model folder %s; give the folder that holds config.json", folder);
    const char *slash = strrchr(path, '/');
    text_neutralise(config->name, sizeof config->name, text_from(slash && slash[1] ? slash + 1 : path), TEXT_LINE);
    free(path);
    return true;
}

bool config_load(Config *config, const char *folder, Error *err) {
    char *path = NULL;
    cJSON *json = NULL;
    memset(config, 0, sizeof *config);
    if (!name_folder(config, folder, err)) return false;
    if (asprintf(&path, "%s/config.json", folder) < 0) return error_memory(err, "a path", (double)strlen(folder));
    bool ok = json_load(&json, path, MAX_FILE_BYTES, err) && load_family(config, json, path, err);
    cJSON_Delete(json);
    free(path);
    return ok;
}
