// One function for each part of the document, from the smallest up; trace_write_step() and write_head() are
// its table of contents. The members and their order are those of docs/trace-format.md.
//
// Interface: trace_write.h.
#include "traces/trace_write.h"

#include "traces/trace_format.h"

// A text with unknown bytes is null; one that is not UTF-8 has its bytes beside it.
static void write_text(JsonWriter *json, const char *name, const char *bytes_name, Text text) {
    if (!text.bytes)
        json_null(json, name);
    else if (!json_text(json, name, text))
        json_bytes(json, bytes_name, text);
}

static void write_id(JsonWriter *json, const char *name, int id) {
    if (id < 0)
        json_null(json, name);
    else
        json_int(json, name, id);
}

static void write_ints(JsonWriter *json, const char *name, const int *numbers, int n, size_t stride) {
    json_begin_array(json, name, JSON_INLINE);
    for (int i = 0; i < n; i++)
        json_int(json, NULL, *(const int *)(const void *)((const char *)numbers + i * stride));
    json_end(json);
}

// RoPE's settings, for the layers that have them.
static void write_rope(JsonWriter *json, const Config *config) {
    const Rope *rope = &config->rope;
    json_begin_array(json, "rope", JSON_LINES);
    if (config->positions == POSITIONS_ROPE) {
        json_begin_object(json, NULL, JSON_INLINE);
        json_begin_array(json, "layers", JSON_INLINE);
        for (int layer = 0; layer < config->n_layers; layer++) json_int(json, NULL, layer);
        json_end(json);
        json_string(json, "scaling", TRACE_ROPES[rope->scaling]);
        json_float(json, "theta", rope->theta);
        json_float(json, "factor", rope->factor);
        json_float(json, "low_freq_factor", rope->low_freq_factor);
        json_float(json, "high_freq_factor", rope->high_freq_factor);
        json_float(json, "beta_fast", rope->beta_fast);
        json_float(json, "beta_slow", rope->beta_slow);
        json_bool(json, "truncate", rope->truncate);
        json_float(json, "attention_factor", rope->attention_factor);
        json_int(json, "original_ctx", rope->original_ctx);
        json_end(json);
    }
    json_end(json);
}

// What the model consists of.
static void write_parts(JsonWriter *json, const Config *config) {
    write_ints(json, "eos_ids", config->eos_ids, config->n_eos, sizeof(int));
    write_id(json, "start_id", config->start_id);
    json_string(json, "positions", TRACE_POSITIONS[config->positions]);
    write_rope(json, config);
    json_string(json, "norm", TRACE_NORMS[config->norm]);
    json_string(json, "mlp", TRACE_MLPS[config->mlp]);
    json_bool(json, "qk_norm", config->qk_norm);
    json_floats(json, "score_scale", config->score_scale, (size_t)config->n_layers);
    json_bool(json, "cross_attention", config->cross_attention);
    json_int(json, "sliding_window", config->sliding_window);
    json_begin_array(json, "full_attention_layers", JSON_INLINE);
    for (int layer = 0; layer < config->n_layers && config->sliding_window; layer++)
        if (config->full_attention[layer]) json_int(json, NULL, layer);
    json_end(json);
}

static void write_model(JsonWriter *json, const Config *config) {
    json_begin_object(json, "model", JSON_LINES);
    write_text(json, "name", "name_bytes", text_from(config->name));
    json_string(json, "architecture", config->architecture);
    json_int(json, "n_layers", config->n_layers);
    json_int(json, "n_heads", config->n_heads);
    json_int(json, "n_kv_heads", config->n_kv_heads);
    json_int(json, "d_model", config->d_model);
    json_int(json, "d_head", config->d_head);
    json_int(json, "d_ff", config->d_ff);
    json_int(json, "n_vocab", config->n_vocab);
    json_int(json, "n_ctx", config->n_ctx);
    json_string(json, "weights_dtype", dtype_name(config->weights_dtype));
    json_float(json, "norm_epsilon", config->norm_epsilon);
    write_id(json, "bos_id", config->bos_id);
    write_id(json, "eos_id", config->n_eos ? config->eos_ids[0] : -1);
    write_parts(json, config);
    json_end(json);
}

