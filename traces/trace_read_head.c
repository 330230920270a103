// The parts of a trace before its Steps: format, version, model, run, machine, source, axes.
#include "traces/trace_internal.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cache/policy.h"
#include "traces/trace_format.h"

// Larger than any model, and small enough that no product of two of them leaves an int64_t.
enum {
    MAX_LAYERS = CONFIG_MAX_LAYERS,
    MAX_HEADS = 4096,
    MAX_WIDTH = 1 << 20,
    MAX_VOCAB = 1 << 24,
    MAX_CTX = 1 << 24,
    MAX_THREADS = 1 << 20,
};

bool trace_read_format(Trace *trace, const JsonNode *node, Error *err) {
    (void)trace;
    return json_is_string(node, TRACE_FORMAT, err);
}

bool trace_read_version(Trace *trace, const JsonNode *node, Error *err) {
    const char *version;
    if (!json_as_string(node, &version, err)) return false;
    int major, minor, length = 0;
    bool digits = strspn(version, "0123456789.") == strlen(version) && strlen(version) < 16;
    if (!digits || sscanf(version, "%d.%d%n", &major, &minor, &length) != 2 || version[length] != '\0')
        return json_expected(node, err, "a version such as \"%d.%d\"", TRACE_MAJOR, TRACE_MINOR);
    if (major != TRACE_MAJOR)
        return error_set(err,
                         "%s: version: the trace is of version %s; this kvstep reads the versions %d.x: use "
                         "the kvstep that "
                         "wrote it, or record the trace anew",
                         node->file, version, TRACE_MAJOR);
    trace->newer = minor > TRACE_MINOR;
    return true;
}

static bool read_sizes(Config *config, const JsonNode *node, Error *err) {
    const struct {
        const char *name;
        int max;
        int *out;
    } SIZES[] = {
        {"n_layers", MAX_LAYERS, &config->n_layers},    {"n_heads", MAX_HEADS, &config->n_heads},
        {"n_kv_heads", MAX_HEADS, &config->n_kv_heads}, {"d_model", MAX_WIDTH, &config->d_model},
        {"d_head", MAX_WIDTH, &config->d_head},         {"d_ff", MAX_WIDTH, &config->d_ff},
        {"n_vocab", MAX_VOCAB, &config->n_vocab},       {"n_ctx", MAX_CTX, &config->n_ctx},
    };
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        if (!json_get_number(node, SIZES[i].name, 1, SIZES[i].max, SIZES[i].out, err)) return false;
    return true;
}

// The sizes must fit together, and costs made from them must be numbers that can be counted.
static bool check_sizes(const Config *config, const JsonNode *node, Error *err) {
    JsonNode kv_heads = json_member(node, "n_kv_heads");
    if (config->n_heads % config->n_kv_heads != 0)
        return json_expected(&kv_heads, err, "a divisor of n_heads = %d", config->n_heads);
    double d_heads = (double)config->n_heads * config->d_head;
    double row = config->d_model * (4 * d_heads + 2.0 * config->d_ff) + 2 * d_heads * config->n_ctx;
    double pass = 2 * (row * config->n_layers * config->n_ctx + (double)config->d_model * config->n_vocab);
    if (pass < (double)JSON_MAX_WHOLE * 64) return true;
    return error_set(err,
                     "%s: model: expected sizes of a model, found ones whose pass over the whole context "
                     "takes %.3g FLOPs; "
                     "record the trace anew",
                     node->file, pass);
}

static bool read_id(const JsonNode *object, const char *name, int n_vocab, int *out, Error *err) {
    JsonNode node = json_member(object, name);
    *out = -1;
    return cJSON_IsNull(node.value) || json_get_number(object, name, 0, n_vocab - 1, out, err);
}

static bool copy_string(const JsonNode *object, const char *name, char *out, size_t size, Error *err) {
    const char *string;
    if (!json_get_string(object, name, &string, err)) return false;
    JsonNode node = json_member(object, name);
    if (strlen(string) >= size) return json_expected(&node, err, "at most %zu bytes", size - 1);
    strcpy(out, string);
    return true;
}

