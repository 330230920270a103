// The memory formula: published figures, the comparison, absurd sizes, and the bytes that a cache really has.
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <malloc.h>
#endif

#include "core/cache/cache.h"
#include "core/cache/cache_sizes.h"
#include "core/decode/cost_formula.h"

// 32 layers, 4,096 wide, 32 heads, bf16, at 32,768 tokens.
static const CacheSizes LONG_7B = {
    .n_layers = 32, .n_heads = 32, .n_kv_heads = 32, .d_head = 128, .length = 32768, .batch = 1, .bits = 16};

static CacheSizes with_kv_heads(CacheSizes sizes, int64_t n_kv_heads) {
    sizes.n_kv_heads = n_kv_heads;
    return sizes;
}

static CacheSizes known(const char *name) {
    const KnownModel *model = known_model_find(name);
    if (!model) fail_msg("%s is not known", name);
    return known_model_sizes(model);
}

static void assert_refused(CacheSizes sizes, const char *why) {
    Error err;
    assert_false(cache_sizes_check(&sizes, &err));
    assert_says(err.text, why);
}

static void the_formula_reproduces_published_figures(void **state) {
    (void)state;
    CacheSizes gpt2 = known("GPT-2 small"), opt = known("OPT-13B"), gqa = with_kv_heads(LONG_7B, 8);
    assert_int_equal(cache_sizes_bytes_per_token(&gpt2), 73728);
    assert_int_equal(cache_sizes_bytes_per_token(&opt), 800 * 1024);
    assert_int_equal(cache_sizes_bytes(&opt), 1677721600); // about 1.6 GB at 2,048 tokens
    assert_int_equal(opt.length, 2048);
    assert_int_equal(cache_sizes_bytes(&LONG_7B), 17179869184); // 17.18 GB
    assert_int_equal(cache_sizes_bytes(&gqa), 4294967296);      // 4.29 GB
}

// Every factor counts once: a formula that leaves one out, or takes query heads for KV heads, fails here.
static void every_size_but_the_query_heads_adds_bytes(void **state) {
    (void)state;
    const CacheSizes sizes = {
        .n_layers = 3, .n_heads = 10, .n_kv_heads = 5, .d_head = 7, .length = 11, .batch = 13, .bits = 32};
    assert_int_equal(cache_sizes_bytes(&sizes), 2 * 3 * 5 * 7 * 11 * 13 * 4);
    assert_int_equal(cache_sizes_bytes_per_token(&sizes), 2 * 3 * 5 * 7 * 4);
    CacheSizes half = sizes;
    half.bits = 4;
    assert_int_equal(cache_sizes_bytes(&half), 3 * 5 * 7 * 11 * 13);
    half.n_heads = 20;
    assert_int_equal(cache_sizes_bytes(&half), 3 * 5 * 7 * 11 * 13);
}

static void the_cross_cache_has_as_many_heads_as_there_are_query_heads(void **state) {
    (void)state;
    const CacheSizes sizes = {.n_layers = 2,
                              .n_heads = 6,
                              .n_kv_heads = 3,
                              .d_head = 8,
                              .length = 5,
                              .batch = 4,
                              .source_length = 9,
                              .bits = 16};
    assert_int_equal(cache_sizes_self_bytes(&sizes), 2 * 2 * 3 * 8 * 5 * 4 * 2);
    assert_int_equal(cache_sizes_cross_bytes(&sizes), 2 * 2 * 6 * 8 * 9 * 4 * 2);
    assert_int_equal(cache_sizes_bytes(&sizes),
                     cache_sizes_self_bytes(&sizes) + cache_sizes_cross_bytes(&sizes));
    assert_int_equal(cache_sizes_bytes_per_token(&sizes), 2 * 2 * 3 * 8 * 2);
}

static void mha_gqa_and_mqa_compare_as_their_numbers_of_kv_heads(void **state) {
    (void)state;
    CacheSizes rows[3], gqa = with_kv_heads(LONG_7B, 8);
    assert_int_equal(cache_sizes_comparison(&gqa, rows), 3);
    int64_t mha = cache_sizes_bytes(&rows[0]);
    assert_int_equal(rows[1].n_kv_heads, 8);
    assert_int_equal(mha * 8, cache_sizes_bytes(&rows[1]) * 32); // MHA : GQA = n_heads : n_kv_heads
    assert_int_equal(mha, cache_sizes_bytes(&rows[2]) * 32);     // MHA : MQA = n_heads : 1
}