static void write_run(JsonWriter *json, const Timeline *timeline) {
    json_begin_object(json, "run", JSON_LINES);
    write_text(json, "prompt", "prompt_bytes", timeline->prompt);
    json_int(json, "seed", timeline->sampling.seed);
    json_float(json, "temperature", timeline->sampling.temperature);
    json_int(json, "top_k", timeline->sampling.top_k);
    json_float(json, "top_p", timeline->sampling.top_p);
    json_string(json, "cache_dtype", TRACE_CACHE_DTYPE);
    json_string(json, "cache_policy", timeline->cache_policy);
    json_bool(json, "recompute", timeline->has_recompute);
    json_begin_array(json, "record", JSON_INLINE);
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if (trace_has_site(timeline->recorded, site)) json_string(json, NULL, SITES[site].name);
    json_end(json);
    json_end(json);
}

static void write_machine(JsonWriter *json, const Machine *machine) {
    json_begin_object(json, "machine", JSON_INLINE);
    write_text(json, "program", "program_bytes", machine->program);
    write_text(json, "processor", "processor_bytes", machine->processor);
    if (machine->n_threads)
        json_int(json, "threads", machine->n_threads);
    else
        json_null(json, "threads");
    json_end(json);
}

static void write_site_axes(JsonWriter *json, SiteId site) {
    const char *axes[TRACE_MAX_DIMS];
    int n_dims = trace_site_axes(site, axes);
    json_begin_array(json, SITES[site].name, JSON_INLINE);
    for (int i = 0; i < n_dims; i++) json_string(json, NULL, axes[i]);
    json_end(json);
}

static void write_axes(JsonWriter *json, const Timeline *timeline) {
    json_begin_object(json, "axes", JSON_LINES);
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if (trace_has_weights(&timeline->config, timeline->n_source, site)) write_site_axes(json, site);
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if (trace_has_site(timeline->recorded, site)) write_site_axes(json, site);
    json_end(json);
}

static void write_cost(JsonWriter *json, const char *name, const Cost *cost) {
    json_begin_object(json, name, JSON_INLINE);
    json_int(json, "flops", cost->flops);
    json_int(json, "weight_bytes", cost->weight_bytes);
    json_int(json, "cache_bytes", cost->cache_bytes);
    json_int(json, "cross_cache_bytes", cost->cross_cache_bytes);
    json_int(json, "cross_kv_flops", cost->cross_kv_flops);
    if (cost->nanoseconds == NOT_MEASURED)
        json_null(json, "nanoseconds");
    else
        json_int(json, "nanoseconds", cost->nanoseconds);
    json_bool(json, "counted", cost->counted);
    json_end(json);
}

// What the encoder has read, and what its one pass cost.
static void write_source(JsonWriter *json, const Timeline *timeline) {
    if (timeline->n_source == 0) return;
    json_begin_object(json, "source", JSON_LINES);
    write_text(json, "text", "bytes", timeline->source_text);
    json_begin_array(json, "tokens", JSON_LINES);
    for (int position = 0; position < timeline->n_source; position++) {
        json_begin_object(json, NULL, JSON_INLINE);
        json_int(json, "position", position);
        json_int(json, "id", timeline->source[position].id);
        write_text(json, "text", "bytes", timeline->source[position].text);
        json_end(json);
    }
    json_end(json);
    write_cost(json, "encoder", &timeline->encoder);
    json_end(json);
}

static void write_head(TraceWriter *writer, const Timeline *timeline) {
    JsonWriter *json = &writer->json;
    char version[32];
    snprintf(version, sizeof version, "%d.%d", TRACE_MAJOR, TRACE_MINOR);
    json_writer_init(json, &writer->output);
    json_begin_object(json, NULL, JSON_LINES);
    json_string(json, "format", TRACE_FORMAT);
    json_string(json, "version", version);
    write_model(json, &timeline->config);
    write_run(json, timeline);
    write_machine(json, &timeline->machine);
    write_source(json, timeline);
    write_axes(json, timeline);
    json_begin_array(json, "steps", JSON_LINES);
}

bool trace_writer_open(TraceWriter *writer, const char *path, const Timeline *timeline, Error *err) {
    *writer = (TraceWriter){
        .config = timeline->config, .recorded = timeline->recorded, .n_source = timeline->n_source};
    if (!output_open(&writer->output, path, err)) return false;
    write_head(writer, timeline);
    return true;
}

