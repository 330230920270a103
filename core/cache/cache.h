// The KV cache: keys and values of the tokens that it holds, by layer and KV head.
//
//     keys:    layer 0 | kv head 0 | slot 0: d_head floats | slot 1 | ... | slot capacity-1 |
//                      | kv head 1 | ...
//              layer 1 | ...
//     values:  likewise
//
// A slot holds one token, and `places` says which. What leaves the cache is for its policy to say (policy.h).
// An encoder-decoder has a second cache for cross-attention, which holds the source: filled once, read by
// every pass.
//
// A pass goes through these calls:
//
//     cache_begin()      the rows get their slots: free ones, or those of tokens that leave for them
//     cache_append()     in every layer: writes keys and values of the rows
//     cache_keys(), cache_values()   in every layer: what attention reads, old slots and new ones alike
//     cache_commit()     the rows stay
//     cache_rollback()   instead of it: the cache is what it was before cache_begin()
#ifndef KVSTEP_CACHE_H
#define KVSTEP_CACHE_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/cache/policy.h"
#include "core/cache/slot.h"
#include "core/math/attention.h"

typedef struct CacheShape {
    int n_layers, n_kv_heads, d_head;
} CacheShape;

// The pass at hand; after cache_commit() the one that was.
typedef struct CachePass {
    bool is_open; // between cache_begin() and its end
    int n_rows, n_leaving;
    int *slots;     // [n_rows] slots of the rows; the first n_leaving are those of tokens that leave
    Place *leaving; // [n_leaving] these tokens
    float *undo;    // [n_leaving, 2, n_layers, n_kv_heads, d_head] their keys and values
} CachePass;

struct Cache {
    CacheShape shape;
    const CachePolicy *policy;
    int capacity;   // slots
    int length;     // slots in use: 0 ... length-1
    int next_token; // the number of the token that comes next
    Place *places;  // [capacity]
    float *keys;    // [n_layers, n_kv_heads, capacity, d_head]
    float *values;  // likewise
    KvSpan *spans;  // [2, n_kv_heads] what cache_keys() and cache_values() hand out
    int64_t n_stored,
        n_appended; // numbers in the slots in use, as they were counted; those of the pass at hand
    CachePass pass;
};

// On an error nothing is to be freed.
bool cache_init(Cache *cache, CacheShape shape, const CachePolicy *policy, int capacity, Error *err);
// Makes room for n_slots in all, keeping what is there. On an error the cache is as before. Not during a
// pass.
bool cache_reserve(Cache *cache, int n_slots, Error *err);
void cache_done(Cache *cache);

// How many tokens will leave for a pass over n_rows rows.
int cache_n_leaving(const Cache *cache, int n_rows);

// Begins a pass over rows[n_rows]. An Error, and no pass, when they do not fit.
bool cache_begin(Cache *cache, const Place *rows, int n_rows, Error *err);

// Writes the rows' k and v [n_rows, n_kv_heads, d_head], row_stride floats from row to row.
void cache_append(Cache *cache, int layer, const float *k, const float *v, int row_stride);

// Keys or values of a layer: one column for each slot, n_columns in all. Borrowed until the next call for
// another layer.
KvSpans cache_keys(const Cache *cache, int layer);
KvSpans cache_values(const Cache *cache, int layer);
int cache_n_columns(const Cache *cache); // of the pass at hand; between passes the slots in use

void cache_commit(Cache *cache);
void cache_rollback(Cache *cache);

// What the last pass did, right after cache_commit(): its columns into slots[cache_n_columns()], and the
// tokens that left into evicted[]. Returns how many left.
int cache_describe(const Cache *cache, Slot *slots, Slot *evicted);

// Forgets the tokens from number n_tokens on. Under a policy that evicts, everything is forgotten: what the
// cache held then cannot be had back. `next_token` says where to go on feeding in.
void cache_truncate(Cache *cache, int n_tokens);
// Takes back what cache_truncate() forgot: slots up to `length` that were filled before and not written
// since.
void cache_restore(Cache *cache, int length);

// Bytes that hold the tokens in use: counted as they were stored, to be held against cache_bytes_formula().
int64_t cache_bytes(const Cache *cache);

#endif