static bool read_name(Trace *trace, const JsonNode *model, Error *err) {
    Config *config = &trace->timeline.config;
    Text text;
    if (!json_get_text(model, "name", "name_bytes", &trace->texts, &text, err)) return false;
    JsonNode node = json_member(model, "name");
    if (!text.bytes || text.n_bytes >= sizeof config->name || memchr(text.bytes, '\0', text.n_bytes))
        return json_expected(&node, err, "a name of at most %zu bytes", sizeof config->name - 1);
    memcpy(config->name, text.bytes, text.n_bytes);
    return true;
}

static bool read_dtype(const JsonNode *model, DType *out, Error *err) {
    const char *name;
    if (!json_get_string(model, "weights_dtype", &name, err)) return false;
    for (*out = DTYPE_F32; *out <= DTYPE_BF16; (*out)++) // those that weights can have
        if (strcmp(name, dtype_name(*out)) == 0) return true;
    JsonNode node = json_member(model, "weights_dtype");
    return json_expected(&node, err, "a type of number, such as \"%s\"", dtype_name(DTYPE_F32));
}

static bool read_eos(const JsonNode *model, Config *config, Error *err) {
    JsonNode ids = json_member(model, "eos_ids");
    const cJSON *value;
    int first;
    if (!read_id(model, "eos_id", config->n_vocab, &first, err) || !json_as_array(&ids, -1, err))
        return false;
    if (cJSON_GetArraySize(ids.value) > CONFIG_MAX_EOS)
        return json_expected(&ids, err, "at most %d ids", CONFIG_MAX_EOS);
    config->n_eos = 0;
    cJSON_ArrayForEach(value, ids.value) {
        JsonNode element = json_element(&ids, config->n_eos, value);
        int64_t id;
        if (!json_as_whole(&element, 0, config->n_vocab - 1, &id, err)) return false;
        config->eos_ids[config->n_eos++] = (int)id;
    }
    JsonNode eos = json_member(model, "eos_id");
    return first == (config->n_eos ? config->eos_ids[0] : -1) ||
           json_expected(&eos, err, "the first of eos_ids");
}

// One of the names, as its place among them.
static bool read_name_of(const JsonNode *model, const char *member, int n, const char *const *names, int *out,
                         Error *err) {
    const char *name;
    if (!json_get_string(model, member, &name, err)) return false;
    for (*out = 0; *out < n; (*out)++)
        if (strcmp(name, names[*out]) == 0) return true;
    JsonNode node = json_member(model, member);
    return json_expected(&node, err, "a name such as \"%s\"", names[0]);
}

static bool read_full_attention(const JsonNode *model, Config *config, Error *err) {
    JsonNode layers = json_member(model, "full_attention_layers");
    const cJSON *value;
    int index = 0;
    if (!json_as_array(&layers, -1, err)) return false;
    cJSON_ArrayForEach(value, layers.value) {
        JsonNode element = json_element(&layers, index++, value);
        int64_t layer;
        if (!json_as_whole(&element, 0, config->n_layers - 1, &layer, err)) return false;
        config->full_attention[layer] = 1;
    }
    return true;
}

// kvstep's own models have one RoPE for all layers.
static bool read_rope(const JsonNode *model, Config *config, Error *err) {
    JsonNode ropes = json_member(model, "rope");
    Rope *rope = &config->rope;
    int scaling;
    if (!json_as_array(&ropes, config->positions == POSITIONS_ROPE, err)) return false;
    if (config->positions != POSITIONS_ROPE) return true;
    JsonNode node = json_element(&ropes, 0, cJSON_GetArrayItem(ropes.value, 0));
    JsonNode layers = json_member(&node, "layers");
    if (!json_as_object(&node, err) || !json_as_array(&layers, config->n_layers, err) ||
        !read_name_of(&node, "scaling", 4, TRACE_ROPES, &scaling, err) ||
        !json_get_bool(&node, "truncate", &rope->truncate, err) ||
        !json_get_number(&node, "original_ctx", 0, MAX_CTX, &rope->original_ctx, err))
        return false;
    rope->scaling = (RopeScaling)scaling;
    const struct {
        const char *name;
        float *out;
    } NUMBERS[] = {{"theta", &rope->theta},
                   {"factor", &rope->factor},
                   {"low_freq_factor", &rope->low_freq_factor},
                   {"high_freq_factor", &rope->high_freq_factor},
                   {"beta_fast", &rope->beta_fast},
                   {"beta_slow", &rope->beta_slow},
                   {"attention_factor", &rope->attention_factor}};
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        if (!json_get_float(&node, NUMBERS[i].name, 0, FLT_MAX, NUMBERS[i].out, err)) return false;
    return true;
}