bool trace_writer_open_stream(TraceWriter *writer, FILE *stream, const char *name, const Timeline *timeline,
                              Error *err) {
    *writer = (TraceWriter){
        .config = timeline->config, .recorded = timeline->recorded, .n_source = timeline->n_source};
    if (!output_stream(&writer->output, stream, name, err)) return false;
    write_head(writer, timeline);
    return true;
}

// The two innermost axes are on one line: for attention, a line is what one head sees.
static const float *write_numbers(JsonWriter *json, const char *name, const float *numbers, int n_dims,
                                  const int64_t *shape) {
    if (n_dims == 1) {
        json_floats(json, name, numbers, (size_t)shape[0]);
        return numbers + shape[0];
    }
    json_begin_array(json, name, n_dims > 2 ? JSON_LINES : JSON_INLINE);
    for (int64_t i = 0; i < shape[0]; i++)
        numbers = write_numbers(json, NULL, numbers, n_dims - 1, shape + 1);
    json_end(json);
    return numbers;
}

static void write_site(TraceWriter *writer, const Step *step, SiteId site) {
    int64_t shape[TRACE_MAX_DIMS];
    PassShape pass = step_shape(step);
    int n_dims = trace_site_shape(site, &writer->config, &pass, shape);
    if (step->sites[site])
        write_numbers(&writer->json, SITES[site].name, step->sites[site], n_dims, shape);
    else
        json_null(&writer->json, SITES[site].name);
}

static void write_rows(JsonWriter *json, const Step *step) {
    json_begin_object(json, "rows", JSON_INLINE);
    write_ints(json, "tokens", &step->rows->token, step->n_rows, sizeof *step->rows);
    write_ints(json, "positions", &step->rows->position, step->n_rows, sizeof *step->rows);
    json_end(json);
}

static void write_keys(JsonWriter *json, const Step *step) {
    json_begin_object(json, "keys", JSON_INLINE);
    write_ints(json, "tokens", &step->keys->place.token, step->n_keys, sizeof *step->keys);
    write_ints(json, "positions", &step->keys->place.position, step->n_keys, sizeof *step->keys);
    write_ints(json, "slots", &step->keys->number, step->n_keys, sizeof *step->keys);
    json_end(json);
}

// The slots that met each event, by name. A token that left is told with its slot, which another may hold
// now.
static void write_events(JsonWriter *json, const Step *step) {
    json_begin_object(json, "events", JSON_INLINE);
    for (int bit = 0; bit < SLOT_EVENT_COUNT; bit++) {
        if (1 << bit == SLOT_EVICTED) continue;
        json_begin_array(json, SLOT_EVENT_NAMES[bit], JSON_INLINE);
        for (int column = 0; column < step->n_keys; column++)
            if (step->keys[column].events & 1 << bit) json_int(json, NULL, step->keys[column].number);
        json_end(json);
    }
    json_begin_array(json, "evicted", JSON_INLINE);
    for (int i = 0; i < step->n_evicted; i++) {
        json_begin_object(json, NULL, JSON_INLINE);
        json_int(json, "slot", step->evicted[i].number);
        json_int(json, "token", step->evicted[i].place.token);
        json_int(json, "position", step->evicted[i].place.position);
        json_end(json);
    }
    json_end(json);
    json_end(json);
}

static void write_cache(JsonWriter *json, const Step *step) {
    const CacheFacts *cache = &step->cache;
    if (!step_has(step, FACT_CACHE)) {
        json_null(json, "cache");
        return;
    }
    json_begin_object(json, "cache", JSON_INLINE);
    json_int(json, "length", cache->length);
    json_int(json, "capacity", cache->capacity);
    json_int(json, "bytes", cache->bytes);
    json_int(json, "bytes_formula", cache->bytes_formula);
    json_int(json, "bytes_per_token", cache->bytes_per_token);
    json_int(json, "cross_bytes", cache->cross_bytes);
    json_int(json, "cross_bytes_formula", cache->cross_bytes_formula);
    json_end(json);
}

static void write_cost_of(JsonWriter *json, const char *name, const Step *step, StepFact fact,
                          const Cost *cost) {
    if (step_has(step, fact))
        write_cost(json, name, cost);
    else
        json_null(json, name);
}

