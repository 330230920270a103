// One function for each family; the parts that several families share come first.
//
// A member that may be missing has its default before it is read. The defaults are those of Hugging Face's
// code.
#include <math.h>
#include <string.h>

#include "core/model/config_family.h"

enum {
    MAX_WIDTH = 1 << 16,
    MAX_FF = 1 << 18,
    MAX_VOCAB = 1 << 21,
    MAX_CTX = 1 << 20,
    MAX_WINDOW = 1 << 30,
};

static const float LEAST_FACTOR = 1e-6F, MOST_FACTOR = 1e6F;

static bool has(const JsonNode *json, const char *name) {
    JsonNode node = json_member(json, name);
    return !json_is_absent(&node);
}

static bool is_null(const JsonNode *json, const char *name) {
    return cJSON_IsNull(json_member(json, name).value);
}

// A size is known by the family's own name and by the one that Hugging Face accepts for every family.
static const char *either(const JsonNode *json, const char *name, const char *alias) {
    return !has(json, name) && has(json, alias) ? alias : name;
}

static bool read_size(const JsonNode *json, const char *name, int max, int *out, Error *err) {
    return json_get_number(json, name, 1, max, out, err);
}

// The readers named optional leave *out as it is when the member is missing or null.
static bool optional_size(const JsonNode *json, const char *name, int max, int *out, Error *err) {
    return !has(json, name) || read_size(json, name, max, out, err);
}

static bool optional_float(const JsonNode *json, const char *name, float min, float max, float *out,
                           Error *err) {
    return !has(json, name) || json_get_float(json, name, min, max, out, err);
}

static bool optional_bool(const JsonNode *json, const char *name, bool *out, Error *err) {
    return !has(json, name) || json_get_bool(json, name, out, err);
}

static int id_within(const cJSON *item, int n_vocab) {
    double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
    return id >= 0 && id < n_vocab && id == floor(id) ? (int)id : -1;
}

int family_token_id(const JsonNode *json, const char *name, int n_vocab) {
    return id_within(json_member(json, name).value, n_vocab);
}

void family_read_eos(Config *config, const JsonNode *json) {
    const cJSON *item = json_member(json, "eos_token_id").value, *element;
    int n = 0, ids[CONFIG_MAX_EOS];
    if (cJSON_IsArray(item)) {
        cJSON_ArrayForEach(element, item) {
            int id = id_within(element, config->n_vocab);
            if (n < CONFIG_MAX_EOS && id >= 0) ids[n++] = id;
        }
    } else if ((ids[0] = id_within(item, config->n_vocab)) >= 0) {
        n = 1;
    }
    if (n == 0) return;
    memcpy(config->eos_ids, ids, (size_t)n * sizeof *ids);
    config->n_eos = n;
}

void family_read_special_ids(Config *config, const JsonNode *json) {
    if (has(json, "bos_token_id")) config->bos_id = family_token_id(json, "bos_token_id", config->n_vocab);
    family_read_eos(config, json);
}

bool family_require(const JsonNode *json, const char *name, bool value, Error *err) {
    JsonNode node = json_member(json, name);
    if (json_is_absent(&node) || (cJSON_IsBool(node.value) && cJSON_IsTrue(node.value) == value)) return true;
    return json_expected(&node, err, "%s, the only setting that kvstep runs", value ? "true" : "false");
}

// ---- GPT-2 and gpt_bigcode

static bool read_gelu(Config *config, const JsonNode *json, const char *missing, Error *err) {
    static const struct {
        const char *name;
        MlpKind kind;
    } NAMES[] = {{"gelu_new", MLP_GELU_TANH},
                 {"gelu_pytorch_tanh", MLP_GELU_TANH},
                 {"gelu_fast", MLP_GELU_TANH},
                 {"gelu_python_tanh", MLP_GELU_TANH},
                 {"gelu", MLP_GELU_ERF},
                 {"gelu_python", MLP_GELU_ERF},
                 {"relu", MLP_RELU}};
    JsonNode node = json_member(json, "activation_function");
    const char *name = json_is_absent(&node) ? missing : cJSON_GetStringValue(node.value);
    for (size_t i = 0; name && i < sizeof NAMES / sizeof *NAMES; i++) {
        if (strcmp(name, NAMES[i].name) != 0) continue;
        config->mlp = NAMES[i].kind;
        return true;
    }
    return json_expected(&node, err, "gelu_new (also called gelu_pytorch_tanh and gelu_fast), gelu or relu");
}

