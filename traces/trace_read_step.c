// The parts of a trace that grow with it: Steps and tokens.
#include "traces/trace_internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "traces/trace_format.h"

enum { MAX_TOKENS = 1 << 24 }; // more than any text has

// One of the lists of whole numbers that say what rows and keys are.
static bool read_list(const JsonNode *object, const char *name, int n, int max, int *out, size_t stride,
                      Error *err) {
    JsonNode list = json_member(object, name);
    const cJSON *value;
    int index = 0;
    if (!json_as_array(&list, n, err)) return false;
    cJSON_ArrayForEach(value, list.value) {
        JsonNode element = json_element(&list, index, value);
        int64_t number;
        if (!json_as_whole(&element, 0, max, &number, err)) return false;
        *(int *)(void *)((char *)out + (size_t)index++ * stride) = (int)number;
    }
    return true;
}

// Rows are tokens that follow each other, and follow those of the Step before.
static bool read_rows(const JsonNode *node, const Timeline *timeline, Step *step, Error *err) {
    JsonNode rows = json_member(node, "rows"), tokens = json_member(&rows, "tokens");
    const Step *previous = timeline->n_steps > 0 ? timeline->steps[timeline->n_steps - 1] : NULL;
    int before = previous ? step_n_tokens(previous) : 0;
    int last = timeline->config.n_ctx - 1; // under the full policy a text ends with the positions
    Place *places = step_rows(step);
    if (!json_as_object(&rows, err) ||
        !read_list(&rows, "tokens", step->n_rows, last, &places->token, sizeof *places, err) ||
        !read_list(&rows, "positions", step->n_rows, last, &places->position, sizeof *places, err))
        return false;
    for (int row = 1; row < step->n_rows; row++)
        if (places[row].token != places[row - 1].token + 1)
            return json_expected(&tokens, err, "tokens that follow each other");
    return (places[0].token <= before && step_n_tokens(step) > before) ||
           json_expected(&tokens, err, "token %d among them, the first that no step before has read", before);
}

// Each token has one column at most, and each row's own token has one.
static bool check_columns(const JsonNode *tokens, const Step *step, Error *err) {
    int n_tokens = step_n_tokens(step);
    bool *has_column = calloc((size_t)n_tokens, sizeof *has_column), once = true, own = true;
    if (!has_column) return error_no_memory(err, "a step of the trace", n_tokens);
    for (int column = 0; column < step->n_keys; column++) {
        bool *has = &has_column[step->keys[column].place.token];
        once = once && !*has;
        *has = true;
    }
    for (int row = 0; row < step->n_rows; row++) own = own && has_column[step->rows[row].token];
    free(has_column);
    if (!once) return json_expected(tokens, err, "each token once");
    return own || json_expected(tokens, err, "every row's own token among them");
}

static bool read_keys(const JsonNode *node, Step *step, Error *err) {
    JsonNode keys = json_member(node, "keys"), tokens = json_member(&keys, "tokens");
    Slot *slots = step_keys(step);
    int last = step_n_tokens(step) - 1, n = step->n_keys;
    return json_as_object(&keys, err) &&
           read_list(&keys, "tokens", n, last, &slots->place.token, sizeof *slots, err) &&
           read_list(&keys, "positions", n, MAX_TOKENS, &slots->place.position, sizeof *slots, err) &&
           read_list(&keys, "slots", n, MAX_TOKENS, &slots->number, sizeof *slots, err) &&
           check_columns(&tokens, step, err);
}

// The slots that met an event, in the order of keys.slots.
static bool read_event(const JsonNode *list, unsigned event, Step *step, Error *err) {
    Slot *slots = step_keys(step);
    const cJSON *value;
    int index = 0, column = 0;
    cJSON_ArrayForEach(value, list->value) {
        JsonNode element = json_element(list, index++, value);
        int64_t number;
        if (!json_as_whole(&element, 0, MAX_TOKENS, &number, err)) return false;
        while (column < step->n_keys && slots[column].number != (int)number) column++;
        if (column == step->n_keys)
            return json_expected(&element, err, "a slot of keys.slots, in their order");
        slots[column++].events |= event;
    }
    return true;
}

static bool read_evicted(const JsonNode *list, Step *step, Error *err) {
    const cJSON *value;
    Slot *evicted = step_evicted(step);
    int index = 0;
    cJSON_ArrayForEach(value, list->value) {
        JsonNode element = json_element(list, index, value);
        Slot *slot = &evicted[index++];
        slot->events = SLOT_EVICTED;
        if (!json_as_object(&element, err) ||
            !json_get_number(&element, "slot", 0, MAX_TOKENS, &slot->number, err) ||
            !json_get_number(&element, "token", 0, MAX_TOKENS, &slot->place.token, err) ||
            !json_get_number(&element, "position", 0, MAX_TOKENS, &slot->place.position, err))
            return false;
    }
    return true;
}

