#include "session.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forward.h"

struct Session {
    const Model *model;
    SessionOptions options;
    Timeline timeline; // tokens has room for n_ctx + 1, steps for n_ctx: neither ever moves
    Cache cache;
    Cache recompute_cache; // emptied before every use
    Workspace *workspace;
    Sampler *sampler;
    float *cached_logits; // [n_vocab], kept while recomputation reuses the workspace
    char *prompt;
    size_t n_recorded; // bytes of sites in the Steps so far
};

static bool check_prompt(const Config *config, const TokenIds *ids, Error *err) {
    if (ids->n == 0)
        return error_set(err, "the prompt is empty: give some text, or %s for the beginning of a text",
                         config->bos_id >= 0 ? "<|endoftext|>" : "token ids");
    if (ids->n > config->n_ctx)
        return error_set(err, "the prompt has %d tokens and %s has positions for %d: use a shorter prompt", ids->n,
                         config->name, config->n_ctx);
    for (int i = 0; i < ids->n; i++)
        if (ids->ids[i] < 0 || ids->ids[i] >= config->n_vocab)
            return error_set(err, "token id %d of the prompt is outside the vocabulary of %s: use ids from 0 to %d",
                             ids->ids[i], config->name, config->n_vocab - 1);
    return true;
}

static Text text_of(const Session *session, int id) {
    return session->model->tokenizer ? tokenizer_text(session->model->tokenizer, id) : (Text){NULL, 0};
}

static void add_token(Session *session, int id, bool generated) {
    Timeline *timeline = &session->timeline;
    timeline->tokens[timeline->n_tokens++] = (Token){.id = id, .text = text_of(session, id), .generated = generated};
}

static bool allocate(Session *session, Error *err) {
    const Config *config = &session->model->config;
    session->workspace = workspace_new();
    session->sampler = sampler_new(config->n_vocab);
    session->cached_logits = calloc(config->n_vocab, sizeof(float));
    session->timeline.tokens = calloc(config->n_ctx + 1, sizeof(Token));
    session->timeline.steps = calloc(config->n_ctx, sizeof(Step *));
    session->prompt = malloc(session->timeline.prompt.n_bytes + 1);
    if (!session->workspace || !session->sampler || !session->cached_logits || !session->timeline.tokens ||
        !session->timeline.steps || !session->prompt)
        return error_memory(err, "a session", (double)config->n_vocab * sizeof(float));
    return cache_init(&session->cache, config, config->n_ctx, err) &&
           (!session->options.recompute || cache_init(&session->recompute_cache, config, config->n_ctx, err));
}

bool session_new(Session **out, const Model *model, const TokenIds *ids, Text prompt, const SessionOptions *options,
                 Error *err) {
    *out = NULL;
    if (!check_prompt(&model->config, ids, err) || !sampling_check(&options->sampling, err)) return false;
    Session *session = calloc(1, sizeof *session);
    if (!session) return error_memory(err, "a session", sizeof *session);
    session->model = model;
    session->options = *options;
    session->options.record &= ~SITE_BIT(SITE_ATTENTION); // always kept, and not counted against the limit
    if (session->options.n_candidates > model->config.n_vocab) session->options.n_candidates = model->config.n_vocab;
    session->timeline = (Timeline){.config = model->config,
                                   .sampling = options->sampling,
                                   .prompt = prompt,
                                   .recorded = session->options.record,
                                   .has_recompute = options->recompute};
    if (!allocate(session, err)) {
        session_free(session);
        return false;
    }
    if (prompt.bytes) {
        memcpy(session->prompt, prompt.bytes, prompt.n_bytes);
        session->timeline.prompt.bytes = session->prompt;
    }
    for (int i = 0; i < ids->n; i++) add_token(session, ids->ids[i], false);
    session->timeline.n_prompt = ids->n;
    *out = session;
    return true;
}

void session_free(Session *session) {
    if (!session) return;
    for (int i = 0; i < session->timeline.n_steps; i++) step_free(session->timeline.steps[i]);
    free(session->timeline.steps);
    free(session->timeline.tokens);
    free(session->prompt);
    free(session->cached_logits);
    sampler_free(session->sampler);
    workspace_free(session->workspace);
    cache_done(&session->cache);
    cache_done(&session->recompute_cache);
    free(session);
}

const Timeline *session_timeline(const Session *session) {
    return &session->timeline;
}

SessionEnd session_end(const Session *session) {
    const Timeline *timeline = &session->timeline;
    const Token *last = &timeline->tokens[timeline->n_tokens - 1];
    if (last->generated && last->id == timeline->config.eos_id) return SESSION_END_OF_TEXT;
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
    size_t n_bytes = step_sites_bytes(&session->model->config, first, n_rows, options->record);
    bool fits = options->record_limit == 0 || session->n_recorded + n_bytes <= options->record_limit;
    return fits ? options->record : 0;
}

static Candidate choose(Session *session, const float *logits, int position, Step *into) {
    return sampler_choose(session->sampler, logits, &session->options.sampling, position, into ? into->candidates : NULL,
                          into ? into->n_candidates : 0);
}

