// The branches of a Session: timelines that share their beginnings.
//
// A branch has its own list of tokens and of Steps; Steps before the fork are shared, and the one at the fork
// is the same pass with another choice. There is one cache. When another branch comes to hand, the cache
// keeps the slots that both have in common; the others are filled again before the next Step, by the same
// passes as the first time, so a branch's numbers are the same to the last bit wherever one has been in
// between.
#include <stdlib.h>
#include <string.h>

#include "core/session/session_internal.h"

int *session_ids(const Session *session) {
    const Timeline *timeline = session->timeline;
    int *ids = malloc((size_t)timeline->n_tokens * sizeof *ids);
    for (int i = 0; ids && i < timeline->n_tokens; i++) ids[i] = timeline->tokens[i].id;
    return ids;
}

bool session_catch_up(Session *session, const int *ids, int n_tokens, Control *control, Error *err) {
    while (session->cache.next_token < n_tokens) {
        int first = session->cache.next_token;
        const Step *step = timeline_step_of(session->timeline, session->timeline->n_steps - 1, first);
        Pass pass = {.ids = ids + first, .rows = step->rows, .n_rows = step->n_rows, .control = control};
        if (!session_pass(session, &pass, NULL, err)) return false;
    }
    return true;
}

bool session_add_branch(Session *session, const Timeline *timeline, Error *err) {
    size_t n_ctx = (size_t)timeline->config.n_ctx, n = (size_t)session->n_branches;
    Timeline *branch = malloc(sizeof *branch),
             **branches = realloc(session->branches, (n + 1) * sizeof *branches);
    if (branches) session->branches = branches;
    Token *tokens = calloc(n_ctx + 1, sizeof *tokens);
    Step **steps = calloc(n_ctx, sizeof(Step *));
    if (!branch || !branches || !tokens || !steps) {
        free(branch);
        free(tokens);
        free(steps);
        return error_no_memory(err, "a branch", (double)n_ctx * (sizeof *tokens + sizeof *steps));
    }
    *branch = *timeline;
    branch->tokens = tokens;
    branch->steps = steps;
    branch->n_tokens = branch->n_steps = 0;
    session->branches[session->n_branches++] = session->timeline = branch;
    return true;
}

void session_free_branches(Session *session) {
    for (int i = 0; i < session->n_branches; i++) {
        Timeline *branch = session->branches[i];
        for (int s = 0; s < branch->n_steps; s++) step_free(branch->steps[s]);
        free(branch->steps);
        free(branch->tokens);
        free(branch);
    }
    free(session->branches);
}

int session_n_branches(const Session *session) {
    return session->n_branches;
}

const Timeline *session_branch_at(const Session *session, int index) {
    return session->branches[index];
}

void session_switch(Session *session, int index) {
    Timeline *before = session->timeline, *after = session->branches[index];
    int n_common = timeline_n_common(before, after), n_passed = timeline_n_passed(after);
    int n_kept = n_common < n_passed ? n_common : n_passed;
    cache_truncate(&session->cache, n_kept);
    session->timeline = after;
}

// The branch that has the first n tokens of the one at hand and then `id`; -1: none.
static int find_branch(const Session *session, int n, int id) {
    for (int i = 0; i < session->n_branches; i++) {
        const Timeline *branch = session->branches[i];
        if (branch->n_tokens > n && branch->tokens[n].id == id &&
            timeline_n_common(branch, session->timeline) >= n)
            return i;
    }
    return -1;
}

bool session_branch(Session *session, int step_index, const Candidate *choice, Error *err) {
    Timeline *from = session->timeline;
    Step *at = from->steps[step_index];
    int n_tokens = step_n_tokens(at), existing = find_branch(session, n_tokens, choice->id);
    if (existing >= 0) {
        session_switch(session, existing);
        return true;
    }
    Step *forked = step_with_choice(at, choice, session_text_of(session, choice->id));
    if (!forked || !session_add_branch(session, from, err)) {
        step_free(forked);
        return error_no_memory(err, "a branch", sizeof *forked);
    }
    Timeline *branch = session->timeline;
    memcpy(branch->tokens, from->tokens, (size_t)n_tokens * sizeof *from->tokens);
    branch->n_tokens = n_tokens;
    for (int i = 0; i < step_index; i++) branch->steps[i] = step_share(from->steps[i]);
    branch->steps[step_index] = forked;
    branch->n_steps = step_index + 1;
    session_add_token(session, choice->id, true);
    cache_truncate(&session->cache, n_tokens);
    return true;
}

// An empty Step for the same pass, with room for every site. It says of rows and slots what the Step says.
static Step *blank_copy(const Session *session, const Step *step, Error *err) {
    const Config *config = &session->timeline->config;
    StepSizes sizes = {.pass = step_shape(step), .n_evicted = step->n_evicted, .sites = SITE_ALL};
    Step *copy = step_new(NULL, config, &sizes);
    if (!copy) {
        SiteMask sites = sites_of(config, step->n_source);
        error_no_memory(err, "the numbers of a step", (double)step_sites_bytes(config, &sizes.pass, sites));
        return NULL;
    }
    copy->index = step->index;
    copy->phase = step->phase;
    memcpy(step_rows(copy), step->rows, (size_t)step->n_rows * sizeof *step->rows);
    memcpy(step_keys(copy), step->keys, (size_t)(step->n_keys + step->n_evicted) * sizeof *step->keys);
    return copy;
}

static bool replay(Session *session, Step *copy, const int *ids, Control *control, Error *err) {
    const Timeline *timeline = session->timeline;
    Cache *cache = &session->cache;
    int first = step_first_token(copy), n_passed = timeline_n_passed(timeline);
    control_begin(control,
                  (long long)(n_passed - cache->next_token + copy->n_rows) * timeline->config.n_layers);
    if (!session_catch_up(session, ids, n_passed, control, err)) return false;
    int length = cache->length;
    Pass pass = {.ids = ids + first,
                 .rows = copy->rows,
                 .n_rows = copy->n_rows,
                 .n_logit_rows = 1,
                 .control = control};
    cache_truncate(cache, first);
    bool ok = session_pass(session, &pass, copy, err);
    if (cache->length > 0) cache_restore(cache, length); // what was cut off is as it was
    return ok;
}

Step *session_replay(Session *session, int step_index, Control *control, Error *err) {
    int *ids = session_ids(session);
    if (!ids) {
        error_no_memory(err, "the numbers of a step", (double)session->timeline->n_tokens * sizeof *ids);
        return NULL;
    }
    Step *copy = blank_copy(session, session->timeline->steps[step_index], err);
    if (copy && !replay(session, copy, ids, control, err)) {
        step_free(copy);
        copy = NULL;
    }
    free(ids);
    return copy;
}
