// The forward pass against independent implementations: Hugging Face's of every family
// (tests/golden/README.md) and a NumPy pass over the shipped model (tests/reference).
//
// TOLERANCE is absolute, 1e-4. Both sides compute in float32 or better, but add up in other orders. A sum of
// n terms of size s in another order moves by about s·√n·6e-8; over the sums of a few layers and logits of
// size up to 30 that reaches some 1e-5. A forgotten bias, a transposed matrix or another epsilon moves logits
// by 1e-2 and more.
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode/forward.h"
#include "core/math/ops.h"

#define TOLERANCE 1e-4

typedef struct Fixture {
    Model model;
    Cache cache;
    Workspace *workspace;
    Cache cross;
    float *source; // the encoder's output, where there is cross-attention
    int n_source;
    const char *golden;
    int *tokens;
    int n_tokens, n_prompt;
    // What the observer has seen, of the pass at hand: [n_layers] arrays.
    float *attention[16];
    float *cross_attention[16];
    float *hidden[17];
    PassShape shape;
    int n_compared; // arrays that assert_near() has compared since the caches were empty
} Fixture;

static void see(void *user, SiteId site, int layer, const float *data) {
    Fixture *f = user;
    size_t size = site_size(site, &f->model.config, &f->shape);
    float **slot = site == SITE_ATTENTION         ? &f->attention[layer]
                   : site == SITE_CROSS_ATTENTION ? &f->cross_attention[layer]
                   : site == SITE_EMBEDDING       ? &f->hidden[0]
                                                  : &f->hidden[layer + 1];
    if (site == SITE_FINAL_NORM) slot = &f->hidden[f->model.config.n_layers];
    *slot = realloc(*slot, size * sizeof(float));
    assert_non_null(*slot);
    memcpy(*slot, data, size * sizeof(float));
}

// The encoder's output: the model's own encoder's for its source, or, of a decoder alone, as the reference
// gives it.
static void open_source(Fixture *f) {
    Error err;
    int64_t n;
    const Config *c = &f->model.config;
    if (f->model.encoder) {
        int *ids = golden_ints(f->golden, "source", &n);
        if (!encode(&f->model, ids, (int)n, &f->source, NULL, &err)) fail_msg("%s", err.text);
        free(ids);
    } else {
        f->source = golden_floats(f->golden, "encoder", &n);
        n /= c->d_model;
    }
    f->n_source = (int)n;
    if (!cache_init(&f->cross, (CacheShape){c->n_layers, c->n_heads, c->d_head}, &POLICY_FULL, (int)n, &err))
        fail_msg("%s", err.text);
}

static Fixture *open_fixture(const char *folder, const char *golden) {
    Error err;
    Fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    if (!model_load(&f->model, folder, NULL, &err)) fail_msg("%s", err.text);
    const Config *c = &f->model.config;
    if (!cache_init(&f->cache, (CacheShape){c->n_layers, c->n_kv_heads, c->d_head}, &POLICY_FULL, c->n_ctx,
                    &err))
        fail_msg("%s", err.text);
    f->workspace = workspace_new();
    f->golden = golden;
    if (c->cross_attention) open_source(f);
    int64_t n;
    f->tokens = golden_ints(golden, "tokens", &n);
    f->n_tokens = (int)n;
    free(golden_ints(golden, "prompt", &n));
    f->n_prompt = (int)n;
    return f;
}

static void close_fixture(Fixture *f) {
    for (int i = 0; i < 16; i++) free(f->attention[i]);
    for (int i = 0; i < 16; i++) free(f->cross_attention[i]);
    for (int i = 0; i < 17; i++) free(f->hidden[i]);
    free(f->tokens);
    free(f->source);
    workspace_free(f->workspace);
    cache_done(&f->cache);
    cache_done(&f->cross);
    model_free(&f->model);
    free(f);
}

static void empty_caches(Fixture *f) {
    cache_truncate(&f->cache, 0);
    cache_truncate(&f->cross, 0);
    f->n_compared = 0;
}

static const float *run(Fixture *f, const int *ids, int n_rows, int n_logit_rows) {
    Error err;
    Observer observer = {see, f,
                         SITE_WEIGHTS | SITE_BIT(SITE_EMBEDDING) | SITE_BIT(SITE_RESIDUAL_MLP) |
                             SITE_BIT(SITE_FINAL_NORM)};
    f->shape = (PassShape){.n_rows = n_rows, .n_keys = f->cache.length + n_rows, .n_source = f->n_source};
    Pass pass = {.ids = ids, .n_rows = n_rows, .n_logit_rows = n_logit_rows, .observer = &observer};
    if (f->source) pass.cross = &f->cross, pass.source = f->source;
    if (!forward(&f->model, &f->cache, f->workspace, &pass, &err)) fail_msg("%s", err.text);
    return pass.logits;
}