static bool read_gpt2_sizes(Config *config, const JsonNode *json, Error *err) {
    const char *layers = either(json, "n_layer", "num_hidden_layers");
    const char *width = either(json, "n_embd", "hidden_size");
    const char *heads = either(json, "n_head", "num_attention_heads");
    const char *ctx = either(json, "n_positions", either(json, "max_position_embeddings", "n_ctx"));
    if (!read_size(json, layers, CONFIG_MAX_LAYERS, &config->n_layers, err) ||
        !read_size(json, width, MAX_WIDTH, &config->d_model, err) ||
        !read_size(json, heads, config->d_model, &config->n_heads, err))
        return false;
    config->d_ff = 4 * config->d_model;
    if (!optional_size(json, "n_inner", MAX_FF, &config->d_ff, err) ||
        !read_size(json, ctx, MAX_CTX, &config->n_ctx, err) ||
        !read_size(json, "vocab_size", MAX_VOCAB, &config->n_vocab, err))
        return false;
    if (config->d_model % config->n_heads != 0)
        return error_set(
            err,
            "%s: \"n_embd\" is %d, which %d heads (\"n_head\") do not share equally; correct one of the two",
            json->file, config->d_model, config->n_heads);
    config->n_kv_heads = config->n_heads;
    config->d_head = config->d_model / config->n_heads;
    config->positions = POSITIONS_LEARNED;
    config->norm = NORM_LAYER;
    config->qkv_bias = config->attention_output_bias = config->mlp_bias = true;
    return true;
}

static bool read_gpt2_settings(Config *config, const JsonNode *json, const char *activation, Error *err) {
    bool scaled = true;
    config->norm_epsilon = 1e-5F;
    config->tied_head = true;
    if (!optional_float(json, "layer_norm_epsilon", 1e-30F, 1, &config->norm_epsilon, err) ||
        !read_gelu(config, json, activation, err) ||
        !optional_bool(json, "scale_attn_weights", &scaled, err) ||
        !optional_bool(json, "tie_word_embeddings", &config->tied_head, err))
        return false;
    config->unscaled_scores = !scaled;
    return true;
}

static bool load_gpt2(Config *config, const JsonNode *json, Error *err) {
    return read_gpt2_sizes(config, json, err) && read_gpt2_settings(config, json, "gelu_new", err) &&
           optional_bool(json, "scale_attn_by_inverse_layer_idx", &config->scores_by_layer, err) &&
           optional_bool(json, "add_cross_attention", &config->cross_attention, err);
}

static bool load_gpt_bigcode(Config *config, const JsonNode *json, Error *err) {
    bool multi_query = true;
    if (!read_gpt2_sizes(config, json, err) || !read_gpt2_settings(config, json, "gelu_pytorch_tanh", err) ||
        !optional_bool(json, "multi_query", &multi_query, err) ||
        !family_require(json, "add_cross_attention", false, err))
        return false;
    if (multi_query) config->n_kv_heads = 1;
    return true;
}

// ---- Llama and its relatives

static bool read_llama3_scaling(Rope *rope, const JsonNode *scaling, Error *err) {
    if (!json_get_float(scaling, "low_freq_factor", LEAST_FACTOR, MOST_FACTOR, &rope->low_freq_factor, err) ||
        !json_get_float(scaling, "high_freq_factor", LEAST_FACTOR, MOST_FACTOR, &rope->high_freq_factor, err))
        return false;
    return rope->high_freq_factor > rope->low_freq_factor ||
           error_set(err, "%s: \"high_freq_factor\" must be above \"low_freq_factor\"", scaling->file);
}

static bool read_yarn_scaling(Rope *rope, const JsonNode *scaling, Error *err) {
    float mscale = 0, mscale_all_dim = 0;
    if (!optional_float(scaling, "mscale", 0, MOST_FACTOR, &mscale, err) ||
        !optional_float(scaling, "mscale_all_dim", 0, MOST_FACTOR, &mscale_all_dim, err))
        return false;
    double sharper = rope->factor > 1 ? 0.1 * log((double)rope->factor) : 0;
    bool both = mscale > 0 && mscale_all_dim > 0;
    rope->attention_factor =
        (float)(both ? (mscale * sharper + 1) / (mscale_all_dim * sharper + 1) : sharper + 1);
    rope->beta_fast = 32;
    rope->beta_slow = 1;
    rope->truncate = true;
    return optional_float(scaling, "attention_factor", LEAST_FACTOR, MOST_FACTOR, &rope->attention_factor,
                          err) &&
           optional_float(scaling, "beta_fast", LEAST_FACTOR, MOST_FACTOR, &rope->beta_fast, err) &&
           optional_float(scaling, "beta_slow", LEAST_FACTOR, MOST_FACTOR, &rope->beta_slow, err) &&
           optional_bool(scaling, "truncate", &rope->truncate, err);
}

