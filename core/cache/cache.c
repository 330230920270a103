#include "core/cache/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static size_t head_size(const Cache *cache) {
    return (size_t)cache->capacity * cache->d_head;
}

static size_t n_numbers(const Cache *cache) {
    return (size_t)cache->n_layers * cache->n_kv_heads * head_size(cache);
}

bool cache_init(Cache *cache, int n_layers, int n_kv_heads, int d_head, int capacity, Error *err) {
    *cache = (Cache){.n_layers = n_layers, .n_kv_heads = n_kv_heads, .d_head = d_head, .capacity = capacity};
    size_t n_bytes = n_numbers(cache) * sizeof(float);
    cache->keys = malloc(n_bytes);
    cache->values = malloc(n_bytes);
    if (cache->keys &&
        cache->values) { // written once now, so that no measured pass pays for the pages' first use
        memset(cache->keys, 0, n_bytes);
        memset(cache->values, 0, n_bytes);
        return true;
    }
    cache_done(cache);
    return error_no_memory(err, "the KV cache", 2.0 * (double)n_numbers(cache) * sizeof(float));
}

bool cache_reserve(Cache *cache, int n_slots, Error *err) {
    Cache grown;
    if (n_slots <= cache->capacity) return true;
    if (!cache_init(&grown, cache->n_layers, cache->n_kv_heads, cache->d_head, n_slots, err)) return false;
    size_t n_bytes = (size_t)cache->length * cache->d_head * sizeof(float);
    for (int layer = 0; layer < cache->n_layers; layer++)
        for (int kv_head = 0; kv_head < cache->n_kv_heads; kv_head++) {
            memcpy(cache_keys(&grown, layer, kv_head), cache_keys(cache, layer, kv_head), n_bytes);
            memcpy(cache_values(&grown, layer, kv_head), cache_values(cache, layer, kv_head), n_bytes);
        }
    grown.length = cache->length;
    grown.n_stored = cache->n_stored;
    cache_done(cache);
    *cache = grown;
    return true;
}

void cache_done(Cache *cache) {
    free(cache->keys);
    free(cache->values);
    cache->keys = cache->values = NULL;
}

static float *head_of(const Cache *cache, float *numbers, int layer, int kv_head) {
    assert(layer >= 0 && layer < cache->n_layers && kv_head >= 0 && kv_head < cache->n_kv_heads);
    return numbers + ((size_t)layer * cache->n_kv_heads + kv_head) * head_size(cache);
}

float *cache_keys(const Cache *cache, int layer, int kv_head) {
    return head_of(cache, cache->keys, layer, kv_head);
}

float *cache_values(const Cache *cache, int layer, int kv_head) {
    return head_of(cache, cache->values, layer, kv_head);
}

void cache_append(Cache *cache, int layer, const float *k, const float *v, int n_rows, int row_stride) {
    assert(cache->length + n_rows <= cache->capacity);
    size_t d_head = cache->d_head;
    for (int kv_head = 0; kv_head < cache->n_kv_heads; kv_head++) {
        float *keys = cache_keys(cache, layer, kv_head) + cache->length * d_head;
        float *values = cache_values(cache, layer, kv_head) + cache->length * d_head;
        for (int row = 0; row < n_rows; row++) {
            size_t from = (size_t)row * row_stride + kv_head * d_head;
            memcpy(keys + row * d_head, k + from, d_head * sizeof *keys);
            memcpy(values + row * d_head, v + from, d_head * sizeof *values);
            cache->n_appended += 2 * (int64_t)d_head;
        }
    }
}

void cache_advance(Cache *cache, int n_rows) {
    assert(cache->length + n_rows <= cache->capacity);
    cache->length += n_rows;
    cache->n_stored += cache->n_appended;
    cache->n_appended = 0;
}

void cache_truncate(Cache *cache, int length) {
    assert(length >= 0 && length <= cache->length);
    if (length < cache->length)
        cache->n_stored = cache->n_stored / cache->length * length; // every slot holds as many
    cache->length = length;
    cache->n_appended = 0;
}

void cache_restore(Cache *cache, int length) {
    assert(cache->length > 0 && length >= cache->length && length <= cache->capacity);
    cache->n_stored = cache->n_stored / cache->length * length;
    cache->length = length;
}

int64_t cache_bytes(const Cache *cache) {
    return cache->n_stored * (int64_t)sizeof(float);
}
