// One forward pass: n_rows tokens go in, the cache grows by n_rows, logits come out.
//
// * prefill: many rows into an empty cache. decode: one row after the others. It is the same code.
// * recompute: the same code again, the whole prefix into an empty cache.
// * cross-attention: the first pass computes K and V of the source into a cache of its own; every later pass
// reads them.
// * an encoder is the same layers without logits; encode() runs it.
// * Row r stands at position first = cache->length at the start, plus r. It may look at src 0 ... first + r.
#ifndef KVSTEP_FORWARD_H
#define KVSTEP_FORWARD_H

#include "core/base/control.h"
#include "core/cache/cache.h"
#include "core/decode/cost.h"
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
    int n_rows;
    int n_logit_rows;         // logits are computed for this many last rows; 0: none
    const Observer *observer; // or NULL
    Control *control;         // or NULL
    Cache *cross; // n_source slots; filled by this pass when it is empty. NULL: no source, no cross-attention
    const float *source; // [n_source, d_model] the encoder's output; read when cross is empty
    bool forgets_offset; // the mask takes its rows for those at positions 0, 1 ...: a mistake, to be seen
    // out
    const float *hidden; // [n_rows, d_model] after the final norm, the workspace's too
    float *logits;       // [n_logit_rows, n_vocab], the workspace's: valid until the next pass
    Cost cost;
} Pass;

// On an error (no memory, cancelled, logits that are not finite, no free slot) the cache is as it was before.
bool forward(const Model *model, Cache *cache, Workspace *workspace, Pass *pass, Error *err);

// Runs the model's encoder over a source. output [n_ids, d_model of the decoder] is what cross-attention
// reads; the caller frees it. *cost may be NULL.
bool encode(const Model *model, const int *ids, int n_ids, float **output, Cost *cost, Error *err);

#endif
