// A Session: one prompt, one growing text, its cache and its Steps. The façade of core/: what lies above
// needs no more.
//
// Interface:
// * session_new() takes a prompt, and for an encoder-decoder the source, which it runs through the encoder.
//   No pass of the decoder has run yet.
// * session_step() runs the next pass: first the prefill of all prompt tokens, then one token at a time. Each
//   Step ends with the choice of the next token, which the following one feeds in.
// * To keep a screen alive, run session_compute() in a worker thread and session_keep() where the Timeline is
//   drawn: computing reads the Timeline and never changes it.
// * session_end() tells whether there is anything left to do.
#ifndef KVSTEP_SESSION_H
#define KVSTEP_SESSION_H

#include "core/base/control.h"
#include "core/model/model.h"
#include "core/record/timeline.h"

typedef struct SessionOptions {
    Sampling sampling;
    int n_candidates;    // kept in each Step; capped at the vocabulary
    SiteMask record;     // sites whose numbers Steps keep beside the attention weights
    size_t record_limit; // bytes for those numbers over all Steps, 0: any; a Step that would pass it keeps
                         // the weights alone
    bool forgets_offset; // the cached pass's mask is for rows 0, 1 ..., whatever is in the cache: see Pass
    bool recompute;      // run the second pass and compare; false: its cost comes from the formula
} SessionOptions;

// What a Session starts from; everything is copied.
typedef struct SessionInput {
    TokenIds ids;    // the prompt; an encoder-decoder's begins with config.start_id
    Text prompt;     // the text it came from; {NULL, 0}: given as ids
    TokenIds source; // for an encoder-decoder, at least one id; otherwise none
    Text source_text;
} SessionInput;

typedef struct Session Session;

typedef enum SessionEnd { SESSION_GOES_ON, SESSION_END_OF_TEXT, SESSION_CONTEXT_FULL } SessionEnd;

// The model stays the caller's and must outlive the Session.
bool session_new(Session **out, const Model *model, const SessionInput *input, const SessionOptions *options,
                 Error *err);
void session_free(Session *session);

const Timeline *session_timeline(const Session *session);
SessionEnd session_end(const Session *session);

// Computes the next Step. With a `control` another thread follows it and can end it, with an Error and no
// change.
Step *session_compute(Session *session, Control *control, Error *err);
// Takes the Step that session_compute() made into the Timeline, and its choice as the next token.
void session_keep(Session *session, Step *step);
// Both of them.
bool session_step(Session *session, Error *err);

// A branch begins at a Step of the branch at hand with another choice, one of the Step's candidates, and goes
// on from there. It becomes the branch at hand; when there is one already that goes on so, that one does.
bool session_branch(Session *session, int step_index, const Candidate *choice, Error *err);
int session_n_branches(const Session *session); // at least 1: the text as the sampler chose it
const Timeline *session_branch_at(const Session *session, int index);
void session_switch(Session *session, int index); // this one is at hand now

// Runs the pass of a Step of the branch at hand once more and returns it with every site. The caller frees
// it. It has no candidates and no costs. With a `control` as session_compute().
Step *session_replay(Session *session, int step_index, Control *control, Error *err);

#endif
