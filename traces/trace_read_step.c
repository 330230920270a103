// The parts of a trace that grow with it: Steps and tokens.
#include "traces/trace_internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "traces/trace_format.h"

enum { MAX_CAPACITY = 1 << 24 };

// Where a Step stands, and how large it is: all of it follows from the Step before, but for the rows of the
// prefill.
static bool read_place(const JsonNode *node, const Timeline *timeline, int *first_position, int *n_rows,
                       Error *err) {
    int index = timeline->n_steps;
    const Step *previous = index > 0 ? timeline->steps[index - 1] : NULL;
    int first = previous ? step_n_src(previous) : 0, n_free = timeline->config.n_ctx - first, ignored;
    JsonNode phase = json_member(node, "phase");
    if (n_free < 1)
        return error_set(err,
                         "%s: steps: expected at most %d positions, the model's n_ctx, found another step; "
                         "record the trace anew",
                         node->file, timeline->config.n_ctx);
    return json_get_number(node, "index", index, index, &ignored, err) &&
           json_is_string(&phase, previous ? "decode" : "prefill", err) &&
           json_get_number(node, "first_position", first, first, first_position, err) &&
           json_get_number(node, "n_rows", 1, previous ? 1 : n_free, n_rows, err);
}

static JsonNode site_node(const JsonNode *step, const JsonNode *sites, SiteId site) {
    return json_member(SITE_WEIGHTS & SITE_BIT(site) ? step : sites, SITES[site].name);
}

// Every site, first only checked and then, with a Step to hold them, read.
static bool read_sites(const JsonNode *node, const Timeline *timeline, int first_position, int n_rows,
                       Step *step, Error *err) {
    const Config *config = &timeline->config;
    JsonNode sites = json_member(node, "sites");
    for (SiteId site = 0; site < SITE_COUNT; site++) {
        if (!trace_has_weights(config, site) && !trace_has_site(timeline->recorded, site)) continue;
        int64_t shape[TRACE_MAX_DIMS];
        int n_dims = trace_site_shape(site, config, n_rows, first_position + n_rows, shape);
        float if_null = site == SITE_MASKED_SCORES ? -INFINITY : NAN;
        JsonNode numbers = site_node(node, &sites, site);
        if (!json_as_floats(&numbers, n_dims, shape, if_null, step ? step_site(step, config, site, 0) : NULL,
                            err))
            return false;
    }
    return true;
}

// A member that version 1.0 did not have: 0 where it is missing.
static bool get_whole_since_1_1(const JsonNode *object, const char *name, int64_t *out, Error *err) {
    JsonNode node = json_member(object, name);
    *out = 0;
    return !node.value || json_as_whole(&node, 0, JSON_MAX_WHOLE, out, err);
}

static bool read_cache(const JsonNode *step, CacheFacts *cache, int length, Error *err) {
    JsonNode node = json_member(step, "cache");
    return json_as_object(&node, err) &&
           json_get_number(&node, "length", length, length, &cache->length, err) &&
           json_get_number(&node, "capacity", length, MAX_CAPACITY, &cache->capacity, err) &&
           json_get_whole(&node, "bytes", 0, JSON_MAX_WHOLE, &cache->bytes, err) &&
           json_get_whole(&node, "bytes_formula", 0, JSON_MAX_WHOLE, &cache->bytes_formula, err) &&
           json_get_whole(&node, "bytes_per_token", 0, JSON_MAX_WHOLE, &cache->bytes_per_token, err) &&
           get_whole_since_1_1(&node, "cross_bytes", &cache->cross_bytes, err) &&
           get_whole_since_1_1(&node, "cross_bytes_formula", &cache->cross_bytes_formula, err);
}

