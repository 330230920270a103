#include "core/cache/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const SLOT_EVENT_NAMES[SLOT_EVENT_COUNT] = {"stored", "read",   "evicted",
                                                        "moved",  "shared", "quantised"};

static size_t n_heads(const Cache *cache) {
    return (size_t)cache->shape.n_layers * cache->shape.n_kv_heads;
}

static size_t n_numbers(const Cache *cache) {
    return n_heads(cache) * cache->capacity * cache->shape.d_head;
}

// The slot of one layer and head in `numbers`, which are the cache's keys or its values.
static float *slot_in(const Cache *cache, float *numbers, int layer, int kv_head, int slot) {
    assert(layer >= 0 && layer < cache->shape.n_layers && slot >= 0 && slot <= cache->capacity);
    size_t head = (size_t)layer * cache->shape.n_kv_heads + kv_head;
    return numbers + (head * cache->capacity + slot) * cache->shape.d_head;
}

bool cache_init(Cache *cache, CacheShape shape, const CachePolicy *policy, int capacity, Error *err) {
    *cache = (Cache){.shape = shape, .policy = policy, .capacity = capacity};
    size_t n_bytes = n_numbers(cache) * sizeof(float);
    cache->keys = malloc(n_bytes);
    cache->values = malloc(n_bytes);
    cache->places = calloc((size_t)capacity, sizeof *cache->places);
    cache->spans = calloc(2 * (size_t)shape.n_kv_heads, sizeof *cache->spans);
    if (cache->keys && cache->values && cache->places && cache->spans) {
        memset(cache->keys, 0, n_bytes); // so that no measured pass pays for the pages' first use
        memset(cache->values, 0, n_bytes);
        return true;
    }
    cache_done(cache);
    return error_no_memory(err, "the KV cache", 2.0 * (double)n_bytes);
}

void cache_done(Cache *cache) {
    free(cache->keys);
    free(cache->values);
    free(cache->places);
    free(cache->spans);
    free(cache->pass.slots);
    free(cache->pass.leaving);
    free(cache->pass.undo);
    *cache = (Cache){0};
}

bool cache_reserve(Cache *cache, int n_slots, Error *err) {
    Cache larger;
    assert(!cache->pass.is_open);
    if (n_slots <= cache->capacity) return true;
    if (!cache_init(&larger, cache->shape, cache->policy, n_slots, err)) return false;
    size_t n_bytes = (size_t)cache->length * cache->shape.d_head * sizeof(float);
    for (int layer = 0; layer < cache->shape.n_layers; layer++)
        for (int head = 0; head < cache->shape.n_kv_heads; head++) {
            memcpy(slot_in(&larger, larger.keys, layer, head, 0), slot_in(cache, cache->keys, layer, head, 0),
                   n_bytes);
            memcpy(slot_in(&larger, larger.values, layer, head, 0),
                   slot_in(cache, cache->values, layer, head, 0), n_bytes);
        }
    memcpy(larger.places, cache->places, (size_t)cache->length * sizeof *cache->places);
    larger.length = cache->length;
    larger.next_token = cache->next_token;
    larger.n_stored = cache->n_stored;
    cache_done(cache);
    *cache = larger;
    return true;
}

// ---- A pass ----------------------------------------------------------------------------------------

static bool allocate_pass(CachePass *pass, int n_rows, Error *err) {
    int *slots = realloc(pass->slots, (size_t)n_rows * sizeof *slots);
    if (slots) pass->slots = slots;
    Place *leaving = realloc(pass->leaving, (size_t)n_rows * sizeof *leaving);
    if (leaving) pass->leaving = leaving;
    return (slots && leaving) || error_no_memory(err, "the KV cache", (double)n_rows * sizeof *leaving);
}

// Keeps the tokens that leave for as long as the pass may fail, or puts them back.
static void swap_leaving(Cache *cache, bool back) {
    const CachePass *pass = &cache->pass;
    size_t d_head = cache->shape.d_head, n_bytes = d_head * sizeof(float);
    float *undo = pass->undo, *numbers[] = {cache->keys, cache->values};
    for (int i = 0; i < pass->n_leaving; i++) {
        Place *place = &cache->places[pass->slots[i]];
        *(back ? place : &pass->leaving[i]) = *(back ? &pass->leaving[i] : place);
        for (int kind = 0; kind < 2; kind++)
            for (size_t head = 0; head < n_heads(cache); head++, undo += d_head) {
                float *slot = numbers[kind] + (head * cache->capacity + pass->slots[i]) * d_head;
                memcpy(back ? slot : undo, back ? undo : slot, n_bytes);
            }
    }
}

static bool allocate_undo(Cache *cache, int n_leaving, Error *err) {
    size_t n = 2 * n_heads(cache) * (size_t)n_leaving * cache->shape.d_head;
    float *undo = n ? realloc(cache->pass.undo, n * sizeof *undo) : cache->pass.undo;
    if (n && !undo) return error_no_memory(err, "the KV cache", (double)n * sizeof *undo);
    cache->pass.undo = undo;
    return true;
}

