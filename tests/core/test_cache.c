// The cache by itself: places, passes that stay or are taken back, and what a policy lets go.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cache/cache.h"

static const CacheShape SHAPE = {.n_layers = 2, .n_kv_heads = 3, .d_head = 4};
enum { WINDOW = 4, WIDTH = 3 * 4 };

// A window of 4 tokens: the oldest leave, so 4 are there with the new ones.
static int evict_oldest(const Cache *cache, int n_rows, int *slots) {
    int n = cache->length + n_rows - WINDOW;
    if (n > cache->length) n = cache->length;
    if (n > n_rows) n = n_rows;
    for (int slot = 0, found = 0; slots && slot < cache->length; slot++)
        if (cache->places[slot].token < cache->next_token - cache->length + n && found < n)
            slots[found++] = slot;
    return n > 0 ? n : 0;
}

static const CachePolicy OLDEST = {.name = "oldest", .evict = evict_oldest};

// The number that stands in the cache for a token: another one for keys and values, layers, heads and
// dimensions.
static float number(int token, int kind, int layer, int head, int i) {
    return (float)(((((token * 2 + kind) * 2 + layer) * 3) + head) * 4 + i);
}

static void append(Cache *cache, const Place *rows, int n_rows) {
    float k[8 * WIDTH], v[8 * WIDTH];
    for (int layer = 0; layer < SHAPE.n_layers; layer++) {
        for (int n = 0; n < n_rows * WIDTH; n++) {
            int token = rows[n / WIDTH].token, head = n % WIDTH / SHAPE.d_head, i = n % SHAPE.d_head;
            k[n] = number(token, 0, layer, head, i);
            v[n] = number(token, 1, layer, head, i);
        }
        cache_append(cache, layer, k, v, WIDTH);
    }
}

static const Place *rows_from(int token, int n_rows) {
    static Place rows[8];
    for (int i = 0; i < n_rows; i++) rows[i] = (Place){.token = token + i, .position = token + i};
    return rows;
}

static void pass(Cache *cache, int n_rows, bool stays) {
    Error err;
    const Place *rows = rows_from(cache->next_token, n_rows);
    if (!cache_begin(cache, rows, n_rows, &err)) fail_msg("%s", err.text);
    append(cache, rows, n_rows);
    if (stays)
        cache_commit(cache);
    else
        cache_rollback(cache);
}

// Every slot holds the keys and values of the token that its place names.
static void assert_whole(const Cache *cache) {
    for (int layer = 0; layer < SHAPE.n_layers; layer++)
        for (int head = 0; head < SHAPE.n_kv_heads; head++) {
            KvSpan keys = cache_keys(cache, layer).spans[head],
                   values = cache_values(cache, layer).spans[head];
            assert_int_equal(keys.n, cache_n_columns(cache));
            for (int n = 0; n < keys.n * SHAPE.d_head; n++) {
                int token = cache->places[n / SHAPE.d_head].token, i = n % SHAPE.d_head;
                assert_true(((const float *)keys.data)[n] == number(token, 0, layer, head, i));
                assert_true(((const float *)values.data)[n] == number(token, 1, layer, head, i));
            }
        }
}

static void assert_tokens(const Cache *cache, const char *expected) {
    char found[64] = "";
    for (int slot = 0; slot < cache->length; slot++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%d", slot ? " " : "",
                 cache->places[slot].token);
    assert_string_equal(found, expected);
    assert_int_equal(cache_bytes(cache), 2 * 2 * 3 * 4 * 4 * cache->length);
    assert_whole(cache);
}

static Cache cache_of(const CachePolicy *policy, int capacity) {
    Error err;
    Cache cache;
    if (!cache_init(&cache, SHAPE, policy, capacity, &err)) fail_msg("%s", err.text);
    return cache;
}

