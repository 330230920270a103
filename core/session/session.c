#include "core/session/session.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/machine.h"
#include "core/base/threads.h"
#include "core/base/version.h"
#include "core/decode/cost_formula.h"
#include "core/record/step_check.h"
#include "core/session/session_internal.h"

static bool check_ids(const Config *config, const TokenIds *ids, const char *what, Error *err) {
    if (ids->n == 0)
        return error_set(err, "the %s is empty: give some text, or %s", _(what),
                         config->bos_id >= 0 ? _("<|endoftext|> for the beginning of a text")
                                             : _("token ids"));
    if (ids->n > config->n_ctx)
        return error_set(err, "the %s has %d tokens and %s has positions for %d: use a shorter %s", _(what),
                         ids->n, config->name, config->n_ctx, _(what));
    for (int i = 0; i < ids->n; i++)
        if (ids->ids[i] < 0 || ids->ids[i] >= config->n_vocab)
            return error_set(err,
                             "token id %d of the %s is outside the vocabulary of %s: use ids from 0 to %d",
                             ids->ids[i], _(what), config->name, config->n_vocab - 1);
    return true;
}

static bool check_input(const Model *model, const SessionInput *input, Error *err) {
    if (!check_ids(&model->config, &input->ids, "prompt", err)) return false;
    if (model->encoder) return check_ids(&model->encoder->config, &input->source, "source", err);
    return input->source.n == 0 ||
           error_set(err, "%s has no encoder, so it cannot read a source: give only a prompt",
                     model->config.name);
}

Text session_text_of(const Session *session, int id) {
    return session->model->tokenizer ? tokenizer_text(session->model->tokenizer, id) : (Text){NULL, 0};
}

void session_add_token(Session *session, int id, bool generated) {
    Timeline *timeline = session->timeline;
    timeline->tokens[timeline->n_tokens++] =
        (Token){.id = id, .text = session_text_of(session, id), .generated = generated};
}

// Slots that a cache starts with; it doubles when they are full.
enum { FIRST_SLOTS = 256 };

static char *copy_text(Text text) {
    char *copy = malloc(text.n_bytes + 1);
    if (copy && text.n_bytes) memcpy(copy, text.bytes, text.n_bytes);
    return copy;
}

static bool init_caches(Session *session, Error *err) {
    const Config *c = &session->timeline->config;
    int n_slots = c->n_ctx < FIRST_SLOTS ? c->n_ctx : FIRST_SLOTS, n_source = session->timeline->n_source;
    bool twice = session->options.recompute;
    CacheShape self = {c->n_layers, c->n_kv_heads, c->d_head}, cross = {c->n_layers, c->n_heads, c->d_head};
    return cache_init(&session->cache, self, &POLICY_FULL, n_slots, err) &&
           (!twice || cache_init(&session->recompute_cache, self, &POLICY_FULL, n_slots, err)) &&
           (!n_source || cache_init(&session->cross, cross, &POLICY_FULL, n_source, err)) &&
           (!n_source || !twice || cache_init(&session->recompute_cross, cross, &POLICY_FULL, n_source, err));
}

static bool allocate(Session *session, const SessionInput *input, Error *err) {
    const Config *config = &session->timeline->config;
    session->workspace = workspace_new();
    session->sampler = sampler_new(config->n_vocab);
    session->cached_logits = calloc(config->n_vocab, sizeof(float));
    session->source_tokens = calloc(session->timeline->n_source + 1, sizeof(Token));
    session->prompt = copy_text(input->prompt);
    session->source_text = copy_text(input->source_text);
    if (!session->workspace || !session->sampler || !session->cached_logits || !session->source_tokens ||
        !session->prompt || !session->source_text)
        return error_no_memory(err, "a session", (double)config->n_vocab * sizeof(float));
    return init_caches(session, err);
}