bool trace_read_cost(const JsonNode *costs, const char *name, Cost *cost, Error *err) {
    JsonNode node = json_member(costs, name), time = json_member(&node, "nanoseconds"),
             source = json_member(&node, "source");
    if (!json_as_object(&node, err) ||
        !json_get_whole(&node, "flops", 0, JSON_MAX_WHOLE, &cost->flops, err) ||
        !json_get_whole(&node, "weight_bytes", 0, JSON_MAX_WHOLE, &cost->weight_bytes, err) ||
        !json_get_whole(&node, "cache_bytes", 0, JSON_MAX_WHOLE, &cost->cache_bytes, err) ||
        !get_whole_since_1_1(&node, "cross_cache_bytes", &cost->cross_cache_bytes, err) ||
        !get_whole_since_1_1(&node, "cross_kv_flops", &cost->cross_kv_flops, err))
        return false;
    cost->nanoseconds = NOT_MEASURED;
    if (!cJSON_IsNull(time.value) && !json_as_whole(&time, 0, JSON_MAX_WHOLE, &cost->nanoseconds, err))
        return false;
    cost->counted = cJSON_IsString(source.value) && strcmp(source.value->valuestring, "counted") == 0;
    if (cost->counted) return true;
    if (!json_is_string(&source, "formula", err))
        return json_expected(&source, err, "\"counted\" or \"formula\"");
    return cost->nanoseconds == NOT_MEASURED ||
           json_expected(&time, err, "null, because the cost is the formula's");
}

// Both members are null when recomputation was left out, and neither when it was not.
static bool read_agreement(const JsonNode *step, bool has_recompute, Agreement *agreement, Error *err) {
    JsonNode node = json_member(step, "agreement");
    if (!json_as_object(&node, err)) return false;
    agreement->measured = has_recompute;
    if (has_recompute)
        return json_get_float(&node, "max_abs_logit_difference", 0, FLT_MAX,
                              &agreement->max_abs_logit_difference, err) &&
               json_get_bool(&node, "same_choice", &agreement->same_choice, err);
    static const char *const MEMBERS[] = {"max_abs_logit_difference", "same_choice"};
    for (int i = 0; i < 2; i++) {
        JsonNode member = json_member(&node, MEMBERS[i]);
        if (!cJSON_IsNull(member.value))
            return json_expected(&member, err, "null, because run.recompute is false");
    }
    return true;
}

static bool read_candidate(Trace *trace, const JsonNode *node, Candidate *candidate, Text *text, Error *err) {
    return json_as_object(node, err) &&
           json_get_number(node, "id", 0, trace->timeline.config.n_vocab - 1, &candidate->id, err) &&
           json_get_text(node, "text", "bytes", &trace->texts, text, err) &&
           json_get_float(node, "logit", -FLT_MAX, FLT_MAX, &candidate->logit, err) &&
           json_get_float(node, "probability", 0, 1, &candidate->probability, err) &&
           json_get_float(node, "sampling_probability", 0, 1, &candidate->sampling_probability, err);
}

static bool read_choices(Trace *trace, const JsonNode *node, Step *step, Error *err) {
    JsonNode candidates = json_member(node, "candidates"), choice = json_member(node, "choice");
    int index = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, candidates.value) {
        JsonNode candidate = json_element(&candidates, index, value);
        if (!read_candidate(trace, &candidate, &step->candidates[index], &step->candidate_texts[index], err))
            return false;
        index++;
    }
    return read_candidate(trace, &choice, &step->choice, &step->choice_text, err);
}

// Weights are shares: what views scale by them must not leave their range.
static bool check_weights(const JsonNode *node, const Timeline *timeline, const Step *step, SiteId site,
                          Error *err) {
    if (!step->sites[site]) return true;
    int64_t n =
        timeline->config.n_layers * site_size(site, &timeline->config, step->n_rows, step_n_src(step));
    JsonNode weights = json_member(node, SITES[site].name);
    for (int64_t i = 0; i < n; i++)
        if (!(step->sites[site][i] >= 0 && step->sites[site][i] <= 1))
            return json_expected(&weights, err, "weights from 0 to 1");
    return true;
}

// Every array's length is known to be true before any of it is allocated.
static Step *allocate_step(const JsonNode *node, const Timeline *timeline, Error *err) {
    JsonNode candidates = json_member(node, "candidates");
    int first_position, n_rows;
    if (!json_as_object(node, err) || !read_place(node, timeline, &first_position, &n_rows, err) ||
        !read_sites(node, timeline, first_position, n_rows, NULL, err) ||
        !json_as_array(&candidates, -1, err))
        return NULL;
    int n_candidates = cJSON_GetArraySize(candidates.value);
    if (n_candidates > timeline->config.n_vocab) {
        json_expected(&candidates, err, "at most n_vocab = %d candidates", timeline->config.n_vocab);
        return NULL;
    }
    Step *step = step_new(NULL, &timeline->config, first_position, n_rows, n_candidates, timeline->recorded);
    if (!step) error_no_memory(err, "a step of the trace", sizeof(float) * (double)timeline->config.n_layers);
    return step;
}