static void the_comparison_leaves_gqa_out_when_the_heads_form_no_groups(void **state) {
    (void)state;
    CacheSizes rows[3], falcon = known("falcon-7b"), one = with_kv_heads(LONG_7B, 1),
                        gpt2_xl = known("gpt2-xl");
    assert_int_equal(cache_sizes_comparison(&falcon, rows), 2); // 71 heads, a prime
    assert_int_equal(rows[1].n_kv_heads, 1);
    one.n_heads = 1;
    assert_int_equal(cache_sizes_comparison(&one, rows), 1);
    assert_int_equal(cache_sizes_comparison(&gpt2_xl, rows), 3);
    assert_int_equal(rows[1].n_kv_heads, 5); // 25 heads in groups of 5
}

static void attention_is_named_by_its_heads(void **state) {
    (void)state;
    char out[24];
    assert_string_equal(attention_kind(8, 8, out), "MHA");
    assert_string_equal(attention_kind(8, 2, out), "GQA 8:2");
    assert_string_equal(attention_kind(8, 1, out), "MQA");
    assert_string_equal(attention_kind(1, 1, out), "MHA");
}

static void one_token_more_than_those_that_fit_exceeds_the_memory(void **state) {
    (void)state;
    CacheSizes sizes = with_kv_heads(LONG_7B, 8); // 131,072 B a token
    assert_int_equal(cache_sizes_max_tokens(&sizes, 131071), 0);
    assert_int_equal(cache_sizes_max_tokens(&sizes, 131072), 1);
    assert_int_equal(cache_sizes_max_tokens(&sizes, 24000000000), 183105);
    sizes.batch = 3;
    sizes.length = cache_sizes_max_tokens(&sizes, 24000000000);
    assert_true(cache_sizes_bytes(&sizes) <= 24000000000);
    sizes.length++;
    assert_true(cache_sizes_bytes(&sizes) > 24000000000);
    sizes.source_length = 100; // 3 · 100 · 524,288 B
    assert_int_equal(cache_sizes_max_tokens(&sizes, 157286400), 0);
    assert_int_equal(cache_sizes_max_tokens(&sizes, 157286400 + 3 * 131072), 1);
}

static void impossible_sizes_are_refused(void **state) {
    (void)state;
    Error err;
    CacheSizes sizes = LONG_7B;
    assert_true(cache_sizes_check(&sizes, &err));
    assert_refused(with_kv_heads(LONG_7B, 5), "cannot share 5 KV heads equally");
    assert_refused(with_kv_heads(LONG_7B, 64), "cannot share 64 KV heads");
    assert_refused(with_kv_heads(LONG_7B, 0), "0 KV heads");
    assert_refused(with_kv_heads(LONG_7B, -1), "-1 KV heads");
    sizes.length = 0;
    assert_refused(sizes, "0 tokens");
    sizes.length = 1;
    sizes.source_length = -1;
    assert_refused(sizes, "the source has -1 tokens");
}

static void sizes_beyond_64_bits_are_refused_and_never_wrap(void **state) {
    (void)state;
    Error err;
    CacheSizes sizes = LONG_7B;
    sizes.length = INT64_MAX;
    assert_int_equal(cache_sizes_bytes(&sizes), INT64_MAX);
    assert_refused(sizes, "2^63 bytes");
    sizes.length = INT64_MAX / (8 * 32 * 32 * 128); // 2 · 2 bytes · 32 · 32 · 128 of each
    assert_true(cache_sizes_check(&sizes, &err));
    sizes.source_length = 2 * sizes.length; // each fits, the sum does not
    assert_refused(sizes, "2^63 bytes");
    sizes = with_kv_heads(LONG_7B, 1); // the MQA cache would fit, the MHA one beside it does not
    sizes.length = INT64_MAX / (4 * 32 * 128);
    assert_true(cache_sizes_bytes(&sizes) < INT64_MAX);
    assert_refused(sizes, "2^63 bytes");
}

static void every_cache_dtype_has_the_bits_in_its_name(void **state) {
    (void)state;
    assert_int_equal(cache_dtype_find("f32")->bits, 32);
    assert_int_equal(cache_dtype_find("f16")->bits, 16);
    assert_int_equal(cache_dtype_find("bf16")->bits, 16);
    assert_int_equal(cache_dtype_find("f8")->bits, 8);
    assert_int_equal(cache_dtype_find("int8")->bits, 8);
    assert_int_equal(cache_dtype_find("int4")->bits, 4);
    assert_null(cache_dtype_find("f64"));
    assert_null(cache_dtype_find(""));
}

static void known_models_are_found_by_name_and_by_repository(void **state) {
    (void)state;
    const KnownModel *model = known_model_find("Llama 2 70B");
    assert_non_null(model);
    assert_ptr_equal(known_model_find("llama-2-70b"), model);
    assert_ptr_equal(known_model_find("meta-llama/Llama-2-70b-hf"), model);
    assert_ptr_equal(known_model_find("Llama-2-70b-hf"), model);
    assert_string_equal(known_model_find("gpt2")->name, "GPT-2 small");
    assert_null(known_model_find("llama-2"));
    assert_null(known_model_find(""));
    assert_null(known_model_find("--"));
}