static void write_comparison(JsonWriter *json, const Step *step) {
    const Comparison *comparison = &step->comparison;
    if (!step_has(step, FACT_COMPARISON)) {
        json_null(json, "comparison");
        return;
    }
    json_begin_object(json, "comparison", JSON_INLINE);
    json_bool(json, "differs_by_design", comparison->differs_by_design);
    json_float(json, "max_abs_logit_difference", comparison->max_abs_logit_difference);
    json_float(json, "kl_divergence", comparison->kl_divergence);
    json_bool(json, "same_choice", comparison->same_choice);
    json_end(json);
}

static void write_candidate(JsonWriter *json, const char *name, const Candidate *candidate, Text text) {
    json_begin_object(json, name, JSON_INLINE);
    json_int(json, "id", candidate->id);
    write_text(json, "text", "bytes", text);
    json_float(json, "logit", candidate->logit);
    json_float(json, "probability", candidate->probability);
    json_float(json, "sampling_probability", candidate->sampling_probability);
    json_end(json);
}

static void write_choices(JsonWriter *json, const Step *step) {
    json_begin_array(json, "candidates", JSON_LINES);
    for (int i = 0; i < step->n_candidates; i++)
        write_candidate(json, NULL, &step->candidates[i], step->candidate_texts[i]);
    json_end(json);
    if (step_has(step, FACT_CHOICE))
        write_candidate(json, "choice", &step->choice, step->choice_text);
    else
        json_null(json, "choice");
}

static void write_sites(TraceWriter *writer, const Step *step) {
    if ((writer->recorded & ~SITE_WEIGHTS) == 0) return;
    json_begin_object(&writer->json, "sites", JSON_LINES);
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if (trace_has_site(writer->recorded, site)) write_site(writer, step, site);
    json_end(&writer->json);
}

void trace_write_step(TraceWriter *writer, const Step *step) {
    JsonWriter *json = &writer->json;
    json_begin_object(json, NULL, JSON_LINES);
    json_int(json, "index", step->index);
    json_string(json, "phase", step->phase == STEP_PREFILL ? "prefill" : "decode");
    json_int(json, "n_rows", step->n_rows);
    json_int(json, "n_keys", step->n_keys);
    write_rows(json, step);
    write_keys(json, step);
    write_events(json, step);
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if (trace_has_weights(&writer->config, writer->n_source, site)) write_site(writer, step, site);
    write_cache(json, step);
    json_begin_object(json, "cost", JSON_LINES);
    write_cost_of(json, "cached", step, FACT_COST, &step->cached);
    write_cost_of(json, "recompute", step, FACT_RECOMPUTE_COST, &step->recompute);
    json_end(json);
    write_comparison(json, step);
    write_choices(json, step);
    write_sites(writer, step);
    json_end(json);
}

static void write_tokens(JsonWriter *json, const Timeline *timeline) {
    json_begin_array(json, "tokens", JSON_LINES);
    for (int i = 0; i < timeline->n_tokens; i++) {
        const Token *token = &timeline->tokens[i];
        json_begin_object(json, NULL, JSON_INLINE);
        json_int(json, "index", i);
        json_int(json, "id", token->id);
        write_text(json, "text", "bytes", token->text);
        json_bool(json, "generated", token->generated);
        json_end(json);
    }
    json_end(json);
}

bool trace_finish(TraceWriter *writer, const Timeline *timeline, Error *err) {
    json_end(&writer->json); // the steps
    write_tokens(&writer->json, timeline);
    json_end(&writer->json); // the document
    return output_commit(&writer->output, err);
}

void trace_abandon(TraceWriter *writer) {
    output_abandon(&writer->output);
}

static bool write_rest(TraceWriter *writer, const Timeline *timeline, Error *err) {
    for (int i = 0; i < timeline->n_steps; i++) trace_write_step(writer, timeline->steps[i]);
    return trace_finish(writer, timeline, err);
}

bool trace_write_all(const char *path, const Timeline *timeline, Error *err) {
    TraceWriter writer;
    return trace_writer_open(&writer, path, timeline, err) && write_rest(&writer, timeline, err);
}

bool trace_write_all_stream(FILE *stream, const char *name, const Timeline *timeline, Error *err) {
    TraceWriter writer;
    return trace_writer_open_stream(&writer, stream, name, timeline, err) &&
           write_rest(&writer, timeline, err);
}
