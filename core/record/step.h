// The Step: the record of one forward pass, and the Timeline: the Steps of one run.
//
// Everything people see is drawn from these two, whether a Session made them or a trace was read back. A Step
// never changes once it is part of a Timeline.
#ifndef KVSTEP_STEP_H
#define KVSTEP_STEP_H

#include "core/base/text.h"
#include "core/decode/cost.h"
#include "core/decode/sampler.h"
#include "core/decode/site.h"
#include "core/model/config.h"
#include "core/record/step_pool.h"

typedef enum StepPhase { STEP_PREFILL, STEP_DECODE } StepPhase;

typedef struct CacheFacts {
    int length;            // slots in use after the step
    int capacity;          // slots
    int64_t bytes;         // measured
    int64_t bytes_formula; // 2 · n_layers · n_kv_heads · d_head · length · 4
    int64_t bytes_per_token;
    int64_t cross_bytes;         // of cross-attention's cache, measured; 0 without a source
    int64_t cross_bytes_formula; // 2 · n_layers · n_heads · d_head · n_source · 4
} CacheFacts;

typedef struct Agreement {
    bool measured;                  // false when recomputation was left out
    float max_abs_logit_difference; // max over the vocabulary of |cached - recomputed|
    bool same_choice;               // the sampler takes the same token from both
} Agreement;

typedef struct Step {
    int index;
    StepPhase phase;
    int first_position; // of row 0; also the number of slots that were in the cache before
    int n_rows;
    CacheFacts cache;
    Cost cached;
    Cost recompute; // of the whole prefix, into an empty cache
    Agreement agreement;
    int n_candidates;
    Candidate *candidates; // [n_candidates], most likely first
    Text *candidate_texts; // [n_candidates], borrowed like Token.text
    Candidate choice;
    Text choice_text;
    struct Step *base; // whose numbers these are, when only the choice is another; NULL otherwise
    int n_owners;      // Timelines that hold it
    StepBlock *block;  // the pool's, where its memory is from; NULL: from the heap
    const float *sites[SITE_COUNT]; // [n_layers or 1, site_shape()...], or NULL when not recorded; those of
                                    // SITE_WEIGHTS always are
} Step;

typedef struct Token {
    int id;
    Text text; // empty when there is no tokenizer; borrowed from the model, or from the Timeline that read it
    bool generated;
} Token; // tokens[p] stands at position p

typedef struct Timeline {
    Config config;
    Sampling sampling;
    Text prompt; // {NULL, 0} when the prompt was given as ids
    SiteMask
        recorded; // sites in every Step, beside SITE_WEIGHTS; with a record_limit, in as many as it allows
    bool has_recompute;
    Token *tokens; // [n_tokens]; the last one is the choice of the last Step
    int n_tokens;
    int n_prompt;
    Token *source;    // [config.n_source] what the encoder has read
    Text source_text; // {NULL, 0} when it was given as ids
    Cost encoder;     // its one pass; all 0 without one
    Step **steps;     // [n_steps]
    int n_steps;
} Timeline;

// One piece of memory, from the pool or with NULL from the heap, for a Step with its sites, attention and
// candidates. NULL when there is no memory. The sites start as zeros; step_site() is where to write them.
Step *step_new(StepPool *pool, const Config *config, int first_position, int n_rows, int n_candidates,
               SiteMask sites);
// The same pass with another choice: it shares the numbers of `step`. NULL when there is no memory.
Step *step_with_choice(Step *step, const Candidate *choice, Text text);
Step *step_share(Step *step); // one owner more; returns the Step
void step_free(Step *step);   // by one of its owners
// What the numbers of these sites take in such a Step.
size_t step_sites_bytes(const Config *config, int first_position, int n_rows, SiteMask sites);
float *step_site(Step *step, const Config *config, SiteId site, int layer);

// Keys that the rows of a Step see: first_position + n_rows.
int step_n_src(const Step *step);

// One row of a site of shape SITE_HEAD_ROW_SRC (scores, masked_scores, attention): [n_src] numbers; or of
// SITE_HEAD_ROW_SOURCE (cross-attention's): [n_source]. NULL when the Step did not record the site.
const float *step_head_row(const Step *step, const Config *config, SiteId site, int layer, int head, int row);

// The entropy in bits of what the model says about the next token: exact where the Step has the logits of the
// whole vocabulary (or all of it as candidates); otherwise what it is at least, by the candidates.
double step_entropy(const Step *step, const Config *config, bool *is_exact);

// The Step at or before step_index that computed the row of the token at `position`; NULL when none did.
const Step *timeline_step_of(const Timeline *timeline, int step_index, int position);

// How many tokens both begin with.
int timeline_n_common(const Timeline *a, const Timeline *b);

// How many tokens the Steps so far have fed in: those that are in the cache.
int timeline_n_passed(const Timeline *timeline);

// Asserts what is taught: attention rows sum to 1, masked weights are exactly 0, residuals add up, the
// cache's bytes are the formula's, and counted costs are the analytic ones. Returns false and says what is
// wrong. Tests call it; with KVSTEP_CHECK_STEPS (`make asan`) every Session does, on every Step.
bool step_check(const Step *step, const Config *config, Error *err);

#endif