static bool run_cached(Session *session, Step *step, const int *ids, Control *control, Error *err) {
    const Config *config = &session->model->config;
    Recorder recorder = {step, config};
    Observer observer = {record, &recorder, sites_of(step)};
    Pass pass = {.ids = ids + step->first_position,
                 .n_rows = step->n_rows,
                 .n_logit_rows = 1,
                 .observer = &observer,
                 .control = control};
    if (!forward(session->model, &session->cache, session->workspace, &pass, err)) return false;
    step->cached = pass.cost;
    step->cache = (CacheFacts){
        .length = session->cache.length,
        .capacity = session->cache.capacity,
        .bytes = cache_bytes(&session->cache),
        .bytes_formula = cache_bytes_formula(config, session->cache.length),
        .bytes_per_token = cache_bytes_formula(config, 1),
    };
    step->choice = choose(session, pass.logits, step_n_src(step), step);
    step->choice_text = text_of(session, step->choice.id);
    for (int i = 0; i < step->n_candidates; i++) step->candidate_texts[i] = text_of(session, step->candidates[i].id);
    memcpy(session->cached_logits, pass.logits, config->n_vocab * sizeof(float));
    return true;
}

static bool run_recompute(Session *session, Step *step, const int *ids, Control *control, Error *err) {
    const Config *config = &session->model->config;
    if (!session->options.recompute) {
        step->recompute = cost_formula(config, 0, step_n_src(step), 1);
        return true;
    }
    Pass pass = {.ids = ids, .n_rows = step_n_src(step), .n_logit_rows = 1, .control = control};
    cache_truncate(&session->recompute_cache, 0);
    if (!forward(session->model, &session->recompute_cache, session->workspace, &pass, err)) return false;
    step->recompute = pass.cost;
    float difference = 0;
    for (int id = 0; id < config->n_vocab; id++)
        difference = fmaxf(difference, fabsf(pass.logits[id] - session->cached_logits[id]));
    Candidate again = choose(session, pass.logits, step_n_src(step), NULL);
    step->agreement =
        (Agreement){.measured = true, .max_abs_logit_difference = difference, .same_choice = again.id == step->choice.id};
    return true;
}

// How many rows run unmeasured before a Step of n_rows: before the first one, and before each one that compares times.
static int warm_up_rows(const Session *session, int n_rows) {
    enum { ENOUGH = 16 };
    if (session->cache.length > 0 && !session->options.recompute) return 0;
    return n_rows < ENOUGH ? n_rows : ENOUGH;
}

// A pass whose result is thrown away. Whatever runs first touches weights, buffers and the matrix library's own memory anew,
// at the start or after the machine was idle, and takes several times as long; the cached way, which is measured first,
// should not be the one that pays.
static bool warm_up(Session *session, const int *ids, int n_rows, Control *control, Error *err) {
    int first = session->cache.length;
    Pass pass = {.ids = ids + first, .n_rows = warm_up_rows(session, n_rows), .n_logit_rows = 1, .control = control};
    if (pass.n_rows == 0) return true;
    bool ok = forward(session->model, &session->cache, session->workspace, &pass, err);
    cache_truncate(&session->cache, first);
    return ok;
}

long long session_work(const Session *session) {
    int n_src = session->timeline.n_tokens, n_rows = n_src - session->cache.length;
    int again = session->options.recompute ? n_src : 0;
    return ((long long)warm_up_rows(session, n_rows) + n_rows + again) * session->model->config.n_layers;
}

Step *session_compute(Session *session, Control *control, Error *err) {
    const Timeline *timeline = &session->timeline;
    assert(session_end(session) == SESSION_GOES_ON);
    const Config *config = &timeline->config;
    int first = session->cache.length, n_rows = timeline->n_tokens - first;
    Step *step = step_new(config, first, n_rows, session->options.n_candidates, sites_to_record(session, first, n_rows));
    int *ids = malloc(timeline->n_tokens * sizeof *ids);
    if (!step || !ids) {
        error_memory(err, "the record of a step",
                     4.0 * config->n_layers * config->n_heads * n_rows * (double)timeline->n_tokens);
        goto fail;
    }
    step->index = timeline->n_steps;
    for (int i = 0; i < timeline->n_tokens; i++) ids[i] = timeline->tokens[i].id;
    if (!warm_up(session, ids, n_rows, control, err)) goto fail;
    if (!run_cached(session, step, ids, control, err)) goto fail;
    if (!run_recompute(session, step, ids, control, err)) {
        cache_truncate(&session->cache, first);
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
    Timeline *timeline = &session->timeline;
    assert(step->index == timeline->n_steps && timeline->n_steps < timeline->config.n_ctx);
    timeline->steps[timeline->n_steps++] = step;
    session->n_recorded +=
        step_sites_bytes(&timeline->config, step->first_position, step->n_rows, sites_of(step) & ~SITE_BIT(SITE_ATTENTION));
    add_token(session, step->choice.id, true);
}

bool session_step(Session *session, Error *err) {
    Step *step = session_compute(session, NULL, err);
    if (step) session_keep(session, step);
    return step != NULL;
}