// What the model consists of.
static bool read_parts(const JsonNode *model, Config *config, Error *err) {
    int positions, norm, mlp;
    int64_t shape[] = {config->n_layers};
    JsonNode scale = json_member(model, "score_scale");
    if (!read_id(model, "start_id", config->n_vocab, &config->start_id, err) ||
        !read_name_of(model, "positions", 2, TRACE_POSITIONS, &positions, err) ||
        !read_name_of(model, "norm", 2, TRACE_NORMS, &norm, err) ||
        !read_name_of(model, "mlp", 4, TRACE_MLPS, &mlp, err) ||
        !json_get_bool(model, "qk_norm", &config->qk_norm, err) ||
        !json_as_floats(&scale, 1, shape, NAN, config->score_scale, err) ||
        !json_get_bool(model, "cross_attention", &config->cross_attention, err) ||
        !json_get_number(model, "sliding_window", 0, INT_MAX, &config->sliding_window, err))
        return false;
    config->positions = (PositionKind)positions;
    config->norm = (NormKind)norm;
    config->mlp = (MlpKind)mlp;
    return read_rope(model, config, err) && read_full_attention(model, config, err);
}

bool trace_read_model(Trace *trace, const JsonNode *node, Error *err) {
    Config *config = &trace->timeline.config;
    return json_as_object(node, err) && read_name(trace, node, err) &&
           copy_string(node, "architecture", config->architecture, sizeof config->architecture, err) &&
           read_sizes(config, node, err) && check_sizes(config, node, err) &&
           read_dtype(node, &config->weights_dtype, err) &&
           json_get_float(node, "norm_epsilon", 0, FLT_MAX, &config->norm_epsilon, err) &&
           read_id(node, "bos_id", config->n_vocab, &config->bos_id, err) && read_eos(node, config, err) &&
           read_parts(node, config, err);
}

static bool read_record(Trace *trace, const JsonNode *node, Error *err) {
    if (!json_as_array(node, -1, err)) return false;
    int index = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, node->value) {
        JsonNode element = json_element(node, index++, value);
        const char *name;
        if (!json_as_string(&element, &name, err)) return false;
        SiteId site = site_find(name, strlen(name));
        if (site != SITE_COUNT)
            trace->timeline.recorded |= SITE_BIT(site);
        else if (!trace->newer)
            return json_expected(&element, err, "the name of a site");
    }
    return true;
}

bool trace_read_run(Trace *trace, const JsonNode *node, Error *err) {
    Timeline *timeline = &trace->timeline;
    Sampling *sampling = &timeline->sampling;
    int64_t seed;
    if (!json_as_object(node, err) ||
        !json_get_text(node, "prompt", "prompt_bytes", &trace->texts, &timeline->prompt, err) ||
        !json_get_whole(node, "seed", 0, UINT32_MAX, &seed, err) ||
        !json_get_float(node, "temperature", 0, 100, &sampling->temperature, err) ||
        !json_get_number(node, "top_k", 0, INT_MAX, &sampling->top_k, err) ||
        !json_get_float(node, "top_p", FLT_TRUE_MIN, 1, &sampling->top_p, err))
        return false;
    sampling->seed = (uint32_t)seed;
    JsonNode dtype = json_member(node, "cache_dtype"), policy = json_member(node, "cache_policy");
    JsonNode record = json_member(node, "record");
    timeline->cache_policy = POLICY_FULL.name;
    return json_is_string(&dtype, TRACE_CACHE_DTYPE, err) &&
           json_is_string(&policy, timeline->cache_policy, err) &&
           json_get_bool(node, "recompute", &timeline->has_recompute, err) &&
           read_record(trace, &record, err);
}