// "dynamic" changes nothing up to max_position_embeddings, which is where a text ends here.
static bool read_rope_kind(Rope *rope, const JsonNode *scaling, Error *err) {
    static const struct {
        const char *name;
        RopeScaling kind;
    } KINDS[] = {{"default", ROPE_PLAIN},
                 {"dynamic", ROPE_PLAIN},
                 {"linear", ROPE_LINEAR},
                 {"llama3", ROPE_LLAMA3},
                 {"yarn", ROPE_YARN}};
    JsonNode node = json_member(scaling, either(scaling, "rope_type", "type"));
    const char *name = json_is_absent(&node) ? "default" : cJSON_GetStringValue(node.value);
    for (size_t i = 0; name && i < sizeof KINDS / sizeof *KINDS; i++) {
        if (strcmp(name, KINDS[i].name) != 0) continue;
        rope->scaling = KINDS[i].kind;
        return true;
    }
    return json_expected(&node, err, "default, linear, dynamic, llama3 or yarn");
}

static bool read_rope_scaling(Config *config, const JsonNode *scaling, Error *err) {
    Rope *rope = &config->rope;
    if (!read_rope_kind(rope, scaling, err)) return false;
    rope->factor = 1;
    rope->original_ctx = config->n_ctx;
    bool needs_factor = rope->scaling != ROPE_PLAIN;
    if ((needs_factor || has(scaling, "factor")) &&
        !json_get_float(scaling, "factor", LEAST_FACTOR, MOST_FACTOR, &rope->factor, err))
        return false;
    if (!optional_size(scaling, "original_max_position_embeddings", MAX_CTX, &rope->original_ctx, err))
        return false;
    if (rope->scaling == ROPE_LLAMA3) return read_llama3_scaling(rope, scaling, err);
    return rope->scaling != ROPE_YARN || read_yarn_scaling(rope, scaling, err);
}

static bool read_rope(Config *config, const JsonNode *json, Error *err) {
    JsonNode scaling = json_member(json, either(json, "rope_scaling", "rope_parameters"));
    if (!json_is_absent(&scaling) && !cJSON_IsObject(scaling.value))
        return json_expected(&scaling, err, "an object or null");
    if (has(&scaling, "full_attention"))
        return error_set(err, "%s: RoPE differs between layers; kvstep does not support such models",
                         json->file);
    float rotated = 1, scaling_rotated = 1; // the part of each head
    if (!optional_float(json, "partial_rotary_factor", 0, 1, &rotated, err) ||
        !optional_float(&scaling, "partial_rotary_factor", 0, 1, &scaling_rotated, err))
        return false;
    if (rotated != 1 || scaling_rotated != 1)
        return error_set(err, "%s: RoPE rotates only a part of each head; kvstep does not run such models",
                         json->file);
    config->positions = POSITIONS_ROPE;
    config->rope.theta = 10000;
    return optional_float(has(&scaling, "rope_theta") ? &scaling : json, "rope_theta", 1.0001F, 1e12F,
                          &config->rope.theta, err) &&
           read_rope_scaling(config, &scaling, err);
}

typedef struct LlamaDefaults {
    int n_kv_heads; // 0: as many as query heads
    int n_ctx;      // 0: must be there
    int d_head;     // 0: d_model / n_heads
} LlamaDefaults;

static bool read_llama_heads(Config *config, const JsonNode *json, LlamaDefaults missing, Error *err) {
    bool as_many = !missing.n_kv_heads || is_null(json, "num_key_value_heads");
    config->n_kv_heads = as_many ? config->n_heads : missing.n_kv_heads;
    if (!optional_size(json, "num_key_value_heads", config->n_heads, &config->n_kv_heads, err)) return false;
    if (config->n_heads % config->n_kv_heads != 0)
        return error_set(err,
                         "%s: %d query heads do not share %d KV heads (\"num_key_value_heads\") equally; "
                         "correct one of the two",
                         json->file, config->n_heads, config->n_kv_heads);
    if (!has(json, "head_dim") && !missing.d_head && config->d_model % config->n_heads != 0)
        return error_set(err,
                         "%s: \"hidden_size\" is %d, which %d heads do not share equally; \"head_dim\" must "
                         "say their size",
                         json->file, config->d_model, config->n_heads);
    config->d_head = missing.d_head ? missing.d_head : config->d_model / config->n_heads;
    if (!optional_size(json, "head_dim", MAX_WIDTH, &config->d_head, err)) return false;
    if ((double)config->n_heads * config->d_head > MAX_WIDTH * 4.0)
        return error_set(err, "%s: %d heads of size %d are too large", json->file, config->n_heads,
                         config->d_head);
    return config->d_head % 2 == 0 ||
           error_set(err, "%s: a head has %d numbers (\"head_dim\"); RoPE rotates pairs, so it must be even",
                     json->file, config->d_head);
}