static void take_input(Session *session, const SessionInput *input) {
    Timeline *timeline = session->timeline;
    if (input->prompt.bytes) timeline->prompt = (Text){session->prompt, input->prompt.n_bytes};
    if (input->source_text.bytes)
        timeline->source_text = (Text){session->source_text, input->source_text.n_bytes};
    for (int i = 0; i < input->ids.n; i++) session_add_token(session, input->ids.ids[i], false);
    timeline->n_prompt = input->ids.n;
    timeline->source = session->source_tokens;
    for (int i = 0; i < input->source.n; i++)
        timeline->source[i] =
            (Token){.id = input->source.ids[i], .text = session_text_of(session, input->source.ids[i])};
    machine_processor(session->processor, sizeof session->processor);
    timeline->machine =
        (Machine){text_from("kvstep " KVSTEP_VERSION), text_from(session->processor), threads_count()};
}

bool session_new(Session **out, const Model *model, const SessionInput *input, const SessionOptions *options,
                 Error *err) {
    *out = NULL;
    if (!check_input(model, input, err) || !sampling_check(&options->sampling, err)) return false;
    Session *session = calloc(1, sizeof *session);
    if (!session) return error_no_memory(err, "a session", sizeof *session);
    session->model = model;
    session->options = *options;
    Timeline first = {.config = model->config,
                      .sampling = options->sampling,
                      .cache_policy = POLICY_FULL.name,
                      .has_recompute = options->recompute,
                      .n_source = input->source.n};
    if (!session_add_branch(session, &first, err)) {
        session_free(session);
        return false;
    }
    session->options.record &=
        sites_of(&model->config, input->source.n) & ~SITE_WEIGHTS; // which are kept without asking
    session->timeline->recorded = session->options.record;
    if (session->options.n_candidates > model->config.n_vocab)
        session->options.n_candidates = model->config.n_vocab;
    bool ok = allocate(session, input, err);
    if (ok) take_input(session, input);
    if (ok && model->encoder)
        ok = encode(model, input->source.ids, input->source.n, &session->source, &session->timeline->encoder,
                    err);
    if (!ok) {
        session_free(session);
        return false;
    }
    *out = session;
    return true;
}

void session_free(Session *session) {
    if (!session) return;
    session_free_branches(session);
    step_pool_done(&session->pool);
    free(session->source_tokens);
    free(session->prompt);
    free(session->source_text);
    free(session->source);
    free(session->cached_logits);
    sampler_free(session->sampler);
    workspace_free(session->workspace);
    cache_done(&session->cache);
    cache_done(&session->recompute_cache);
    cache_done(&session->cross);
    cache_done(&session->recompute_cross);
    free(session);
}

const Timeline *session_timeline(const Session *session) {
    return session->timeline;
}

SessionEnd session_end(const Session *session) {
    const Timeline *timeline = session->timeline;
    const Token *last = &timeline->tokens[timeline->n_tokens - 1];
    if (last->generated && config_is_eos(&timeline->config, last->id)) return SESSION_END_OF_TEXT;
    return timeline->n_tokens > timeline->config.n_ctx ? SESSION_CONTEXT_FULL : SESSION_GOES_ON;
}

// The observer that fills a Step: copies what passes by into the Step's own sites.
typedef struct Recorder {
    Step *step;
    const Config *config;
} Recorder;

static void record(void *user, SiteId site, int layer, const float *data) {
    Recorder *recorder = user;
    PassShape shape = step_shape(recorder->step);
    size_t size = site_size(site, recorder->config, &shape);
    memcpy(step_site(recorder->step, recorder->config, site, layer), data, size * sizeof(float));
}

static SiteMask sites_in(const Step *step) {
    SiteMask sites = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (step->sites[site]) sites |= SITE_BIT(site);
    return sites;
}

// The sites that the next Step keeps: those asked for, while there is room.
static SiteMask sites_to_record(const Session *session, const PassShape *pass) {
    const SessionOptions *options = &session->options;
    size_t n_bytes = step_sites_bytes(&session->timeline->config, pass, options->record);
    bool fits = options->record_limit == 0 || session->n_recorded + n_bytes <= options->record_limit;
    return SITE_WEIGHTS | (fits ? options->record : 0);
}

static Candidate choose(Session *session, const float *logits, int position, Step *into) {
    return sampler_choose(session->sampler, logits, &session->options.sampling, position,
                          into ? into->candidates : NULL, into ? into->n_candidates : 0);
}

