// What work costs: multiply-adds, bytes read, time. The operations count their own work into a Cost.
//
// FLOPs are those of the matrix products, a multiply-add as 2; norms, softmax and GELU are left out, as
// usual, because they are of lower order. Attention is counted as it is computed here: n_rows × n_keys pairs,
// the masked ones too. core/decode/cost_formula.h is a second, independent way to the same numbers.
#ifndef KVSTEP_COST_H
#define KVSTEP_COST_H

#include <stdbool.h>
#include <stdint.h>

enum { NOT_MEASURED = -1 };

typedef struct Cost {
    int64_t flops;
    int64_t
        weight_bytes;    // as weights lie in memory; a matrix counts once a pass, however many rows it serves
    int64_t cache_bytes; // K and V that earlier passes stored and this one reads back
    int64_t cross_cache_bytes; // likewise, of the source: cross-attention's
    int64_t cross_kv_flops;    // part of flops: projecting the source to K and V; 0 where they are kept
    int64_t nanoseconds;       // wall clock, recording left out; or NOT_MEASURED
    bool counted;              // by the operations themselves; false: by cost_formula()
} Cost;

// Adds a cost to a sum. The sum's time is NOT_MEASURED once one of its parts is.
void cost_add(Cost *sum, const Cost *cost);

// Weights and cache together.
int64_t cost_bytes_read(const Cost *cost);

#endif
