// The KV cache: keys and values of every token so far, by layer and KV head.
//
//     keys:    layer 0 | kv head 0 | slot 0: d_head floats | slot 1 | ... | slot capacity-1 |
//                      | kv head 1 | ...
//              layer 1 | ...
//     values:  likewise
//
// An encoder-decoder has a second one for cross-attention, which holds the source: filled once, read by every
// pass.
//
// A slot holds one token; slot s holds the token at position s, because nothing is evicted ("full" policy).
// A pass first appends the keys and values of its rows in every layer, then commits them with
// cache_advance().
#ifndef KVSTEP_CACHE_H
#define KVSTEP_CACHE_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/model/config.h"

typedef struct Cache {
    int n_layers, n_kv_heads, d_head;
    int capacity;       // slots
    int length;         // slots in use
    int64_t n_stored;   // numbers in the slots in use, as cache_append() counted them
    int64_t n_appended; // and those of the pass at hand, not yet committed
    float *keys;        // [n_layers, n_kv_heads, capacity, d_head]
    float *values;      // [n_layers, n_kv_heads, capacity, d_head]
} Cache;

bool cache_init(Cache *cache, int n_layers, int n_kv_heads, int d_head, int capacity, Error *err);
// Makes room for n_slots in all, keeping what is there. On an error the cache is as before.
bool cache_reserve(Cache *cache, int n_slots, Error *err);
void cache_done(Cache *cache);

// The keys or values of one layer and head: [capacity, d_head].
float *cache_keys(const Cache *cache, int layer, int kv_head);
float *cache_values(const Cache *cache, int layer, int kv_head);

// Writes n_rows of k and v [n_rows, n_kv_heads, d_head] (row stride in floats) into the slots after `length`.
void cache_append(Cache *cache, int layer, const float *k, const float *v, int n_rows, int row_stride);

// Commits what was appended in every layer.
void cache_advance(Cache *cache, int n_rows);
// Forgets the tokens from slot `length` on, and what was appended and not committed.
void cache_truncate(Cache *cache, int length);
// Takes back what cache_truncate() forgot: slots up to `length` that were filled before and have not been
// written since.
void cache_restore(Cache *cache, int length);

// Bytes that hold the tokens in use: counted as they were stored, to be held against cache_bytes_formula().
int64_t cache_bytes(const Cache *cache);

#endif