static Cache *cross_of(const Session *session, Cache *cross) {
    return session->timeline->n_source ? cross : NULL;
}

bool session_pass(Session *session, Pass *pass, Step *into, Error *err) {
    Recorder recorder = {into, &session->timeline->config};
    Observer observer = {record, &recorder, into ? sites_in(into) : 0};
    pass->observer = into ? &observer : NULL;
    pass->cross = cross_of(session, &session->cross);
    pass->source = session->source;
    pass->forgets_offset = session->options.forgets_offset;
    return forward(session->model, &session->cache, session->workspace, pass, err);
}

static void record_cache(const Session *session, Step *step) {
    const Config *config = &session->timeline->config;
    const Cache *cache = &session->cache;
    cache_describe(cache, step_keys(step), step_evicted(step));
    step->cache = (CacheFacts){
        .length = cache->length,
        .capacity = cache->capacity,
        .bytes = cache_bytes(cache),
        .bytes_formula = cache_bytes_formula(config, cache->length),
        .bytes_per_token = cache_bytes_formula(config, 1),
        .cross_bytes = cache_bytes(&session->cross),
        .cross_bytes_formula = cross_cache_bytes_formula(config, step->n_source),
    };
    step->facts |= FACT_CACHE;
}

static bool run_cached(Session *session, Step *step, const int *ids, Control *control, Error *err) {
    Pass pass = {.ids = ids + step_first_token(step),
                 .rows = step->rows,
                 .n_rows = step->n_rows,
                 .n_logit_rows = 1,
                 .control = control};
    if (!session_pass(session, &pass, step, err)) return false;
    step->cached = pass.cost;
    step->facts |= FACT_COST;
    record_cache(session, step);
    step->choice = choose(session, pass.logits, step_n_tokens(step), step);
    step->choice_text = session_text_of(session, step->choice.id);
    step->facts |= FACT_CHOICE;
    for (int i = 0; i < step->n_candidates; i++)
        step->candidate_texts[i] = session_text_of(session, step->candidates[i].id);
    memcpy(session->cached_logits, pass.logits, session->timeline->config.n_vocab * sizeof(float));
    return true;
}

static bool run_recompute(Session *session, Step *step, const int *ids, Control *control, Error *err) {
    const Config *config = &session->timeline->config;
    int n_tokens = step_n_tokens(step);
    step->facts |= FACT_RECOMPUTE_COST;
    if (!session->options.recompute) {
        PassShape shape = {n_tokens, n_tokens, step->n_source, step->n_source > 0};
        step->recompute = cost_formula(config, &shape);
        return true;
    }
    Pass pass = {.ids = ids,
                 .n_rows = n_tokens,
                 .n_logit_rows = 1,
                 .control = control,
                 .cross = cross_of(session, &session->recompute_cross),
                 .source = session->source};
    cache_truncate(&session->recompute_cache, 0);
    cache_truncate(&session->recompute_cross, 0);
    if (!forward(session->model, &session->recompute_cache, session->workspace, &pass, err)) return false;
    step->recompute = pass.cost;
    Candidate again = choose(session, pass.logits, n_tokens, NULL);
    step->comparison = comparison_of_logits(session->cached_logits, pass.logits, config->n_vocab);
    step->comparison.same_choice = again.id == step->choice.id;
    step->facts |= FACT_COMPARISON;
    return true;
}

// How many rows run unmeasured before a Step of n_rows: before the first one, and before each one that
// compares times.
static int warm_up_rows(const Session *session, int n_rows) {
    enum { ENOUGH = 16 };
    if (session->cache.length > 0 && !session->options.recompute) return 0;
    return n_rows < ENOUGH ? n_rows : ENOUGH;
}

// A pass whose result is thrown away. Whatever runs first touches weights, buffers and the matrix library's
// own memory anew, at the start or after the machine was idle, and takes several times as long; the cached
// way, which is measured first, should not be the one that pays.
static bool warm_up(Session *session, const int *ids, int n_rows, Control *control, Error *err) {
    Pass pass = {.ids = ids + session->cache.next_token,
                 .n_rows = warm_up_rows(session, n_rows),
                 .n_logit_rows = 1,
                 .control = control,
                 .is_trial = true};
    if (pass.n_rows == 0) return true;
    return session_pass(session, &pass, NULL, err);
}