static void assert_near(Fixture *f, const char *what, const float *found, const float *expected, int64_t n) {
    double worst = 0;
    f->n_compared++;
    for (int64_t i = 0; i < n; i++) {
        double difference = fabs((double)found[i] - (double)expected[i]);
        if (!(difference <= worst)) worst = difference;
    }
    if (!(worst <= TOLERANCE)) fail_msg("%s differs by %g", what, worst);
}

// `found` [n] against the reference's tensor of that name, which must be there and have n numbers.
static void assert_golden(Fixture *f, const char *name, const float *found, size_t n) {
    int64_t n_expected;
    float *expected = golden_floats(f->golden, name, &n_expected);
    if ((size_t)n_expected != n) fail_msg("%s has %lld numbers, not %zu", name, (long long)n_expected, n);
    assert_near(f, name, found, expected, n_expected);
    free(expected);
}

// Hugging Face's encoder-decoder alone gives neither hidden states nor the weights of each step.
static bool has_hidden_and_step_weights(const Fixture *f) {
    return strcmp(f->golden, "tests/golden/encoder_decoder") != 0;
}

// A cache's slots in the reference's order, [n_kv_heads, length, d_head], against `prefix`k_0, `prefix`v_0,
// ...
static void assert_cache_is_golden(Fixture *f, const Cache *cache, const char *prefix) {
    CacheShape shape = cache->shape;
    size_t head = (size_t)cache->length * shape.d_head;
    float *k = calloc(shape.n_kv_heads * head, sizeof(float)),
          *v = calloc(shape.n_kv_heads * head, sizeof(float));
    for (int layer = 0; layer < shape.n_layers; layer++) {
        char name[24];
        for (int kv_head = 0; kv_head < shape.n_kv_heads; kv_head++) {
            memcpy(k + kv_head * head, cache_keys(cache, layer).spans[kv_head].data, head * sizeof(float));
            memcpy(v + kv_head * head, cache_values(cache, layer).spans[kv_head].data, head * sizeof(float));
        }
        snprintf(name, sizeof name, "%sk_%d", prefix, layer);
        assert_golden(f, name, k, cache->shape.n_kv_heads * head);
        snprintf(name, sizeof name, "%sv_%d", prefix, layer);
        assert_golden(f, name, v, cache->shape.n_kv_heads * head);
    }
    free(k);
    free(v);
}

static void assert_caches_are_golden(Fixture *f) {
    assert_cache_is_golden(f, &f->cache, "");
    if (f->source) assert_cache_is_golden(f, &f->cross, "cross_");
}

static void assert_encoder_output_is_golden(Fixture *f) {
    assert_golden(f, "encoder_output", f->source, (size_t)f->n_source * f->model.encoder->config.d_model);
}

static int n_cache_arrays(const Fixture *f) {
    return 2 * f->model.config.n_layers * (f->source ? 2 : 1);
}

static void check_one_pass(Fixture *f) {
    const Config *c = &f->model.config;
    size_t n_weights = (size_t)c->n_heads * f->n_tokens * f->n_tokens;
    const float *logits = run(f, f->tokens, f->n_tokens, f->n_tokens);
    bool has_hidden = has_hidden_and_step_weights(f);
    char name[24];
    assert_golden(f, "full_logits", logits, (size_t)f->n_tokens * c->n_vocab);
    for (int layer = 0; layer < c->n_layers; layer++) {
        snprintf(name, sizeof name, "full_attn_%d", layer);
        assert_golden(f, name, f->attention[layer], n_weights);
        snprintf(name, sizeof name, "cross_attn_%d", layer);
        if (f->source)
            assert_golden(f, name, f->cross_attention[layer], (size_t)c->n_heads * f->n_tokens * f->n_source);
    }
    for (int i = 0; has_hidden && i <= c->n_layers; i++) {
        snprintf(name, sizeof name, "hidden_%d", i);
        assert_golden(f, name, f->hidden[i], (size_t)f->n_tokens * c->d_model);
    }
    assert_caches_are_golden(f);
    int n_attention = c->n_layers * (f->source ? 2 : 1), n_hidden = has_hidden ? c->n_layers + 1 : 0;
    assert_int_equal(f->n_compared, 1 + n_attention + n_hidden + n_cache_arrays(f));
}

