// The branches of a Session: timelines that share their beginnings.
//
// A branch has its own list of tokens and of Steps; Steps before the fork are shared, and the one at the fork
// is the same pass with another choice. There is one cache. When another branch comes to hand, the cache
// keeps the slots that both have in common; the others are filled again before the next Step, by the same
// passes as the first time, so that a branch's numbers are the same to the last bit wherever one has been in
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

bool session_catch_up(Session *session, const int *ids, int n_slots, Control *control, Error *err) {
    while (session->cache.length < n_slots) {
        int first = session->cache.length;
        const Step *step = timeline_step_of(session->timeline, session->timeline->n_steps - 1, first);
        Pass pass = {.ids = ids + first, .n_rows = step->n_rows, .control = control};
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
    if (n_kept < session->cache.length) cache_truncate(&session->cache, n_kept);
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
    int n_src = step_n_src(at), existing = find_branch(session, n_src, choice->id);
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
    memcpy(branch->tokens, from->tokens, (size_t)n_src * sizeof *from->tokens);
    branch->n_tokens = n_src;
    for (int i = 0; i < step_index; i++) branch->steps[i] = step_share(from->steps[i]);
    branch->steps[step_index] = forked;
    branch->n_steps = step_index + 1;
    session_add_token(session, choice->id, true);
    if (n_src < session->cache.length) cache_truncate(&session->cache, n_src);
    return true;
}

Step *session_replay(Session *session, int step_index, Control *control, Error *err) {
    const Timeline *timeline = session->timeline;
    const Step *step = timeline->steps[step_index];
    int first = step->first_position, n_slots = timeline_n_passed(timeline);
    size_t n_bytes =
        step_sites_bytes(&timeline->config, first, step->n_rows, sites_of_config(&timeline->config));
    Step *replay = step_new(NULL, &timeline->config, first, step->n_rows, 0, SITE_ALL);
    int *ids = session_ids(session);
    bool ok = (replay && ids) || error_no_memory(err, "the numbers of a step", (double)n_bytes);
    control_begin(control,
                  (long long)(n_slots - session->cache.length + step->n_rows) * timeline->config.n_layers);
    if (ok) ok = session_catch_up(session, ids, n_slots, control, err);
    if (ok) {
        Pass pass = {.ids = ids + first, .n_rows = step->n_rows, .n_logit_rows = 1, .control = control};
        cache_truncate(&session->cache, first);
        ok = session_pass(session, &pass, replay, err);
        if (session->cache.length > 0)
            cache_restore(&session->cache, n_slots); // what was cut off is as it was
    }
    if (ok) replay->index = step_index;
    free(ids);
    if (ok) return replay;
    step_free(replay);
    return NULL;
}