// In rows × layers.
static long long work_ahead(const Session *session) {
    int n_tokens = session->timeline->n_tokens, n_rows = n_tokens - session->cache.next_token;
    int n_new = n_tokens - timeline_n_passed(session->timeline);
    int again = session->options.recompute ? n_tokens : 0;
    return ((long long)n_rows + warm_up_rows(session, n_new) + again) * session->model->config.n_layers;
}

// Room for n_slots tokens in both caches, before anything is measured.
static bool make_room(Session *session, int n_slots, Error *err) {
    int n_ctx = session->timeline->config.n_ctx, wanted = session->cache.capacity;
    while (wanted < n_slots) wanted = wanted > n_ctx / 2 ? n_ctx : 2 * wanted;
    return cache_reserve(&session->cache, wanted, err) &&
           (!session->options.recompute || cache_reserve(&session->recompute_cache, wanted, err));
}

// An empty Step over the tokens that no Step has fed in yet. The cache holds all the others.
static Step *begin_step(Session *session, Error *err) {
    const Timeline *timeline = session->timeline;
    const Cache *cache = &session->cache;
    int first = timeline_n_passed(timeline), n_rows = timeline->n_tokens - first;
    StepSizes sizes = {.n_evicted = cache_n_leaving(cache, n_rows),
                       .n_candidates = session->options.n_candidates};
    sizes.pass = (PassShape){
        .n_rows = n_rows, .n_keys = cache->length + n_rows - sizes.n_evicted, .n_source = timeline->n_source};
    sizes.sites = sites_to_record(session, &sizes.pass);
    Step *step = step_new(&session->pool, &timeline->config, &sizes);
    if (!step) {
        error_no_memory(err, "the record of a step",
                        (double)step_sites_bytes(&timeline->config, &sizes.pass, sizes.sites));
        return NULL;
    }
    step->index = timeline->n_steps;
    step->phase = step->index == 0 ? STEP_PREFILL : STEP_DECODE;
    for (int row = 0; row < n_rows; row++)
        step_rows(step)[row] = (Place){.token = first + row, .position = first + row};
    return step;
}

static Step *compute(Session *session, const int *ids, Control *control, Error *err) {
    const Timeline *timeline = session->timeline;
    int first = timeline_n_passed(timeline), n_rows = timeline->n_tokens - first;
    if (!make_room(session, timeline->n_tokens, err)) return NULL;
    control_begin(control, work_ahead(session));
    if (!session_catch_up(session, ids, first, control, err)) return NULL;
    Step *step = begin_step(session, err);
    if (step && warm_up(session, ids, n_rows, control, err) && run_cached(session, step, ids, control, err)) {
        if (run_recompute(session, step, ids, control, err)) return step;
        cache_truncate(&session->cache, first);
        if (first == 0) cache_truncate(&session->cross, 0);
    }
    step_free(step);
    return NULL;
}

Step *session_compute(Session *session, Control *control, Error *err) {
    assert(session_end(session) == SESSION_GOES_ON);
    int *ids = session_ids(session);
    if (!ids) {
        error_no_memory(err, "the record of a step", (double)session->timeline->n_tokens * sizeof *ids);
        return NULL;
    }
    Step *step = compute(session, ids, control, err);
    free(ids);
#ifdef KVSTEP_CHECK_STEPS
    if (step && !step_check(step, &session->timeline->config, err))
        assert(!"a Step that breaks what is taught");
#endif
    return step;
}

void session_keep(Session *session, Step *step) {
    Timeline *timeline = session->timeline;
    PassShape shape = step_shape(step);
    assert(step->index == timeline->n_steps && timeline->n_steps < timeline->config.n_ctx);
    timeline->steps[timeline->n_steps++] = step;
    session->n_recorded += step_sites_bytes(&timeline->config, &shape, sites_in(step) & ~SITE_WEIGHTS);
    session_add_token(session, step->choice.id, true);
}

bool session_step(Session *session, Error *err) {
    Step *step = session_compute(session, NULL, err);
    if (step) session_keep(session, step);
    return step != NULL;
}
