// The inside of a Session, for the two files that make it up: session.c computes Steps, branch.c keeps the
// branches.
#ifndef KVSTEP_SESSION_INTERNAL_H
#define KVSTEP_SESSION_INTERNAL_H

#include "core/decode/forward.h"
#include "core/session/session.h"

struct Session {
    const Model *model;
    SessionOptions options;
    Timeline *timeline;  // the branch at hand, one of these; tokens has room for n_ctx + 1, steps for n_ctx
    Timeline **branches; // [n_branches]
    int n_branches;
    Cache cache;
    Cache recompute_cache;        // emptied before every use
    Cache cross, recompute_cross; // of the source, where there is one
    float *source;                // [n_source, d_model] the encoder's output
    Workspace *workspace;
    Sampler *sampler;
    float *cached_logits; // [n_vocab], kept while recomputation reuses the workspace
    char *prompt, *source_text;
    char processor[128];  // the machine's
    Token *source_tokens; // [n_source] of every branch
    StepPool pool;        // of the Steps that are computed
    size_t n_recorded;    // bytes of sites in the Steps so far
};

Text session_text_of(const Session *session, int id);
void session_add_token(Session *session, int id, bool generated);
// The ids of all tokens of the branch at hand. NULL when there is no memory; the caller frees them.
int *session_ids(const Session *session);

// A pass over the cache, of what the caller has put into `pass`; records into a Step's sites where there is
// one.
bool session_pass(Session *session, Pass *pass, Step *into, Error *err);
// Fills the cache up to n_tokens tokens again, after the branch at hand has changed, by the passes that its
// Steps ran.
bool session_catch_up(Session *session, const int *ids, int n_tokens, Control *control, Error *err);

// Takes a Timeline, without its tokens and Steps, as the branch at hand.
bool session_add_branch(Session *session, const Timeline *timeline, Error *err);
void session_free_branches(Session *session);

#endif
