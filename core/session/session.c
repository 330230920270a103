#include "core/session/session.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    int n_slots = c->n_ctx < FIRST_SLOTS ? c->n_ctx : FIRST_SLOTS;
    bool twice = session->options.recompute;
    return cache_init(&session->cache, c->n_layers, c->n_kv_heads, c->d_head, n_slots, err) &&
           (!twice ||
            cache_init(&session->recompute_cache, c->n_layers, c->n_kv_heads, c->d_head, n_slots, err)) &&
           (!c->n_source ||
            cache_init(&session->cross, c->n_layers, c->n_heads, c->d_head, c->n_source, err)) &&
           (!c->n_source || !twice ||
            cache_init(&session->recompute_cross, c->n_layers, c->n_heads, c->d_head, c->n_source, err));
}

static bool allocate(Session *session, const SessionInput *input, Error *err) {
    const Config *config = &session->timeline->config;
    session->workspace = workspace_new();
    session->sampler = sampler_new(config->n_vocab);
    session->cached_logits = calloc(config->n_vocab, sizeof(float));
    session->source_tokens = calloc(config->n_source + 1, sizeof(Token));
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
}

bool session_new(Session **out, const Model *model, const SessionInput *input, const SessionOptions *options,
                 Error *err) {
    *out = NULL;
    if (!check_input(model, input, err) || !sampling_check(&options->sampling, err)) return false;
    Session *session = calloc(1, sizeof *session);
    if (!session) return error_no_memory(err, "a session", sizeof *session);
    session->model = model;
    session->options = *options;
    Timeline first = {
        .config = model->config, .sampling = options->sampling, .has_recompute = options->recompute};
    first.config.n_source = input->source.n;
    if (!session_add_branch(session, &first, err)) {
        session_free(session);
        return false;
    }
    session->options.record &=
        sites_of_config(&session->timeline->config) & ~SITE_WEIGHTS; // which are kept without asking
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
    size_t size = site_size(site, recorder->config, recorder->step->n_rows, step_n_src(recorder->step));
    memcpy(step_site(recorder->step, recorder->config, site, layer), data, size * sizeof(float));
}

static SiteMask sites_of(const Step *step) {
    SiteMask sites = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (step->sites[site]) sites |= SITE_BIT(site);
    return sites;
}

// The sites that the next Step keeps: those asked for, while there is room.
static SiteMask sites_to_record(const Session *session, int first, int n_rows) {
    const SessionOptions *options = &session->options;
    size_t n_bytes = step_sites_bytes(&session->timeline->config, first, n_rows, options->record);
    bool fits = options->record_limit == 0 || session->n_recorded + n_bytes <= options->record_limit;
    return fits ? options->record : 0;
}

static Candidate choose(Session *session, const float *logits, int position, Step *into) {
    return sampler_choose(session->sampler, logits, &session->options.sampling, position,
                          into ? into->candidates : NULL, into ? into->n_candidates : 0);
}

static Cache *cross_of(const Session *session, Cache *cross) {
    return session->timeline->config.n_source ? cross : NULL;
}

bool session_pass(Session *session, Pass *pass, Step *into, Error *err) {
    Recorder recorder = {into, &session->timeline->config};
    Observer observer = {record, &recorder, into ? sites_of(into) : 0};
    pass->observer = into ? &observer : NULL;
    pass->cross = cross_of(session, &session->cross);
    pass->source = session->source;
    pass->forgets_offset = session->options.forgets_offset;
    return forward(session->model, &session->cache, session->workspace, pass, err);
}

static bool run_cached(Session *session, Step *step, const int *ids, Control *control, Error *err) {
    const Config *config = &session->timeline->config;
    Pass pass = {
        .ids = ids + step->first_position, .n_rows = step->n_rows, .n_logit_rows = 1, .control = control};
    if (!session_pass(session, &pass, step, err)) return false;
    step->cached = pass.cost;
    step->cache = (CacheFacts){
        .length = session->cache.length,
        .capacity = config->n_ctx,
        .bytes = cache_bytes(&session->cache),
        .bytes_formula = cache_bytes_formula(config, session->cache.length),
        .bytes_per_token = cache_bytes_formula(config, 1),
        .cross_bytes = cache_bytes(&session->cross),
        .cross_bytes_formula = cross_cache_bytes_formula(config),
    };
    step->choice = choose(session, pass.logits, step_n_src(step), step);
    step->choice_text = session_text_of(session, step->choice.id);
    for (int i = 0; i < step->n_candidates; i++)
        step->candidate_texts[i] = session_text_of(session, step->candidates[i].id);
    memcpy(session->cached_logits, pass.logits, config->n_vocab * sizeof(float));
    return true;
}