static Step *read_step(Trace *trace, const JsonNode *node, Error *err) {
    const Timeline *timeline = &trace->timeline;
    Step *step = allocate_step(node, timeline, err);
    if (!step) return NULL;
    step->index = timeline->n_steps;
    step->phase = step->index == 0 ? STEP_PREFILL : STEP_DECODE;
    JsonNode cost = json_member(node, "cost");
    if (read_sites(node, timeline, step->first_position, step->n_rows, step, err) &&
        check_weights(node, timeline, step, SITE_ATTENTION, err) &&
        check_weights(node, timeline, step, SITE_CROSS_ATTENTION, err) &&
        read_cache(node, &step->cache, step_n_src(step), err) && json_as_object(&cost, err) &&
        trace_read_cost(&cost, "cached", &step->cached, err) &&
        trace_read_cost(&cost, "recompute", &step->recompute, err) &&
        read_agreement(node, timeline->has_recompute, &step->agreement, err) &&
        read_choices(trace, node, step, err))
        return step;
    step_free(step);
    return NULL;
}

bool trace_read_step(Trace *trace, const JsonNode *node, Error *err) {
    Timeline *timeline = &trace->timeline;
    if (timeline->n_steps == trace->step_capacity) {
        int capacity = trace->step_capacity ? 2 * trace->step_capacity : 16;
        Step **steps = realloc(timeline->steps, (size_t)capacity * sizeof *steps);
        if (!steps) return error_no_memory(err, "the steps of a trace", (double)capacity * sizeof *steps);
        timeline->steps = steps;
        trace->step_capacity = capacity;
    }
    Step *step = read_step(trace, node, err);
    if (!step) return false;
    timeline->steps[timeline->n_steps++] = step;
    return true;
}

// Prompt tokens come first: as many as the prefill has rows. Each Step chose one of the others.
static bool read_source(const JsonNode *node, const Timeline *timeline, int position, bool *generated,
                        Error *err) {
    JsonNode source = json_member(node, "source"), id = json_member(node, "id");
    *generated = position >= timeline->n_prompt;
    if (!json_is_string(&source, *generated ? "generated" : "prompt", err)) return false;
    if (!*generated) return true;
    int step = position - timeline->n_prompt, choice = timeline->steps[step]->choice.id;
    return timeline->tokens[position].id == choice ||
           json_expected(&id, err, "%d, the choice of step %d", choice, step);
}

static bool read_token(Trace *trace, const JsonNode *node, int position, Error *err) {
    Timeline *timeline = &trace->timeline;
    Token *token = &timeline->tokens[position];
    int ignored;
    return json_as_object(node, err) &&
           json_get_number(node, "position", position, position, &ignored, err) &&
           json_get_number(node, "id", 0, timeline->config.n_vocab - 1, &token->id, err) &&
           json_get_text(node, "text", "bytes", &trace->texts, &token->text, err) &&
           read_source(node, timeline, position, &token->generated, err);
}

bool trace_read_tokens(Trace *trace, const JsonNode *node, Error *err) {
    Timeline *timeline = &trace->timeline;
    if (!json_as_array(node, -1, err)) return false;
    int n_tokens = cJSON_GetArraySize(node->value);
    timeline->n_prompt = timeline->n_steps > 0 ? timeline->steps[0]->n_rows : n_tokens;
    if (timeline->n_prompt < 1 || timeline->n_prompt > timeline->config.n_ctx ||
        n_tokens != timeline->n_prompt + timeline->n_steps)
        return json_expected(node, err, "an array of %d: the prompt's tokens and one for each step",
                             timeline->n_prompt + timeline->n_steps);
    timeline->tokens = calloc((size_t)n_tokens, sizeof *timeline->tokens);
    if (!timeline->tokens)
        return error_no_memory(err, "the tokens of a trace", (double)n_tokens * sizeof(Token));
    timeline->n_tokens = n_tokens;
    int position = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, node->value) {
        JsonNode element = json_element(node, position, value);
        if (!read_token(trace, &element, position++, err)) return false;
    }
    return true;
}