// The attention weights of a pass's last row, at `position`, against that row of PREFIX_0, PREFIX_1, ...
static void check_last_weights(Fixture *f, const char *prefix, int position) {
    for (int layer = 0; layer < f->model.config.n_layers; layer++) {
        char name[24];
        snprintf(name, sizeof name, "%s_%d", prefix, layer);
        float *expected = golden_floats(f->golden, name, NULL);
        for (int head = 0; head < f->model.config.n_heads; head++)
            assert_near(f, name,
                        f->attention[layer] +
                            ((size_t)head * f->shape.n_rows + f->shape.n_rows - 1) * f->shape.n_keys,
                        expected + ((size_t)head * f->n_tokens + position) * f->n_tokens, f->shape.n_keys);
        free(expected);
    }
}

// Runs the tokens in a pass of first_rows rows and passes of one, and compares the last row of each.
static void check_passes(Fixture *f, const char *logits_name, const char *attention_prefix, int first_rows) {
    const Config *c = &f->model.config;
    float *logits = golden_floats(f->golden, logits_name, NULL);
    bool has_weights = has_hidden_and_step_weights(f);
    int n_passes = 0;
    for (int at = 0; at < f->n_tokens; n_passes++) {
        int n_rows = at == 0 ? first_rows : 1, last = at + n_rows - 1;
        const float *found = run(f, f->tokens + at, n_rows, 1);
        assert_near(f, logits_name, found, logits + (size_t)last * c->n_vocab, c->n_vocab);
        if (has_weights) check_last_weights(f, attention_prefix, last);
        at += n_rows;
    }
    free(logits);
    assert_caches_are_golden(f);
    int n_weights = has_weights ? c->n_layers * c->n_heads : 0;
    assert_int_equal(n_passes, f->n_tokens - first_rows + 1);
    assert_int_equal(f->n_compared, n_passes * (1 + n_weights) + n_cache_arrays(f));
}

static const char *const FAMILIES[] = {
    "tests/golden/gpt2",
    "tests/golden/gpt2_inverse_layer",
    "tests/golden/gpt2_unscaled",
    "tests/golden/gpt2_cross",
    "tests/golden/bigcode_mqa",
    "tests/golden/bigcode_mha",
    "tests/golden/llama_gqa",
    "tests/golden/llama_mqa_shards",
    "tests/golden/llama3",
    "tests/golden/llama_yarn",
    "tests/golden/smollm",
    "tests/golden/qwen2",
    "tests/golden/qwen2_window",
    "tests/golden/qwen3",
    "tests/golden/mistral",
    "tests/golden/mistral_linear",
    "tests/golden/encoder_decoder",
    "tests/golden/encdec_widths",
};
enum { N_FAMILIES = sizeof FAMILIES / sizeof *FAMILIES };

static void one_pass_without_a_cache_matches_the_reference_for_every_family(void **state) {
    (void)state;
    for (int i = 0; i < N_FAMILIES; i++) {
        Fixture *f = open_fixture(FAMILIES[i], FAMILIES[i]);
        check_one_pass(f);
        close_fixture(f);
    }
}

static void one_token_at_a_time_with_the_cache_matches_the_reference_for_every_family(void **state) {
    (void)state;
    for (int i = 0; i < N_FAMILIES; i++) {
        Fixture *f = open_fixture(FAMILIES[i], FAMILIES[i]);
        check_passes(f, "step_logits", "step_attn", 1);
        close_fixture(f);
    }
}

static void a_prefill_and_decode_steps_match_the_reference_for_every_family(void **state) {
    (void)state;
    for (int i = 0; i < N_FAMILIES; i++) {
        Fixture *f = open_fixture(FAMILIES[i], FAMILIES[i]);
        check_passes(f, "step_logits", "step_attn", f->n_prompt);
        close_fixture(f);
    }
}

static void the_encoder_output_matches_hugging_face(void **state) {
    (void)state;
    Fixture *f = open_fixture("tests/golden/encoder_decoder", "tests/golden/encoder_decoder");
    assert_encoder_output_is_golden(f);
    close_fixture(f);
}

static void the_story_model_matches_numpy_in_one_pass_and_step_by_step(void **state) {
    (void)state;
    Fixture *f = open_fixture("models/story", "tests/golden/story");
    check_one_pass(f);
    empty_caches(f);
    check_passes(f, "full_logits", "full_attn", f->n_prompt);
    close_fixture(f);
}

static void the_dates_model_matches_numpy_in_its_encoder_and_both_caches(void **state) {
    (void)state;
    static const char *const SOURCES[] = {"march", "slashes", "words"};
    for (int i = 0; i < 3; i++) {
        char golden[64];
        snprintf(golden, sizeof golden, "tests/golden/dates/%s", SOURCES[i]);
        Fixture *f = open_fixture("models/dates", golden);
        assert_encoder_output_is_golden(f);
        empty_caches(f);
        check_one_pass(f);
        empty_caches(f);
        check_passes(f, "full_logits", "full_attn", f->n_prompt);
        close_fixture(f);
    }
}

