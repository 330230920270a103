// How much memory a KV cache takes: the formula as plain arithmetic on sizes, for any model, loaded or not.
//
//     bytes = 2 · n_layers · n_kv_heads · d_head · length · batch · bytes per number        the 2 is for K
//     and V cross = 2 · n_layers · n_heads · d_head · source_length · batch · bytes per number    in
//     cross-attention
//
// The survey's formula with n_kv_heads in the place of the number of heads: query heads that share keys and
// values share the cache, so MHA : GQA = n_heads : n_kv_heads and MQA is the case of 1.
//
// Interface:
// * cache_sizes_check() looks at sizes once; the functions after it then give exact numbers. Without it a
//   result that 64 bits cannot hold is INT64_MAX, never a wrapped one.
#ifndef KVSTEP_CACHE_SIZES_H
#define KVSTEP_CACHE_SIZES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

typedef struct CacheSizes {
    int64_t n_layers;
    int64_t n_heads; // query heads
    int64_t n_kv_heads;
    int64_t d_head;
    int64_t length;        // tokens of each sequence
    int64_t batch;         // sequences
    int64_t source_length; // tokens of each source that cross-attention keeps; 0 without cross-attention
    int bits;              // of a number: a multiple of 4
} CacheSizes;

// Every size is at least 1 (source_length 0), the KV heads share the query heads equally, and the bytes, also
// with as many KV heads as query heads, fit into 64 bits.
bool cache_sizes_check(const CacheSizes *sizes, Error *err);

int64_t cache_sizes_self_bytes(const CacheSizes *sizes);
int64_t cache_sizes_cross_bytes(const CacheSizes *sizes);
int64_t cache_sizes_bytes(const CacheSizes *sizes);           // both
int64_t cache_sizes_bytes_per_token(const CacheSizes *sizes); // what one token more of one sequence adds

// How many tokens each sequence of the batch can have in n_bytes, beside its source's keys and values; the
// sizes' own length does not matter. 0 when not even the source fits.
int64_t cache_sizes_max_tokens(const CacheSizes *sizes, int64_t n_bytes);

// The same sizes with MHA, GQA and MQA, into out. GQA has the sizes' own KV heads, or where they are MHA or
// MQA those of groups of 4 heads or about. Left out where the heads cannot be grouped so. Returns how many, 1
// to 3.
int cache_sizes_comparison(const CacheSizes *sizes, CacheSizes out[3]);

// What a number of the cache can be stored as.
typedef struct CacheDType {
    const char *name;
    int bits;
} CacheDType;

enum { N_CACHE_DTYPES = 6 };
extern const CacheDType CACHE_DTYPES[N_CACHE_DTYPES];

const CacheDType *cache_dtype_find(const char *name); // NULL: there is none of that name

// "24GB", "24 GiB", "80e9": a number of bytes, in powers of 1000 or of 1024. False when it is none.
bool cache_sizes_parse_bytes(const char *text, int64_t *out);

// Public models, by the sizes that their publishers state. known_models.c is the table.
typedef struct KnownModel {
    const char *name;
    int n_layers, n_heads, n_kv_heads, d_head;
    int n_ctx;
    const char *dtype;     // of the published weights
    const char *reference; // where the sizes are from: a repository on the Hugging Face hub (its
                           // config.json), or a paper
} KnownModel;

extern const KnownModel KNOWN_MODELS[];
extern const int N_KNOWN_MODELS;

// By name or by the repository's, with its owner or without: case and everything but letters and digits is
// overlooked.
const KnownModel *known_model_find(const char *name); // NULL: there is none

// Its whole context, in its published type, one sequence.
CacheSizes known_model_sizes(const KnownModel *model);

#endif
