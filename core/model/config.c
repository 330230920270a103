// Reads config.json: translates each family's names into ours and checks the values.
//
// The limits are far above any model that this program can run, and low enough that no product of two sizes
// overflows 64 bits. A setting that would change the computation and is not supported is refused by name,
// never ignored.
//
// Interface: config.h. The families: config_families.c.
#include "core/model/config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/model/config_family.h"

enum { MAX_FILE_BYTES = 1 << 20 };

static bool unknown_family(const char *model_type, const char *path, Error *err) {
    char known[192] = "";
    for (int i = 0; i < N_FAMILIES; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", FAMILIES[i].model_type);
    }
    if (!model_type)
        return error_set(err,
                         "%s: \"model_type\" is missing or not a string; kvstep knows: %s, encoder-decoder",
                         path, known);
    return error_set(
        err,
        "%s: \"model_type\" is %.60s, a family that kvstep does not know; it knows: %s, and encoder-decoder "
        "of two gpt2",
        path, model_type, known);
}

static const char *model_type_of(const JsonNode *json) {
    return cJSON_GetStringValue(json_member(json, "model_type").value);
}

static void fill_score_scales(Config *config) {
    float scale = config->unscaled_scores ? 1 : 1 / sqrtf((float)config->d_head);
    for (int layer = 0; layer < config->n_layers; layer++)
        config->score_scale[layer] = config->scores_by_layer ? scale / (float)(layer + 1) : scale;
}

static bool load_family(Config *config, const JsonNode *json, Error *err) {
    const char *model_type = model_type_of(json);
    config->bos_id = config->start_id = -1;
    config->rope = (Rope){.attention_factor = 1};
    for (int i = 0; i < N_FAMILIES && model_type; i++) {
        if (strcmp(FAMILIES[i].model_type, model_type) != 0) continue;
        if (cJSON_IsObject(json_member(json, "quantization_config").value))
            return error_set(err,
                             "%s: the weights are quantised (\"quantization_config\"); kvstep reads f32, f16 "
                             "and bf16: use the model that they were made from",
                             json->file);
        snprintf(config->architecture, sizeof config->architecture, "%s", model_type);
        if (!FAMILIES[i].load(config, json, err)) return false;
        family_read_special_ids(config, json);
        fill_score_scales(config);
        return true;
    }
    return unknown_family(model_type, json->file, err);
}

// One of the two halves of an encoder-decoder.
static bool load_half(Config *config, const JsonNode *json, const char *half, Error *err) {
    JsonNode node = json_member(json, half);
    const char *model_type = model_type_of(&node);
    if (!model_type || strcmp(model_type, "gpt2") != 0)
        return error_set(err,
                         "%s: the \"%s\" of an encoder-decoder is %.60s; kvstep knows those whose encoder "
                         "and decoder are gpt2",
                         json->file, half, model_type ? model_type : "not described");
    return load_family(config, &node, err);
}

static bool load_encoder_decoder(Config *config, Config *encoder, const JsonNode *json, Error *err) {
    if (!load_half(encoder, json, "encoder", err) || !load_half(config, json, "decoder", err) ||
        !family_require(json, "tie_encoder_decoder", false, err))
        return false;
    if (!config->cross_attention)
        return error_set(
            err,
            "%s: the decoder has no cross-attention (\"add_cross_attention\"); an encoder-decoder needs it",
            json->file);
    snprintf(config->architecture, sizeof config->architecture, "encoder-decoder");
    family_read_special_ids(config, json);
    JsonNode decoder = json_member(json, "decoder");
    int start = family_token_id(json, "decoder_start_token_id", config->n_vocab);
    if (start < 0) start = family_token_id(&decoder, "decoder_start_token_id", config->n_vocab);
    config->start_id = start >= 0 ? start : config->bos_id;
    return config->start_id >= 0 ||
           error_set(err, "%s: \"decoder_start_token_id\" is missing or outside the vocabulary", json->file);
}

// The folder's own name, also for "." and "models/story/", made printable.
static bool name_folder(Config *config, const char *folder, Error *err) {
    char *path = realpath(folder, NULL);
    if (!path)
        return error_set(err, "there is no model folder %s; give the folder that holds config.json", folder);
    const char *slash = strrchr(path, '/');
    text_neutralise(config->name, sizeof config->name, text_from(slash && slash[1] ? slash + 1 : path),
                    TEXT_LINE);
    free(path);
    return true;
}

// generation_config.json overrides the tokens that end a text. Nothing else of it is read, and a broken one
// is ignored.
static void read_generation_config(Config *config, const char *folder) {
    char *path = NULL;
    cJSON *json = NULL;
    Error ignored;
    if (asprintf(&path, "%s/generation_config.json", folder) < 0) return;
    if (file_exists(path) && json_load(&json, path, MAX_FILE_BYTES, &ignored)) {
        JsonNode root = json_root(path, NULL, json, NULL);
        family_read_eos(config, &root);
    }
    cJSON_Delete(json);
    free(path);
}

bool config_load(Config *config, Config *encoder, const char *folder, Error *err) {
    char *path = NULL;
    cJSON *json = NULL;
    memset(config, 0, sizeof *config);
    memset(encoder, 0, sizeof *encoder);
    if (!name_folder(config, folder, err)) return false;
    memcpy(encoder->name, config->name, sizeof config->name);
    if (asprintf(&path, "%s/config.json", folder) < 0)
        return error_no_memory(err, "a path", (double)strlen(folder));
    bool ok = json_load(&json, path, MAX_FILE_BYTES, err);
    if (ok) {
        JsonNode root = json_root(path, NULL, json, NULL);
        const char *model_type = model_type_of(&root);
        bool two = model_type && strcmp(model_type, "encoder-decoder") == 0;
        ok = two ? load_encoder_decoder(config, encoder, &root, err) : load_family(config, &root, err);
    }
    if (ok) read_generation_config(config, folder);
    cJSON_Delete(json);
    free(path);
    return ok;
}

int config_window(const Config *config, int layer) {
    return config->full_attention[layer] ? 0 : config->sliding_window;
}

bool config_is_eos(const Config *config, int id) {
    for (int i = 0; i < config->n_eos; i++)
        if (config->eos_ids[i] == id) return true;
    return false;
}

const char *attention_kind(int64_t n_heads, int64_t n_kv_heads, char out[24]) {
    if (n_kv_heads == n_heads) return "MHA";
    if (n_kv_heads == 1) return "MQA";
    bool fits = snprintf(out, 24, "GQA %lld:%lld", (long long)n_heads, (long long)n_kv_heads) < 24;
    return fits ? out : "GQA";
}

const char *config_attention_kind(const Config *config, char out[24]) {
    return attention_kind(config->n_heads, config->n_kv_heads, out);
}