static bool read_llama_sizes(Config *config, const JsonNode *json, LlamaDefaults missing, Error *err) {
    config->n_ctx = missing.n_ctx;
    return read_size(json, "num_hidden_layers", CONFIG_MAX_LAYERS, &config->n_layers, err) &&
           read_size(json, "hidden_size", MAX_WIDTH, &config->d_model, err) &&
           read_size(json, "num_attention_heads", MAX_WIDTH, &config->n_heads, err) &&
           read_size(json, "intermediate_size", MAX_FF, &config->d_ff, err) &&
           optional_size(json, "max_position_embeddings", MAX_CTX, &config->n_ctx, err) &&
           read_size(json, "vocab_size", MAX_VOCAB, &config->n_vocab, err) &&
           read_llama_heads(config, json, missing, err);
}

static bool read_llama_settings(Config *config, const JsonNode *json, Error *err) {
    JsonNode activation = json_member(json, "hidden_act");
    const char *name = json_is_absent(&activation) ? "silu" : cJSON_GetStringValue(activation.value);
    if (!name || (strcmp(name, "silu") != 0 && strcmp(name, "swish") != 0))
        return json_expected(&activation, err, "silu, also called swish");
    config->norm = NORM_RMS;
    config->norm_epsilon = 1e-6F;
    config->mlp = MLP_SWIGLU;
    return optional_float(json, "rms_norm_eps", 1e-30F, 1, &config->norm_epsilon, err) &&
           read_rope(config, json, err) &&
           optional_bool(json, "tie_word_embeddings", &config->tied_head, err);
}

static bool load_llama(Config *config, const JsonNode *json, Error *err) {
    if (!read_llama_sizes(config, json, (LlamaDefaults){.n_ctx = 2048}, err) ||
        !read_llama_settings(config, json, err) ||
        !optional_bool(json, "attention_bias", &config->qkv_bias, err) ||
        !optional_bool(json, "mlp_bias", &config->mlp_bias, err))
        return false;
    config->attention_output_bias = config->qkv_bias;
    return true;
}

// Without a window when the member is null; 4096 keys when it is missing.
static bool read_window_size(Config *config, const JsonNode *json, Error *err) {
    if (is_null(json, "sliding_window")) return true;
    config->sliding_window = 4096;
    return optional_size(json, "sliding_window", MAX_WINDOW, &config->sliding_window, err);
}

static bool load_mistral(Config *config, const JsonNode *json, Error *err) {
    return read_llama_sizes(config, json, (LlamaDefaults){.n_kv_heads = 8, .n_ctx = 131072}, err) &&
           read_llama_settings(config, json, err) && read_window_size(config, json, err);
}

// Which layers have a window: those that "layer_types" names, or else those from max_window_layers on.
static bool read_windows(Config *config, const JsonNode *json, Error *err) {
    bool used = false;
    int first = 28;
    if (!optional_bool(json, "use_sliding_window", &used, err)) return false;
    if (!used || is_null(json, "sliding_window")) return true;
    if (!read_window_size(config, json, err)) return false;
    if (has(json, "max_window_layers") &&
        !json_get_number(json, "max_window_layers", 0, 1 << 20, &first, err))
        return false;
    JsonNode types = json_member(json, "layer_types");
    if (!json_is_absent(&types) && !json_as_array(&types, config->n_layers, err)) return false;
    for (int layer = 0; layer < config->n_layers; layer++) {
        const char *type = cJSON_GetStringValue(cJSON_GetArrayItem(types.value, layer));
        bool has_window =
            cJSON_IsArray(types.value) ? type && strcmp(type, "sliding_attention") == 0 : layer >= first;
        config->full_attention[layer] = !has_window;
    }
    return true;
}

static bool load_qwen2(Config *config, const JsonNode *json, Error *err) {
    config->qkv_bias = true;
    return read_llama_sizes(config, json, (LlamaDefaults){.n_kv_heads = 32, .n_ctx = 32768}, err) &&
           read_llama_settings(config, json, err) && read_windows(config, json, err);
}

static bool load_qwen3(Config *config, const JsonNode *json, Error *err) {
    LlamaDefaults missing = {.n_kv_heads = 32, .n_ctx = 32768, .d_head = 128};
    config->qk_norm = true;
    if (!read_llama_sizes(config, json, missing, err) || !read_llama_settings(config, json, err) ||
        !read_windows(config, json, err) || !optional_bool(json, "attention_bias", &config->qkv_bias, err))
        return false;
    config->attention_output_bias = config->qkv_bias;
    return true;
}

const Family FAMILIES[] = {{"gpt2", load_gpt2},   {"gpt_bigcode", load_gpt_bigcode},
                           {"llama", load_llama}, {"mistral", load_mistral},
                           {"qwen2", load_qwen2}, {"qwen3", load_qwen3}};
const int N_FAMILIES = sizeof FAMILIES / sizeof FAMILIES[0];