static bool read_events(const JsonNode *node, Step *step, Error *err) {
    JsonNode events = json_member(node, "events");
    for (int bit = 0; bit < SLOT_EVENT_COUNT; bit++) {
        JsonNode list = json_member(&events, SLOT_EVENT_NAMES[bit]);
        if (!json_as_array(&list, -1, err)) return false;
        bool ok = 1 << bit == SLOT_EVICTED ? read_evicted(&list, step, err)
                                           : read_event(&list, 1U << bit, step, err);
        if (!ok) return false;
    }
    return true;
}

static JsonNode site_node(const JsonNode *step, const JsonNode *sites, SiteId site) {
    return json_member(SITE_WEIGHTS & SITE_BIT(site) ? step : sites, SITES[site].name);
}

static bool is_recorded(const JsonNode *step, const JsonNode *sites, SiteId site) {
    JsonNode node = site_node(step, sites, site);
    return !cJSON_IsNull(node.value);
}

// The sites that this Step has: those of the run, but for what is null.
static SiteMask sites_in(const JsonNode *node, const Timeline *timeline) {
    JsonNode sites = json_member(node, "sites");
    SiteMask found = 0;
    for (SiteId site = 0; site < SITE_COUNT; site++)
        if ((trace_has_weights(&timeline->config, timeline->n_source, site) ||
             trace_has_site(timeline->recorded, site)) &&
            is_recorded(node, &sites, site))
            found |= SITE_BIT(site);
    return found;
}

// Every site, first only checked and then, with a Step to hold them, read.
static bool read_sites(const JsonNode *node, const Timeline *timeline, const StepSizes *sizes, Step *step,
                       Error *err) {
    const Config *config = &timeline->config;
    JsonNode sites = json_member(node, "sites");
    for (SiteId site = 0; site < SITE_COUNT; site++) {
        if (!(sizes->sites & SITE_BIT(site))) continue;
        int64_t shape[TRACE_MAX_DIMS];
        int n_dims = trace_site_shape(site, config, &sizes->pass, shape);
        float if_null = site == SITE_MASKED_SCORES ? -INFINITY : NAN;
        JsonNode numbers = site_node(node, &sites, site);
        if (!json_as_floats(&numbers, n_dims, shape, if_null, step ? step_site(step, config, site, 0) : NULL,
                            err))
            return false;
    }
    return true;
}

static bool read_cache(const JsonNode *node, Step *step, Error *err) {
    JsonNode cache_node = json_member(node, "cache");
    CacheFacts *cache = &step->cache;
    if (cJSON_IsNull(cache_node.value)) return true;
    step->facts |= FACT_CACHE;
    return json_as_object(&cache_node, err) &&
           json_get_number(&cache_node, "length", 0, step->n_keys, &cache->length, err) &&
           json_get_number(&cache_node, "capacity", cache->length, MAX_TOKENS, &cache->capacity, err) &&
           json_get_whole(&cache_node, "bytes", 0, JSON_MAX_WHOLE, &cache->bytes, err) &&
           json_get_whole(&cache_node, "bytes_formula", 0, JSON_MAX_WHOLE, &cache->bytes_formula, err) &&
           json_get_whole(&cache_node, "bytes_per_token", 0, JSON_MAX_WHOLE, &cache->bytes_per_token, err) &&
           json_get_whole(&cache_node, "cross_bytes", 0, JSON_MAX_WHOLE, &cache->cross_bytes, err) &&
           json_get_whole(&cache_node, "cross_bytes_formula", 0, JSON_MAX_WHOLE, &cache->cross_bytes_formula,
                          err);
}

bool trace_read_cost(const JsonNode *costs, const char *name, Cost *cost, Error *err) {
    JsonNode node = json_member(costs, name), time = json_member(&node, "nanoseconds");
    if (!json_as_object(&node, err) ||
        !json_get_whole(&node, "flops", 0, JSON_MAX_WHOLE, &cost->flops, err) ||
        !json_get_whole(&node, "weight_bytes", 0, JSON_MAX_WHOLE, &cost->weight_bytes, err) ||
        !json_get_whole(&node, "cache_bytes", 0, JSON_MAX_WHOLE, &cost->cache_bytes, err) ||
        !json_get_whole(&node, "cross_cache_bytes", 0, JSON_MAX_WHOLE, &cost->cross_cache_bytes, err) ||
        !json_get_whole(&node, "cross_kv_flops", 0, JSON_MAX_WHOLE, &cost->cross_kv_flops, err) ||
        !json_get_bool(&node, "counted", &cost->counted, err))
        return false;
    cost->nanoseconds = NOT_MEASURED;
    if (!cJSON_IsNull(time.value) && !json_as_whole(&time, 0, JSON_MAX_WHOLE, &cost->nanoseconds, err))
        return false;
    return cost->counted || cost->nanoseconds == NOT_MEASURED ||
           json_expected(&time, err, "null, because the cost was not counted");
}