int cache_n_leaving(const Cache *cache, int n_rows) {
    return cache->policy->evict ? cache->policy->evict(cache, n_rows, NULL) : 0;
}

bool cache_begin(Cache *cache, const Place *rows, int n_rows, Error *err) {
    CachePass *pass = &cache->pass;
    assert(!pass->is_open && n_rows > 0);
    if (!allocate_pass(pass, n_rows, err)) return false;
    int n_leaving = cache->policy->evict ? cache->policy->evict(cache, n_rows, pass->slots) : 0;
    int n_free = cache->capacity - cache->length + n_leaving;
    if (n_rows > n_free)
        return error_set(err, "the cache holds %d of %d tokens and %d more do not fit; use a shorter prompt",
                         cache->length, cache->capacity, n_rows);
    if (!allocate_undo(cache, n_leaving, err)) return false;
    pass->is_open = true;
    pass->n_rows = n_rows;
    pass->n_leaving = n_leaving;
    swap_leaving(cache, false);
    for (int row = n_leaving; row < n_rows; row++) pass->slots[row] = cache->length + row - n_leaving;
    for (int row = 0; row < n_rows; row++) cache->places[pass->slots[row]] = rows[row];
    cache->n_appended = 0;
    return true;
}

// kind 0: keys; 1: values.
static void append(Cache *cache, int layer, int kind, const float *from, int row_stride) {
    const CachePass *pass = &cache->pass;
    float *numbers = kind == 0 ? cache->keys : cache->values;
    size_t d_head = cache->shape.d_head;
    for (int head = 0; head < cache->shape.n_kv_heads; head++)
        for (int row = 0; row < pass->n_rows; row++) {
            const float *vector = from + (size_t)row * row_stride + head * d_head;
            memcpy(slot_in(cache, numbers, layer, head, pass->slots[row]), vector, d_head * sizeof *vector);
            cache->n_appended += (int64_t)d_head;
        }
}

void cache_append(Cache *cache, int layer, const float *k, const float *v, int row_stride) {
    append(cache, layer, 0, k, row_stride);
    append(cache, layer, 1, v, row_stride);
}

static KvSpans spans_of(const Cache *cache, int layer, int kind) {
    KvSpan *spans = cache->spans + (size_t)kind * cache->shape.n_kv_heads;
    float *numbers = kind == 0 ? cache->keys : cache->values;
    for (int head = 0; head < cache->shape.n_kv_heads; head++)
        spans[head] = (KvSpan){slot_in(cache, numbers, layer, head, 0), DTYPE_F32, 0, cache_n_columns(cache)};
    return (KvSpans){spans, 1};
}

KvSpans cache_keys(const Cache *cache, int layer) {
    return spans_of(cache, layer, 0);
}

KvSpans cache_values(const Cache *cache, int layer) {
    return spans_of(cache, layer, 1);
}

int cache_n_columns(const Cache *cache) {
    return cache->length + (cache->pass.is_open ? cache->pass.n_rows - cache->pass.n_leaving : 0);
}

// Every slot holds as many numbers as any other.
static int64_t numbers_in(const Cache *cache, int n_slots) {
    return cache->length ? cache->n_stored / cache->length * n_slots : 0;
}

void cache_commit(Cache *cache) {
    CachePass *pass = &cache->pass;
    cache->n_stored += cache->n_appended - numbers_in(cache, pass->n_leaving);
    cache->next_token = cache->places[pass->slots[pass->n_rows - 1]].token + 1;
    cache->length = cache_n_columns(cache);
    pass->is_open = false;
}

void cache_rollback(Cache *cache) {
    swap_leaving(cache, true);
    cache->pass.is_open = false;
}

int cache_describe(const Cache *cache, Slot *slots, Slot *evicted) {
    const CachePass *pass = &cache->pass;
    for (int slot = 0; slot < cache->length; slot++)
        slots[slot] = (Slot){cache->places[slot], slot, SLOT_READ};
    for (int row = 0; row < pass->n_rows; row++) slots[pass->slots[row]].events = SLOT_STORED;
    for (int i = 0; i < pass->n_leaving; i++)
        evicted[i] = (Slot){pass->leaving[i], pass->slots[i], SLOT_EVICTED};
    return pass->n_leaving;
}

void cache_truncate(Cache *cache, int n_tokens) {
    assert(!cache->pass.is_open);
    if (n_tokens >= cache->next_token) return;
    int length = cache->policy->evict ? 0 : n_tokens; // without eviction slot s holds token s
    cache->n_stored = numbers_in(cache, length);
    cache->length = cache->next_token = length;
}

void cache_restore(Cache *cache, int length) {
    assert(cache->length > 0 && length >= cache->length && length <= cache->capacity);
    cache->n_stored = numbers_in(cache, length);
    cache->length = length;
    cache->next_token = cache->places[length - 1].token + 1;
}

int64_t cache_bytes(const Cache *cache) {
    return cache->n_stored * (int64_t)sizeof(float);
}