static void the_story_model_matches_numpy_over_its_whole_context(void **state) {
    (void)state;
    Fixture *f = open_fixture("models/story", "tests/golden/story");
    int64_t n;
    int *longest = golden_ints(f->golden, "longest", &n);
    float *expected = golden_floats(f->golden, "longest_logits", NULL);
    assert_int_equal(n, f->model.config.n_ctx);
    assert_near(f, "prefill", run(f, longest, (int)n, 1), expected, f->model.config.n_vocab);
    cache_truncate(&f->cache, (int)n - 1);
    assert_near(f, "decode", run(f, longest + n - 1, 1, 1), expected, f->model.config.n_vocab);
    free(longest);
    free(expected);
    close_fixture(f);
}

static void the_same_pass_twice_gives_the_same_bits(void **state) {
    (void)state;
    Fixture *f = open_fixture("tests/golden/gpt2", "tests/golden/gpt2");
    size_t size = f->model.config.n_vocab * sizeof(float);
    float *first = malloc(size);
    memcpy(first, run(f, f->tokens, f->n_tokens, 1), size);
    cache_truncate(&f->cache, 0);
    assert_memory_equal(first, run(f, f->tokens, f->n_tokens, 1), size);
    free(first);
    close_fixture(f);
}

static void a_pass_that_does_not_fit_is_an_error_and_leaves_the_cache_unchanged(void **state) {
    (void)state;
    Error err;
    Fixture *f = open_fixture("tests/golden/gpt2", "tests/golden/gpt2");
    for (int i = 0; i < 3; i++) run(f, f->tokens, f->n_tokens, 1); // 60 of 64 slots
    Pass pass = {.ids = f->tokens, .n_rows = 5, .n_logit_rows = 1};
    assert_false(forward(&f->model, &f->cache, f->workspace, &pass, &err));
    assert_says(err.text, "do not fit");
    assert_int_equal(f->cache.length, 60);
    close_fixture(f);
}

// The softmax of one row without a mask.
static void softmax(float *x, int n) {
    attention_softmax(&(Attention){.n_rows = 1, .n_keys = n, .n_heads = 1, .n_kv_heads = 1, .scores = x});
}

static void softmax_matches_its_formula(void **state) {
    (void)state;
    float x[] = {1, -INFINITY, 3, -90, 88}, one[] = {-5};
    double sum = 0, expected[5];
    for (int i = 0; i < 5; i++) sum += expected[i] = exp((double)x[i] - 88);
    softmax(x, 5);
    for (int i = 0; i < 5; i++)
        assert_true(fabs((double)x[i] - expected[i] / sum) <= 3e-7 * expected[i] / sum + 1e-38);
    assert_true(x[1] == 0);
    softmax(one, 1);
    assert_true(one[0] == 1);
}

static void gelu_matches_its_tanh_formula(void **state) {
    (void)state;
    for (float x = -60; x <= 60; x += 0.0173f) {
        double expected = 0.5 * x * (1 + tanh(sqrt(2 / acos(-1.0)) * (x + 0.044715 * x * (double)x * x)));
        float found;
        ops_gelu_tanh(&found, &x, 1);
        assert_true(fabs((double)found - expected) <= 1e-6 * (1 + fabs(expected)));
    }
}

static void softmax_and_gelu_pass_a_nan_on(void **state) {
    (void)state;
    float x[] = {0, NAN, 1}, y = NAN;
    softmax(x, 3);
    assert_true(isnan(x[0]));
    ops_gelu_tanh(&y, &y, 1);
    assert_true(isnan(y));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pass_without_a_cache_matches_the_reference_for_every_family),
        cmocka_unit_test(one_token_at_a_time_with_the_cache_matches_the_reference_for_every_family),
        cmocka_unit_test(a_prefill_and_decode_steps_match_the_reference_for_every_family),
        cmocka_unit_test(the_encoder_output_matches_hugging_face),
        cmocka_unit_test(the_story_model_matches_numpy_in_one_pass_and_step_by_step),
        cmocka_unit_test(the_dates_model_matches_numpy_in_its_encoder_and_both_caches),
        cmocka_unit_test(the_story_model_matches_numpy_over_its_whole_context),
        cmocka_unit_test(the_same_pass_twice_gives_the_same_bits),
        cmocka_unit_test(a_pass_that_does_not_fit_is_an_error_and_leaves_the_cache_unchanged),
        cmocka_unit_test(softmax_matches_its_formula),
        cmocka_unit_test(gelu_matches_its_tanh_formula),
        cmocka_unit_test(softmax_and_gelu_pass_a_nan_on),
    };
    return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