bool trace_read_machine(Trace *trace, const JsonNode *node, Error *err) {
    Machine *machine = &trace->timeline.machine;
    JsonNode threads = json_member(node, "threads");
    return json_as_object(node, err) &&
           json_get_text(node, "program", "program_bytes", &trace->texts, &machine->program, err) &&
           json_get_text(node, "processor", "processor_bytes", &trace->texts, &machine->processor, err) &&
           (cJSON_IsNull(threads.value) ||
            json_get_number(node, "threads", 1, MAX_THREADS, &machine->n_threads, err));
}

static bool read_source_tokens(Trace *trace, const JsonNode *node, Error *err) {
    Timeline *timeline = &trace->timeline;
    int index = 0;
    const cJSON *value;
    if (!json_as_array(node, -1, err)) return false;
    int n = cJSON_GetArraySize(node->value);
    if (n == 0) return json_expected(node, err, "at least one token");
    timeline->source = calloc((size_t)n, sizeof *timeline->source);
    if (!timeline->source) return error_no_memory(err, "the source", (double)n * sizeof *timeline->source);
    timeline->n_source = n;
    cJSON_ArrayForEach(value, node->value) {
        JsonNode element = json_element(node, index, value);
        Token *token = &timeline->source[index];
        int position;
        if (!json_as_object(&element, err) ||
            !json_get_number(&element, "position", index, index, &position, err) ||
            !json_get_number(&element, "id", 0, INT_MAX, &token->id, err) ||
            !json_get_text(&element, "text", "bytes", &trace->texts, &token->text, err))
            return false;
        index++;
    }
    return true;
}

// As check_sizes(), for what the source adds to a pass.
static bool check_source(const Timeline *timeline, const JsonNode *node, Error *err) {
    const Config *c = &timeline->config;
    double n_source = timeline->n_source, d_heads = (double)c->n_heads * c->d_head;
    double row = d_heads * (c->d_model + n_source), kv = n_source * c->d_model * d_heads;
    return 4 * c->n_layers * (row * c->n_ctx + kv) < (double)JSON_MAX_WHOLE * 64 ||
           json_expected(node, err, "a source that a pass over the whole context can be counted with");
}

bool trace_read_source(Trace *trace, const JsonNode *node, Error *err) {
    JsonNode tokens = json_member(node, "tokens");
    if (!node->value) return true; // a decoder alone has none
    return json_as_object(node, err) &&
           json_get_text(node, "text", "bytes", &trace->texts, &trace->timeline.source_text, err) &&
           read_source_tokens(trace, &tokens, err) && check_source(&trace->timeline, &tokens, err) &&
           trace_read_cost(node, "encoder", &trace->timeline.encoder, err);
}

static bool check_site_axes(const JsonNode *axes, SiteId site, Error *err) {
    const char *names[TRACE_MAX_DIMS];
    int n_dims = trace_site_axes(site, names), index = 0;
    JsonNode node = json_member(axes, SITES[site].name);
    if (!json_as_array(&node, n_dims, err)) return false;
    const cJSON *value;
    cJSON_ArrayForEach(value, node.value) {
        JsonNode element = json_element(&node, index, value);
        if (!json_is_string(&element, names[index++], err)) return false;
    }
    return true;
}

bool trace_read_axes(Trace *trace, const JsonNode *node, Error *err) {
    if (!json_as_object(node, err)) return false;
    SiteMask unknown =
        trace->timeline.recorded & ~sites_of(&trace->timeline.config, trace->timeline.n_source);
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if (unknown & SITE_BIT(site))
            return error_set(
                err, "%s: run.record: expected sites that the model has, found \"%s\"; record the trace anew",
                node->file, SITES[site].name);
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if (trace_has_weights(&trace->timeline.config, trace->timeline.n_source, site) ||
            trace_has_site(trace->timeline.recorded, site))
            if (!check_site_axes(node, site, err)) return false;
    return true;
}