// A cost that a Step may lack.
static bool read_cost_of(const JsonNode *costs, const char *name, StepFact fact, Step *step, Error *err) {
    JsonNode node = json_member(costs, name);
    if (cJSON_IsNull(node.value)) return true;
    step->facts |= fact;
    return trace_read_cost(costs, name, fact == FACT_COST ? &step->cached : &step->recompute, err);
}

static bool read_comparison(const JsonNode *node, bool has_recompute, Step *step, Error *err) {
    JsonNode found = json_member(node, "comparison");
    Comparison *comparison = &step->comparison;
    if (cJSON_IsNull(found.value)) return true;
    if (!has_recompute) return json_expected(&found, err, "null, because run.recompute is false");
    step->facts |= FACT_COMPARISON;
    return json_as_object(&found, err) &&
           json_get_bool(&found, "differs_by_design", &comparison->differs_by_design, err) &&
           json_get_float(&found, "max_abs_logit_difference", 0, FLT_MAX,
                          &comparison->max_abs_logit_difference, err) &&
           json_get_float(&found, "kl_divergence", 0, FLT_MAX, &comparison->kl_divergence, err) &&
           json_get_bool(&found, "same_choice", &comparison->same_choice, err);
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
    if (cJSON_IsNull(choice.value)) return true;
    step->facts |= FACT_CHOICE;
    return read_candidate(trace, &choice, &step->choice, &step->choice_text, err);
}

// Weights are shares: what views scale by them must not leave their range.
static bool check_weights(const JsonNode *node, const Timeline *timeline, const Step *step, SiteId site,
                          Error *err) {
    if (!step->sites[site]) return true;
    PassShape shape = step_shape(step);
    int64_t n = timeline->config.n_layers * site_size(site, &timeline->config, &shape);
    JsonNode weights = json_member(node, SITES[site].name);
    for (int64_t i = 0; i < n; i++)
        if (!(step->sites[site][i] >= 0 && step->sites[site][i] <= 1))
            return json_expected(&weights, err, "weights from 0 to 1");
    return true;
}

// How large a Step is. Every array's length is known to be true before any of it is allocated.
static bool read_sizes(const JsonNode *node, const Timeline *timeline, StepSizes *sizes, Error *err) {
    JsonNode candidates = json_member(node, "candidates"), events = json_member(node, "events");
    JsonNode evicted = json_member(&events, "evicted"), keys = json_member(node, "keys"),
             rows = json_member(node, "rows");
    JsonNode key_tokens = json_member(&keys, "tokens"), row_tokens = json_member(&rows, "tokens");
    PassShape *pass = &sizes->pass;
    if (!json_as_object(node, err) || !json_get_number(node, "n_rows", 1, MAX_TOKENS, &pass->n_rows, err) ||
        !json_get_number(node, "n_keys", pass->n_rows, MAX_TOKENS, &pass->n_keys, err) ||
        !json_as_array(&row_tokens, pass->n_rows, err) || !json_as_array(&key_tokens, pass->n_keys, err) ||
        !json_as_object(&events, err) || !json_as_array(&evicted, -1, err) ||
        !json_as_array(&candidates, -1, err))
        return false;
    pass->n_source = timeline->n_source;
    sizes->n_evicted = cJSON_GetArraySize(evicted.value);
    sizes->n_candidates = cJSON_GetArraySize(candidates.value);
    sizes->sites = sites_in(node, timeline);
    if (sizes->n_candidates > timeline->config.n_vocab)
        return json_expected(&candidates, err, "at most n_vocab = %d candidates", timeline->config.n_vocab);
    return read_sites(node, timeline, sizes, NULL, err);
}

static bool read_phase(const JsonNode *node, StepPhase *out, Error *err) {
    JsonNode phase = json_member(node, "phase");
    const char *name;
    if (!json_as_string(&phase, &name, err)) return false;
    *out = strcmp(name, "prefill") == 0 ? STEP_PREFILL : STEP_DECODE;
    return *out == STEP_PREFILL || strcmp(name, "decode") == 0 ||
           json_expected(&phase, err, "\"prefill\" or \"decode\"");
}

