// The families, one function each; the parts that several of them have come first.
#include <math.h>
#include <string.h>

#include "core/base/file.h"
#include "core/model/config_family.h"

enum {
    MAX_WIDTH = 1 << 16,
    MAX_FF = 1 << 18,
    MAX_VOCAB = 1 << 21,
    MAX_CTX = 1 << 20,
};

static const cJSON *member(const cJSON *json, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsNull(item) ? NULL : item;
}

int family_token_id(const cJSON *json, const char *name, int n_vocab) {
    const cJSON *item = member(json, name);
    double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
    return id >= 0 && id < n_vocab && id == floor(id) ? (int)id : -1;
}

void family_read_eos(Config *config, const cJSON *json) {
    const cJSON *item = member(json, "eos_token_id"), *element;
    int n = 0, ids[CONFIG_MAX_EOS];
    if (cJSON_IsArray(item)) {
        cJSON_ArrayForEach(element, item) {
            double id = cJSON_IsNumber(element) ? element->valuedouble : -1;
            if (n < CONFIG_MAX_EOS && id >= 0 && id < config->n_vocab) ids[n++] = (int)id;
        }
    } else if ((ids[0] = family_token_id(json, "eos_token_id", config->n_vocab)) >= 0) {
        n = 1;
    }
    if (n == 0) return;
    memcpy(config->eos_ids, ids, (size_t)n * sizeof *ids);
    config->n_eos = n;
}

void family_read_special_ids(Config *config, const cJSON *json) {
    if (member(json, "bos_token_id")) config->bos_id = family_token_id(json, "bos_token_id", config->n_vocab);
    family_read_eos(config, json);
}

bool family_require(const cJSON *json, const char *name, bool value, const char *path, Error *err) {
    const cJSON *item = member(json, name);
    if (!item || (cJSON_IsBool(item) && cJSON_IsTrue(item) == value)) return true;
    return error_set(err, "%s: \"%s\" is not %s; kvstep does not support such models", path, name,
                     value ? "true" : "false");
}

static bool read_flag(const cJSON *json, const char *name, bool missing, bool *out, const char *path,
                      Error *err) {
    const cJSON *item = member(json, name);
    *out = item ? cJSON_IsTrue(item) : missing;
    return !item || cJSON_IsBool(item) || error_set(err, "%s: \"%s\" must be true or false", path, name);
}

static bool read_number(const cJSON *json, const char *name, double min, double max, double missing,
                        float *out, const char *path, Error *err) {
    const cJSON *item = member(json, name);
    double value = item ? cJSON_GetNumberValue(item) : missing;
    *out = (float)value;
    return (value >= min && value <= max && *out >= min) ||
           error_set(err, "%s: \"%s\" must be a number from %.6g to %.6g", path, name, min, max);
}

static bool read_epsilon(Config *config, const cJSON *json, const char *name, double missing,
                         const char *path, Error *err) {
    return read_number(json, name, 1e-30, 1, missing, &config->norm_epsilon, path, err);
}

// A whole number under either of two names: a family's own one, and the one that Hugging Face takes for every
// family.
static bool read_size(const cJSON *json, const char *name, const char *alias, int max, int missing, int *out,
                      const char *path, Error *err) {
    if (!member(json, name) && alias && member(json, alias)) name = alias;
    if (!member(json, name) && missing > 0) return *out = missing, true;
    return json_get_int(json, name, 1, max, missing, out, path, err);
}

// ---- GPT-2 and gpt_bigcode

static bool read_gelu(Config *config, const cJSON *json, const char *missing, const char *path, Error *err) {
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
    const cJSON *item = member(json, "activation_function");
    const char *name = item ? cJSON_GetStringValue(item) : missing;
    for (size_t i = 0; name && i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i].name) == 0) return config->mlp = NAMES[i].kind, true;
    return error_set(err,
                     "%s: \"activation_function\" is %s%.40s; kvstep knows gelu_new (also called "
                     "gelu_pytorch_tanh and gelu_fast), gelu "
                     "and relu",
                     path, name ? "" : "not a text", name ? name : "");
}

