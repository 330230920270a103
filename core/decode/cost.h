// What one pass costs: multiply-adds, bytes read, time.
//
// FLOPs are those of the matrix products, a multiply-add as 2; norms, softmax and GELU are left out, as
// usual, because they are of lower order. Attention is counted as it is computed here: n_rows × n_src pairs,
// the masked ones too. The operations count their own work; cost_formula() is a second, independent way to
// the same numbers.
#ifndef KVSTEP_COST_H
#define KVSTEP_COST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cache/cache_sizes.h"
#include "core/model/config.h"

enum { NOT_MEASURED = -1 };

typedef struct Cost {
    int64_t flops;
    int64_t weight_bytes; // weights as they lie in memory; a matrix counts once a pass, however many rows it
                          // serves
    int64_t cache_bytes;  // K and V that earlier passes stored and this one reads back
    int64_t cross_cache_bytes; // likewise, of the source: cross-attention's
    int64_t cross_kv_flops;    // part of flops: the projection of the source to cross-attention's K and V; 0
                               // where they are kept
    int64_t nanoseconds;       // wall clock, recording left out; or NOT_MEASURED
    bool counted;              // by the operations themselves; false: by cost_formula()
} Cost;

// The cost of a pass of n_rows after first_position rows that are in the cache, with logits for n_logit_rows.
// Without rows in the cache the source's K and V are computed too. nanoseconds is NOT_MEASURED.
Cost cost_formula(const Config *config, int first_position, int n_rows, int n_logit_rows);

// Adds a cost to a sum. The sum's time is NOT_MEASURED once one of its parts is.
void cost_add(Cost *sum, const Cost *cost);

// Weights and cache together.
int64_t cost_bytes_read(const Cost *cost);

// The sizes of kvstep's own cache, which is f32, for memory.h's formula.
CacheSizes config_cache_sizes(const Config *config, int length);

// Bytes of `length` tokens, and of the source in cross-attention (0 without one), by that formula.
int64_t cache_bytes_formula(const Config *config, int length);
int64_t cross_cache_bytes_formula(const Config *config);

#endif