static bool run_recompute(Session *session, Step *step, const int *ids, Control *control, Error *err) {
    const Config *config = &session->timeline->config;
    if (!session->options.recompute) {
        step->recompute = cost_formula(config, 0, step_n_src(step), 1);
        return true;
    }
    Pass pass = {.ids = ids,
                 .n_rows = step_n_src(step),
                 .n_logit_rows = 1,
                 .control = control,
                 .cross = cross_of(session, &session->recompute_cross),
                 .source = session->source};
    cache_truncate(&session->recompute_cache, 0);
    cache_truncate(&session->recompute_cross, 0);
    if (!forward(session->model, &session->recompute_cache, session->workspace, &pass, err)) return false;
    step->recompute = pass.cost;
    float difference = 0;
    for (int id = 0; id < config->n_vocab; id++)
        difference = fmaxf(difference, fabsf(pass.logits[id] - session->cached_logits[id]));
    Candidate again = choose(session, pass.logits, step_n_src(step), NULL);
    step->agreement = (Agreement){
        .measured = true, .max_abs_logit_difference = difference, .same_choice = again.id == step->choice.id};
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
    int first = session->cache.length;
    Pass pass = {
        .ids = ids + first, .n_rows = warm_up_rows(session, n_rows), .n_logit_rows = 1, .control = control};
    if (pass.n_rows == 0) return true;
    int n_cross = session->cross.length;
    bool ok = session_pass(session, &pass, NULL, err);
    cache_truncate(&session->cache, first);
    cache_truncate(&session->cross, n_cross);
    return ok;
}

// In rows × layers.
static long long work_ahead(const Session *session) {
    int n_src = session->timeline->n_tokens, n_rows = n_src - session->cache.length;
    int n_new = n_src - timeline_n_passed(session->timeline), again = session->options.recompute ? n_src : 0;
    return ((long long)n_rows + warm_up_rows(session, n_new) + again) * session->model->config.n_layers;
}

// Room for n_slots tokens in both caches, before anything is measured.
static bool make_room(Session *session, int n_slots, Error *err) {
    int n_ctx = session->timeline->config.n_ctx, wanted = session->cache.capacity;
    while (wanted < n_slots) wanted = wanted > n_ctx / 2 ? n_ctx : 2 * wanted;
    return cache_reserve(&session->cache, wanted, err) &&
           (!session->options.recompute || cache_reserve(&session->recompute_cache, wanted, err));
}

Step *session_compute(Session *session, Control *control, Error *err) {
    const Timeline *timeline = session->timeline;
    assert(session_end(session) == SESSION_GOES_ON);
    const Config *config = &timeline->config;
    int first = timeline_n_passed(timeline), n_rows = timeline->n_tokens - first;
    Step *step = step_new(&session->pool, config, first, n_rows, session->options.n_candidates,
                          sites_to_record(session, first, n_rows));
    int *ids = session_ids(session);
    if (!step || !ids) {
        error_no_memory(err, "the record of a step",
                        4.0 * config->n_layers * config->n_heads * n_rows * (double)timeline->n_tokens);
        goto fail;
    }
    step->index = timeline->n_steps;
    if (!make_room(session, timeline->n_tokens, err)) goto fail;
    control_begin(control, work_ahead(session));
    if (!session_catch_up(session, ids, first, control, err)) goto fail;
    if (!warm_up(session, ids, n_rows, control, err)) goto fail;
    if (!run_cached(session, step, ids, control, err)) goto fail;
    if (!run_recompute(session, step, ids, control, err)) {
        cache_truncate(&session->cache, first);
        if (first == 0) cache_truncate(&session->cross, 0);
        goto fail;
    }
    free(ids);
#ifdef KVSTEP_CHECK_STEPS
    if (!step_check(step, config, err)) assert(!"a Step that breaks what is taught");
#endif
    return step;
fail:
    free(ids);
    step_free(step);
    return NULL;
}

void session_keep(Session *session, Step *step) {
    Timeline *timeline = session->timeline;
    assert(step->index == timeline->n_steps && timeline->n_steps < timeline->config.n_ctx);
    timeline->steps[timeline->n_steps++] = step;
    session->n_recorded += step_sites_bytes(&timeline->config, step->first_position, step->n_rows,
                                            sites_of(step) & ~SITE_WEIGHTS);
    session_add_token(session, step->choice.id, true);
}

bool session_step(Session *session, Error *err) {
    Step *step = session_compute(session, NULL, err);
    if (step) session_keep(session, step);
    return step != NULL;
}