static bool read_gpt2_sizes(Config *config, const cJSON *json, const char *path, Error *err) {
    const char *ctx_alias = member(json, "max_position_embeddings") ? "max_position_embeddings" : "n_ctx";
    if (!read_size(json, "n_layer", "num_hidden_layers", CONFIG_MAX_LAYERS, 0, &config->n_layers, path,
                   err) ||
        !read_size(json, "n_embd", "hidden_size", MAX_WIDTH, 0, &config->d_model, path, err) ||
        !read_size(json, "n_head", "num_attention_heads", config->d_model, 0, &config->n_heads, path, err) ||
        !read_size(json, "n_inner", NULL, MAX_FF, 4 * config->d_model, &config->d_ff, path, err) ||
        !read_size(json, "n_positions", ctx_alias, MAX_CTX, 0, &config->n_ctx, path, err) ||
        !read_size(json, "vocab_size", NULL, MAX_VOCAB, 0, &config->n_vocab, path, err))
        return false;
    if (config->d_model % config->n_heads != 0)
        return error_set(
            err,
            "%s: \"n_embd\" is %d, which %d heads (\"n_head\") do not share equally; correct one of the two",
            path, config->d_model, config->n_heads);
    config->n_kv_heads = config->n_heads;
    config->d_head = config->d_model / config->n_heads;
    config->positions = POSITIONS_LEARNED;
    config->norm = NORM_LAYER;
    config->qkv_bias = config->attention_output_bias = config->mlp_bias = true;
    return true;
}

static bool read_gpt2_settings(Config *config, const cJSON *json, const char *activation, const char *path,
                               Error *err) {
    bool scaled;
    if (!read_epsilon(config, json, "layer_norm_epsilon", 1e-5, path, err) ||
        !read_gelu(config, json, activation, path, err) ||
        !read_flag(json, "scale_attn_weights", true, &scaled, path, err) ||
        !read_flag(json, "tie_word_embeddings", true, &config->tied_head, path, err))
        return false;
    config->unscaled_scores = !scaled;
    return true;
}

static bool load_gpt2(Config *config, const cJSON *json, const char *path, Error *err) {
    return read_gpt2_sizes(config, json, path, err) &&
           read_gpt2_settings(config, json, "gelu_new", path, err) &&
           read_flag(json, "scale_attn_by_inverse_layer_idx", false, &config->scores_by_layer, path, err) &&
           read_flag(json, "add_cross_attention", false, &config->cross_attention, path, err);
}

static bool load_gpt_bigcode(Config *config, const cJSON *json, const char *path, Error *err) {
    bool multi_query;
    if (!read_gpt2_sizes(config, json, path, err) ||
        !read_gpt2_settings(config, json, "gelu_pytorch_tanh", path, err) ||
        !read_flag(json, "multi_query", true, &multi_query, path, err) ||
        !family_require(json, "add_cross_attention", false, path, err))
        return false;
    if (multi_query) config->n_kv_heads = 1;
    return true;
}

// ---- Llama and its relatives

static bool read_rope_numbers(Rope *rope, const cJSON *scaling, const Config *config, const char *path,
                              Error *err) {
    const double tiny = 1e-6, far = 1e6;
    double missing_factor = rope->scaling == ROPE_PLAIN ? 1 : 0; // below the least: an error
    if (!read_number(scaling, "factor", tiny, far, missing_factor, &rope->factor, path, err) ||
        !read_size(scaling, "original_max_position_embeddings", NULL, MAX_CTX, config->n_ctx,
                   &rope->original_ctx, path, err))
        return false;
    if (rope->scaling == ROPE_LLAMA3) {
        if (!read_number(scaling, "low_freq_factor", tiny, far, 0, &rope->low_freq_factor, path, err) ||
            !read_number(scaling, "high_freq_factor", tiny, far, 0, &rope->high_freq_factor, path, err))
            return false;
        return rope->high_freq_factor > rope->low_freq_factor ||
               error_set(err, "%s: \"high_freq_factor\" must be above \"low_freq_factor\"", path);
    }
    if (rope->scaling != ROPE_YARN) return true;
    float mscale, mscale_all_dim;
    double sharper = rope->factor > 1 ? 0.1 * log((double)rope->factor) : 0;
    if (!read_number(scaling, "mscale", 0, far, 0, &mscale, path, err) ||
        !read_number(scaling, "mscale_all_dim", 0, far, 0, &mscale_all_dim, path, err))
        return false;
    double usual = mscale > 0 && mscale_all_dim > 0 ? (mscale * sharper + 1) / (mscale_all_dim * sharper + 1)
                                                    : sharper + 1;
    return read_number(scaling, "attention_factor", tiny, far, usual, &rope->attention_factor, path, err) &&
           read_number(scaling, "beta_fast", tiny, far, 32, &rope->beta_fast, path, err) &&
           read_number(scaling, "beta_slow", tiny, far, 1, &rope->beta_slow, path, err) &&
           read_flag(scaling, "truncate", true, &rope->truncate, path, err);
}

