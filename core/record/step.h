// The Step: the record of one forward pass.
//
// Everything people see is drawn from Steps, whether a Session made them or a trace was read back. A Step
// never changes once it is part of a Timeline. A run can lack some facts (a trace may come from elsewhere):
// step_has() tells, and what is missing is shown as "not recorded".
#ifndef KVSTEP_STEP_H
#define KVSTEP_STEP_H

#include "core/base/text.h"
#include "core/cache/slot.h"
#include "core/decode/sampler.h"
#include "core/decode/site.h"
#include "core/math/cost.h"
#include "core/record/comparison.h"
#include "core/record/step_pool.h"

typedef enum StepPhase { STEP_PREFILL, STEP_DECODE } StepPhase;

// The facts that a Step can lack, beside its sites and candidates.
typedef enum StepFact {
    FACT_CACHE = 1,          // step->cache
    FACT_COST = 2,           // step->cached
    FACT_RECOMPUTE_COST = 4, // step->recompute
    FACT_COMPARISON = 8,     // step->comparison
    FACT_CHOICE = 16,        // step->choice: without it the next token was given
} StepFact;

typedef struct CacheFacts {
    int length;            // slots in use after the step
    int capacity;          // slots
    int64_t bytes;         // measured
    int64_t bytes_formula; // 2 · n_layers · n_kv_heads · d_head · length · 4
    int64_t bytes_per_token;
    int64_t cross_bytes;         // of cross-attention's cache, measured; 0 without a source
    int64_t cross_bytes_formula; // 2 · n_layers · n_heads · d_head · n_source · 4
} CacheFacts;

typedef struct Step {
    int index;
    StepPhase phase;
    unsigned facts;     // StepFacts
    int n_rows, n_keys; // tokens that went in; columns of attention
    int n_source;       // rows of the encoder's output; 0 without cross-attention
    int n_evicted;
    const Place *rows; // [n_rows]
    const Slot *keys;  // [n_keys] which token each column of attention is, and what the pass did to its slot
    const Slot *evicted; // [n_evicted] tokens that left the cache for this pass
    CacheFacts cache;
    Cost cached;
    Cost recompute;
    Comparison comparison; // the cached pass against recomputation: all tokens again, into an empty cache
    int n_candidates;
    Candidate *candidates; // [n_candidates], most likely first
    Text *candidate_texts; // [n_candidates], borrowed like Token.text
    Candidate choice;
    Text choice_text;
    struct Step *base; // whose numbers these are, when only the choice is another; NULL otherwise
    int n_owners;      // Timelines that hold it
    StepBlock *block;  // the pool's, where its memory is from; NULL: from the heap
    const float *sites[SITE_COUNT]; // [n_layers or 1, site_shape()...], or NULL when not recorded
} Step;

// What a Step is made for.
typedef struct StepSizes {
    PassShape pass;
    int n_evicted, n_candidates;
    SiteMask sites; // to hold; those that the model lacks are left out
} StepSizes;

// One piece of memory, from the pool or with NULL from the heap. NULL when there is no memory. Everything
// starts as zeros; step_rows(), step_keys(), step_evicted() and step_site() are where to write.
Step *step_new(StepPool *pool, const Config *config, const StepSizes *sizes);
Place *step_rows(Step *step);
Slot *step_keys(Step *step);
Slot *step_evicted(Step *step);
float *step_site(Step *step, const Config *config, SiteId site, int layer);

// The same pass with another choice: it shares the numbers of `step`. NULL when there is no memory.
Step *step_with_choice(Step *step, const Candidate *choice, Text text);
Step *step_share(Step *step); // one owner more; returns the Step
void step_free(Step *step);   // by one of its owners

// The bytes that the numbers of these sites take in such a pass.
size_t step_sites_bytes(const Config *config, const PassShape *pass, SiteMask sites);

static inline bool step_has(const Step *step, StepFact fact) {
    return (step->facts & fact) != 0;
}

// Whether this token is the Step's choice.
static inline bool step_chose(const Step *step, int id) {
    return step_has(step, FACT_CHOICE) && step->choice.id == id;
}

PassShape step_shape(const Step *step);
int step_first_token(const Step *step);          // of row 0
int step_n_tokens(const Step *step);             // tokens of the text up to the last row's
int step_row_of(const Step *step, int token);    // the row that the token is; -1: none
int step_column_of(const Step *step, int token); // the column that the token is; -1: none

// One row of a site of shape SITE_HEAD_ROW_KEY (scores, masked_scores, attention): [n_keys] numbers; or of
// SITE_HEAD_ROW_SOURCE (cross-attention's): [n_source]. NULL when the Step did not record the site.
const float *step_head_row(const Step *step, const Config *config, SiteId site, int layer, int head, int row);

// The entropy in bits of what the model says about the next token: exact where the Step has the logits of the
// whole vocabulary (or all of it as candidates); otherwise what it is at least, by the candidates.
double step_entropy(const Step *step, const Config *config, bool *is_exact);

#endif