static void a_full_cache_holds_each_token_in_the_slot_of_its_number(void **state) {
    (void)state;
    Error err;
    Cache cache = cache_of(&POLICY_FULL, 6);
    pass(&cache, 3, true);
    pass(&cache, 1, true);
    assert_tokens(&cache, "0 1 2 3");
    assert_true(cache_reserve(&cache, 9, &err));
    assert_tokens(&cache, "0 1 2 3");
    pass(&cache, 5, true);
    assert_tokens(&cache, "0 1 2 3 4 5 6 7 8");
    assert_false(cache_begin(&cache, rows_from(9, 1), 1, &err));
    assert_says(err.text, "9 of 9");
    cache_truncate(&cache, 2);
    assert_tokens(&cache, "0 1");
    cache_restore(&cache, 5);
    assert_tokens(&cache, "0 1 2 3 4");
    assert_int_equal(cache.next_token, 5);
    cache_done(&cache);
}

static void a_window_reuses_the_slots_of_the_tokens_that_leave(void **state) {
    (void)state;
    Cache cache = cache_of(&OLDEST, WINDOW);
    pass(&cache, 3, true);
    pass(&cache, 1, true);
    assert_tokens(&cache, "0 1 2 3");
    pass(&cache, 1, true);
    assert_tokens(&cache, "4 1 2 3");
    pass(&cache, 2, true);
    assert_tokens(&cache, "4 5 6 3");
    for (int i = 0; i < 1000; i++) pass(&cache, 1, true);
    assert_tokens(&cache, "1004 1005 1006 1003");
    assert_int_equal(cache.capacity, WINDOW);
    cache_done(&cache);
}

static void a_pass_that_is_taken_back_leaves_no_trace_even_of_evictions(void **state) {
    (void)state;
    Cache cache = cache_of(&OLDEST, WINDOW);
    pass(&cache, 3, false);
    assert_tokens(&cache, "");
    for (int i = 0; i < 7; i++) pass(&cache, 1, true);
    assert_tokens(&cache, "4 5 6 3");
    pass(&cache, 1, false);
    assert_tokens(&cache, "4 5 6 3");
    pass(&cache, 3, false);
    assert_tokens(&cache, "4 5 6 3");
    pass(&cache, 1, true);
    assert_tokens(&cache, "4 5 6 7");
    cache_done(&cache);
}

static void a_pass_is_described_by_what_it_did_to_each_slot(void **state) {
    (void)state;
    Slot slots[WINDOW], evicted[2];
    Cache cache = cache_of(&OLDEST, WINDOW);
    pass(&cache, 4, true);
    assert_int_equal(cache_describe(&cache, slots, evicted), 0);
    for (int i = 0; i < 4; i++) assert_int_equal(slots[i].events, SLOT_STORED);
    assert_int_equal(cache_n_leaving(&cache, 2), 2);
    pass(&cache, 2, true);
    assert_int_equal(cache_describe(&cache, slots, evicted), 2);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(slots[i].number, i);
        static const int TOKENS[] = {4, 5, 2, 3};
        assert_int_equal(slots[i].place.token, TOKENS[i]);
        assert_int_equal(slots[i].events, i < 2 ? SLOT_STORED : SLOT_READ);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(evicted[i].place.token, i);
        assert_int_equal(evicted[i].number, i);
        assert_int_equal(evicted[i].events, SLOT_EVICTED);
    }
    cache_done(&cache);
}

static void what_has_left_cannot_be_had_back_by_going_back(void **state) {
    (void)state;
    Cache cache = cache_of(&OLDEST, WINDOW);
    for (int i = 0; i < 6; i++) pass(&cache, 1, true);
    cache_truncate(&cache, 6);
    assert_tokens(&cache, "4 5 2 3");
    cache_truncate(&cache, 5);
    assert_tokens(&cache, "");
    assert_int_equal(cache.next_token, 0);
    cache_done(&cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_cache_holds_each_token_in_the_slot_of_its_number),
        cmocka_unit_test(a_window_reuses_the_slots_of_the_tokens_that_leave),
        cmocka_unit_test(a_pass_that_is_taken_back_leaves_no_trace_even_of_evictions),
        cmocka_unit_test(a_pass_is_described_by_what_it_did_to_each_slot),
        cmocka_unit_test(what_has_left_cannot_be_had_back_by_going_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