// "dynamic" changes nothing up to max_position_embeddings, which is where a text ends here.
static bool read_rope_kind(Rope *rope, const cJSON *scaling, const char *path, Error *err) {
    const cJSON *item = member(scaling, "rope_type") ? member(scaling, "rope_type") : member(scaling, "type");
    const char *name = item ? cJSON_GetStringValue(item) : "default";
    static const struct {
        const char *name;
        RopeScaling kind;
    } KINDS[] = {{"default", ROPE_PLAIN},
                 {"dynamic", ROPE_PLAIN},
                 {"linear", ROPE_LINEAR},
                 {"llama3", ROPE_LLAMA3},
                 {"yarn", ROPE_YARN}};
    for (size_t i = 0; name && i < sizeof KINDS / sizeof *KINDS; i++)
        if (strcmp(KINDS[i].name, name) == 0) return rope->scaling = KINDS[i].kind, true;
    return error_set(err,
                     "%s: the RoPE scaling is %.40s; kvstep knows: default, linear, dynamic, llama3, yarn",
                     path, name ? name : "nothing");
}

static bool read_rope(Config *config, const cJSON *json, const char *path, Error *err) {
    const cJSON *scaling = member(json, "rope_scaling");
    if (!scaling) scaling = member(json, "rope_parameters");
    if (scaling && !cJSON_IsObject(scaling))
        return error_set(err, "%s: \"rope_scaling\" must be an object or null", path);
    const cJSON *layered = member(scaling, "full_attention");
    float whole;
    Rope *rope = &config->rope;
    config->positions = POSITIONS_ROPE;
    if (layered)
        return error_set(err, "%s: RoPE differs between layers; kvstep does not support such models", path);
    if (!read_number(json, "partial_rotary_factor", 0, 1, 1, &whole, path, err)) return false;
    if (whole == 1 && !read_number(scaling, "partial_rotary_factor", 0, 1, 1, &whole, path, err))
        return false;
    if (whole != 1)
        return error_set(
            err, "%s: RoPE applies only to a part of each head; kvstep does not support such models", path);
    const cJSON *theta_in = member(scaling, "rope_theta") ? scaling : json;
    return read_number(theta_in, "rope_theta", 1.0001, 1e12, 10000, &rope->theta, path, err) &&
           read_rope_kind(rope, scaling, path, err) && read_rope_numbers(rope, scaling, config, path, err);
}

typedef struct LlamaDefaults {
    int n_kv_heads; // 0: as many as query heads
    int n_ctx;
    int d_head; // 0: d_model / n_heads
} LlamaDefaults;

static bool read_llama_sizes(Config *config, const cJSON *json, LlamaDefaults missing, const char *path,
                             Error *err) {
    if (!read_size(json, "num_hidden_layers", NULL, CONFIG_MAX_LAYERS, 0, &config->n_layers, path, err) ||
        !read_size(json, "hidden_size", NULL, MAX_WIDTH, 0, &config->d_model, path, err) ||
        !read_size(json, "num_attention_heads", NULL, MAX_WIDTH, 0, &config->n_heads, path, err) ||
        !read_size(json, "intermediate_size", NULL, MAX_FF, 0, &config->d_ff, path, err) ||
        !read_size(json, "max_position_embeddings", NULL, MAX_CTX, missing.n_ctx, &config->n_ctx, path,
                   err) ||
        !read_size(json, "vocab_size", NULL, MAX_VOCAB, 0, &config->n_vocab, path, err))
        return false;
    bool says_null = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "num_key_value_heads"));
    int kv_heads = missing.n_kv_heads && !says_null ? missing.n_kv_heads : config->n_heads;
    if (!read_size(json, "num_key_value_heads", NULL, config->n_heads, kv_heads, &config->n_kv_heads, path,
                   err))
        return false;
    if (config->n_heads % config->n_kv_heads != 0)
        return error_set(err,
                         "%s: %d query heads do not share %d KV heads (\"num_key_value_heads\") equally; "
                         "correct one of the two",
                         path, config->n_heads, config->n_kv_heads);
    int d_head = missing.d_head ? missing.d_head : config->d_model / config->n_heads;
    if (!member(json, "head_dim") && !missing.d_head && config->d_model % config->n_heads != 0)
        return error_set(err,
                         "%s: \"hidden_size\" is %d, which %d heads do not share equally; \"head_dim\" must "
                         "say their size",
                         path, config->d_model, config->n_heads);
    if (!read_size(json, "head_dim", NULL, MAX_WIDTH, d_head, &config->d_head, path, err)) return false;
    if ((double)config->n_heads * config->d_head > MAX_WIDTH * 4.0)
        return error_set(err, "%s: %d heads of size %d are too large", path, config->n_heads, config->d_head);
    return config->d_head % 2 == 0 ||
           error_set(err, "%s: \"head_dim\" is %d; RoPE rotates pairs, so it must be even", path,
                     config->d_head);
}

