// The Timeline: the Steps of one run, with its tokens and settings.
#ifndef KVSTEP_TIMELINE_H
#define KVSTEP_TIMELINE_H

#include "core/record/step.h"

typedef struct Token {
    int id;
    Text text; // empty when there is no tokenizer; borrowed from the model, or from the Timeline that read it
    bool generated;
} Token;

// Where a run was made. Times depend on it, nothing else does.
typedef struct Machine {
    Text program;   // "kvstep 0.2"; {NULL, 0}: not recorded, as for the others
    Text processor; // as the system names it
    int n_threads;  // 0: not recorded
} Machine;

typedef struct Timeline {
    Config config;
    Sampling sampling;
    const char *cache_policy; // a CachePolicy's name
    Text prompt;              // {NULL, 0} when the prompt was given as ids
    SiteMask recorded;        // sites that were asked for; with a record_limit, in as many Steps as it allows
    bool has_recompute;
    Machine machine;
    Token *tokens; // [n_tokens]; the last one is the choice of the last Step
    int n_tokens;
    int n_prompt;
    Token *source; // [n_source] what the encoder has read
    int n_source;
    Text source_text; // {NULL, 0} when it was given as ids
    Cost encoder;     // its one pass; all 0 without one
    Step **steps;     // [n_steps]
    int n_steps;
} Timeline;

// The Step at or before step_index that computed the row of a token; NULL when none did.
const Step *timeline_step_of(const Timeline *timeline, int step_index, int token);

// How many tokens both begin with.
int timeline_n_common(const Timeline *a, const Timeline *b);

// How many tokens the Steps so far have fed in.
int timeline_n_passed(const Timeline *timeline);

#endif