static bool fill_step(Trace *trace, const JsonNode *node, const StepSizes *sizes, Step *step, Error *err) {
    const Timeline *timeline = &trace->timeline;
    JsonNode cost = json_member(node, "cost");
    return json_get_number(node, "index", timeline->n_steps, timeline->n_steps, &step->index, err) &&
           read_phase(node, &step->phase, err) && read_rows(node, timeline, step, err) &&
           read_keys(node, step, err) && read_events(node, step, err) &&
           read_sites(node, timeline, sizes, step, err) &&
           check_weights(node, timeline, step, SITE_ATTENTION, err) &&
           check_weights(node, timeline, step, SITE_CROSS_ATTENTION, err) && read_cache(node, step, err) &&
           json_as_object(&cost, err) && read_cost_of(&cost, "cached", FACT_COST, step, err) &&
           read_cost_of(&cost, "recompute", FACT_RECOMPUTE_COST, step, err) &&
           read_comparison(node, timeline->has_recompute, step, err) && read_choices(trace, node, step, err);
}

static Step *read_step(Trace *trace, const JsonNode *node, Error *err) {
    StepSizes sizes = {0};
    if (!read_sizes(node, &trace->timeline, &sizes, err)) return NULL;
    Step *step = step_new(NULL, &trace->timeline.config, &sizes);
    if (!step) {
        error_no_memory(err, "a step of the trace",
                        (double)step_sites_bytes(&trace->timeline.config, &sizes.pass, sizes.sites));
        return NULL;
    }
    if (fill_step(trace, node, &sizes, step, err)) return step;
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

// The step that chose a token; NULL when none did.
static const Step *step_that_chose(const Timeline *timeline, int token) {
    const Step *step = timeline_step_of(timeline, timeline->n_steps - 1, token - 1);
    return step && step_n_tokens(step) == token && step_has(step, FACT_CHOICE) ? step : NULL;
}

// The prompt's tokens come first. A generated token is the choice of a step, where that step has one.
static bool check_token(const JsonNode *node, Timeline *timeline, int index, Error *err) {
    const Token *token = &timeline->tokens[index];
    const Step *chose = step_that_chose(timeline, index);
    JsonNode id = json_member(node, "id"), generated = json_member(node, "generated");
    if (!token->generated && (index > timeline->n_prompt || chose))
        return json_expected(&generated, err, "true: after the prompt every token is chosen");
    if (!token->generated) timeline->n_prompt++;
    return !chose || token->id == chose->choice.id ||
           json_expected(&id, err, "%d, the choice of step %d", chose->choice.id, chose->index);
}

static bool read_token(Trace *trace, const JsonNode *node, int index, Error *err) {
    Timeline *timeline = &trace->timeline;
    Token *token = &timeline->tokens[index];
    int ignored;
    return json_as_object(node, err) && json_get_number(node, "index", index, index, &ignored, err) &&
           json_get_number(node, "id", 0, timeline->config.n_vocab - 1, &token->id, err) &&
           json_get_text(node, "text", "bytes", &trace->texts, &token->text, err) &&
           json_get_bool(node, "generated", &token->generated, err) &&
           check_token(node, timeline, index, err);
}

bool trace_read_tokens(Trace *trace, const JsonNode *node, Error *err) {
    Timeline *timeline = &trace->timeline;
    if (!json_as_array(node, -1, err)) return false;
    int n_tokens = cJSON_GetArraySize(node->value), n_passed = timeline_n_passed(timeline);
    const Step *last = timeline->n_steps > 0 ? timeline->steps[timeline->n_steps - 1] : NULL;
    int n_least = n_passed + (last && step_has(last, FACT_CHOICE));
    if (n_tokens < 1 || n_tokens < n_least || (last && n_tokens > n_passed + 1))
        return json_expected(node, err, "an array of %d: every token that a step read, and the last choice",
                             n_least);
    timeline->tokens = calloc((size_t)n_tokens, sizeof *timeline->tokens);
    if (!timeline->tokens)
        return error_no_memory(err, "the tokens of a trace", (double)n_tokens * sizeof(Token));
    timeline->n_tokens = n_tokens;
    timeline->n_prompt = 0;
    int index = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, node->value) {
        JsonNode element = json_element(node, index, value);
        if (!read_token(trace, &element, index++, err)) return false;
    }
    JsonNode first = json_element(node, 0, cJSON_GetArrayItem(node->value, 0));
    return timeline->n_prompt > 0 || json_expected(&first, err, "a token of the prompt");
}
