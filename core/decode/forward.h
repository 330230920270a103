// One forward pass: n_rows tokens go in, their keys and values go into the cache, logits come out.
//
// * prefill: many rows into an empty cache. decode: one row after the others. It is the same code.
// * recompute: the same code again, the whole prefix into an empty cache.
// * cross-attention: the first pass computes K and V of the source into a cache of its own; every later pass
//   reads them.
// * an encoder is the same layers without logits; encode() runs it.
// * Each row is a token of a sequence, and so is each column of attention. A row may look at the tokens of
//   its own sequence up to itself.
#ifndef KVSTEP_FORWARD_H
#define KVSTEP_FORWARD_H

#include "core/base/control.h"
#include "core/cache/cache.h"
#include "core/decode/site.h"
#include "core/model/model.h"

// Sees every site that its mask names, in order; the data is borrowed for the call and of the shape
// site_shape() gives.
typedef struct Observer {
    void (*fn)(void *user, SiteId site, int layer, const float *data);
    void *user;
    SiteMask sites;
} Observer;

typedef struct Workspace Workspace;

Workspace *workspace_new(void);
void workspace_free(Workspace *workspace);

typedef struct Pass {
    // in
    const int *ids; // [n_rows]
    const Place *
        rows; // [n_rows] which tokens they are, in rising order; NULL: those after the cache's, of sequence 0
    int n_rows;
    int n_logit_rows;         // logits are computed for this many last rows; 0: none
    const Observer *observer; // or NULL
    Control *control;         // or NULL
    Cache *cross;             // one slot for each row of the source; filled by this pass when empty. NULL: no
                              // cross-attention
    const float *source;      // [slots of cross, d_model] the encoder's output; read when cross is empty
    bool forgets_offset;      // the mask takes the rows for tokens 0, 1, ...: a deliberate bug for a lesson
    bool is_trial;            // nothing stays in the caches
    // out
    const float *hidden; // [n_rows, d_model] after the final norm; the workspace's
    float *logits;       // [n_logit_rows, n_vocab]; the workspace's: valid until the next pass
    Cost cost;
} Pass;

// On an error (no memory, cancelled, logits that are not finite, no free slot) the caches are as before.
bool forward(const Model *model, Cache *cache, Workspace *workspace, Pass *pass, Error *err);

// Runs the model's encoder over a source. output [n_ids, d_model of the decoder] is what cross-attention
// reads; the caller frees it. *cost may be NULL.
bool encode(const Model *model, const int *ids, int n_ids, float **output, Cost *cost, Error *err);

#endif