static bool read_llama_settings(Config *config, const cJSON *json, const char *path, Error *err) {
    const cJSON *item = member(json, "hidden_act");
    const char *activation = item ? cJSON_GetStringValue(item) : "silu";
    if (!activation || (strcmp(activation, "silu") != 0 && strcmp(activation, "swish") != 0))
        return error_set(err, "%s: \"hidden_act\" is %.40s; kvstep knows silu, also called swish", path,
                         activation ? activation : "not a text");
    config->norm = NORM_RMS;
    config->mlp = MLP_SWIGLU;
    return read_epsilon(config, json, "rms_norm_eps", 1e-6, path, err) &&
           read_rope(config, json, path, err) &&
           read_flag(json, "tie_word_embeddings", false, &config->tied_head, path, err);
}

static bool load_llama(Config *config, const cJSON *json, const char *path, Error *err) {
    bool attention_bias;
    if (!read_llama_sizes(config, json, (LlamaDefaults){.n_ctx = 2048}, path, err) ||
        !read_llama_settings(config, json, path, err) ||
        !read_flag(json, "attention_bias", false, &attention_bias, path, err) ||
        !read_flag(json, "mlp_bias", false, &config->mlp_bias, path, err))
        return false;
    config->qkv_bias = config->attention_output_bias = attention_bias;
    return true;
}

static bool load_mistral(Config *config, const cJSON *json, const char *path, Error *err) {
    bool says_null = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "sliding_window"));
    return read_llama_sizes(config, json, (LlamaDefaults){.n_kv_heads = 8, .n_ctx = 131072}, path, err) &&
           read_llama_settings(config, json, path, err) &&
           (says_null ||
            read_size(json, "sliding_window", NULL, 1 << 30, 4096, &config->sliding_window, path, err));
}

// Which layers have a window: those that "layer_types" names, or else those from max_window_layers on.
static bool read_window(Config *config, const cJSON *json, const char *path, Error *err) {
    bool used, says_null = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "sliding_window"));
    const cJSON *types = member(json, "layer_types");
    int first = 0;
    if (!read_flag(json, "use_sliding_window", false, &used, path, err)) return false;
    if (!used || says_null) return true;
    if (!read_size(json, "sliding_window", NULL, 1 << 30, 4096, &config->sliding_window, path, err) ||
        !json_get_int(json, "max_window_layers", 0, 1 << 20, 28, &first, path, err))
        return false;
    if (types && (!cJSON_IsArray(types) || cJSON_GetArraySize(types) != config->n_layers))
        return error_set(err, "%s: \"layer_types\" must name a type for each of %d layers", path,
                         config->n_layers);
    for (int layer = 0; layer < config->n_layers; layer++) {
        const char *type = types ? cJSON_GetStringValue(cJSON_GetArrayItem(types, layer)) : NULL;
        config->full_attention[layer] =
            types ? !type || strcmp(type, "sliding_attention") != 0 : layer < first;
    }
    return true;
}

static bool load_qwen2(Config *config, const cJSON *json, const char *path, Error *err) {
    config->qkv_bias = true;
    return read_llama_sizes(config, json, (LlamaDefaults){.n_kv_heads = 32, .n_ctx = 32768}, path, err) &&
           read_llama_settings(config, json, path, err) && read_window(config, json, path, err);
}

static bool load_qwen3(Config *config, const cJSON *json, const char *path, Error *err) {
    config->qk_norm = true;
    if (!read_llama_sizes(config, json, (LlamaDefaults){.n_kv_heads = 32, .n_ctx = 32768, .d_head = 128},
                          path, err) ||
        !read_llama_settings(config, json, path, err) || !read_window(config, json, path, err) ||
        !read_flag(json, "attention_bias", false, &config->qkv_bias, path, err))
        return false;
    config->attention_output_bias = config->qkv_bias;
    return true;
}

const Family FAMILIES[] = {{"gpt2", load_gpt2},   {"gpt_bigcode", load_gpt_bigcode},
                           {"llama", load_llama}, {"mistral", load_mistral},
                           {"qwen2", load_qwen2}, {"qwen3", load_qwen3}};
const int N_FAMILIES = sizeof FAMILIES / sizeof FAMILIES[0];