static void every_known_model_has_valid_sizes_and_a_reference(void **state) {
    (void)state;
    for (int i = 0; i < N_KNOWN_MODELS; i++) {
        const KnownModel *model = &KNOWN_MODELS[i];
        Error err;
        assert_non_null(cache_dtype_find(model->dtype));
        CacheSizes sizes = known_model_sizes(model);
        if (!cache_sizes_check(&sizes, &err)) fail_msg("%s: %s", model->name, err.text);
        assert_true(strchr(model->reference, '/') || strncmp(model->reference, "arXiv:", 6) == 0);
        assert_true(strlen(model->name) < 17);
        assert_ptr_equal(known_model_find(model->name), model); // no row hides another
        assert_ptr_equal(known_model_find(model->reference), model);
    }
}

// Bytes from the first number of the first head to the end of the last one's slots: what the layout really
// spans.
static int64_t extent(KvSpans first, const KvSpan *last, const Cache *cache) {
    const char *end =
        (const char *)last->data + (size_t)cache->capacity * cache->shape.d_head * sizeof(float);
    return (int64_t)(end - (const char *)first.spans->data);
}

static void assert_allocated(const float *numbers, int64_t n_bytes) {
#ifdef __linux__ // what the allocator says: all of it, and no more than it rounds up by
    int64_t usable = (int64_t)malloc_usable_size((void *)numbers);
    assert_true(usable >= n_bytes && usable <= n_bytes + 4096 + 64);
#else
    (void)numbers, (void)n_bytes;
#endif
}

static void assert_formula_is_allocation(const char *folder) {
    Config config, encoder;
    Cache cache;
    Error err;
    if (!config_load(&config, &encoder, folder, &err)) fail_msg("%s", err.text);
    CacheSizes sizes = cache_sizes_of(&config, config.n_ctx, 0);
    if (!cache_init(&cache, (CacheShape){config.n_layers, config.n_kv_heads, config.d_head}, &POLICY_FULL,
                    config.n_ctx, &err))
        fail_msg("%s", err.text);
    KvSpan last_keys = cache_keys(&cache, config.n_layers - 1).spans[config.n_kv_heads - 1];
    KvSpan last_values = cache_values(&cache, config.n_layers - 1).spans[config.n_kv_heads - 1];
    int64_t half = cache_sizes_self_bytes(&sizes) / 2;
    assert_int_equal(extent(cache_keys(&cache, 0), &last_keys, &cache), half);
    assert_int_equal(extent(cache_values(&cache, 0), &last_values, &cache), half);
    assert_allocated(cache.keys, half);
    assert_allocated(cache.values, half);

    int width =
        config.n_kv_heads * config.d_head; // and filled to the last slot, the numbers stored are as many
    Place *places = calloc((size_t)config.n_ctx, sizeof *places);
    float *rows = calloc((size_t)config.n_ctx * width, sizeof *rows);
    assert_non_null(rows);
    assert_non_null(places);
    assert_true(cache_begin(&cache, places, config.n_ctx, &err));
    for (int layer = 0; layer < config.n_layers; layer++) cache_append(&cache, layer, rows, rows, width);
    cache_commit(&cache);
    assert_int_equal(cache_bytes(&cache), cache_sizes_self_bytes(&sizes));
    free(rows);
    free(places);
    cache_done(&cache);
}

static void a_cache_allocates_the_bytes_of_the_formula(void **state) {
    (void)state;
    assert_formula_is_allocation("models/story");
    assert_formula_is_allocation("tests/golden/gpt2");
    assert_formula_is_allocation("tests/golden/llama_gqa");
    assert_formula_is_allocation("tests/golden/bigcode_mqa");
    assert_formula_is_allocation("tests/golden/encoder_decoder");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formula_reproduces_published_figures),
        cmocka_unit_test(every_size_but_the_query_heads_adds_bytes),
        cmocka_unit_test(the_cross_cache_has_as_many_heads_as_there_are_query_heads),
        cmocka_unit_test(mha_gqa_and_mqa_compare_as_their_numbers_of_kv_heads),
        cmocka_unit_test(the_comparison_leaves_gqa_out_when_the_heads_form_no_groups),
        cmocka_unit_test(attention_is_named_by_its_heads),
        cmocka_unit_test(one_token_more_than_those_that_fit_exceeds_the_memory),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(sizes_beyond_64_bits_are_refused_and_never_wrap),
        cmocka_unit_test(every_cache_dtype_has_the_bits_in_its_name),
        cmocka_unit_test(known_models_are_found_by_name_and_by_repository),
        cmocka_unit_test(every_known_model_has_valid_sizes_and_a_reference),
        cmocka_unit_test(a_cache_allocates_the_bytes_of_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
