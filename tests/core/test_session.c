// Sessions, Steps and costs: both ways agree, what is taught holds in every Step, and the counts are the
// analytic ones.
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode/cost_formula.h"
#include "core/record/step_check.h"
#include "tests/core/session_support.h"

static void every_step_of_gpt2_and_story_passes_step_check(void **state) {
    (void)state;
    static const char *const FOLDERS[] = {"tests/golden/gpt2", "models/story"};
    static const int PROMPT[] = {0, 31, 62, 93};
    for (int m = 0; m < 2; m++) {
        Model model = load(FOLDERS[m]);
        Session *session = start(&model, PROMPT, 4, &EVERYTHING);
        for (int i = 0; i < 30 && session_end(session) == SESSION_GOES_ON; i++) {
            Error err;
            take_steps(session, 1);
            const Step *last = session_timeline(session)->steps[i];
            if (!step_check(last, &model.config, &err)) fail_msg("%s", err.text);
            assert_true(step_has(last, FACT_COMPARISON) && last->comparison.same_choice);
            assert_true(last->comparison.max_abs_logit_difference < 1e-4f);
            assert_int_equal(last->n_rows, i == 0 ? 4 : 1);
            assert_true(last->cached.counted && last->recompute.counted);
            assert_true(last->cached.nanoseconds > 0 && last->recompute.nanoseconds > 0);
        }
        assert_int_equal(session_timeline(session)->n_steps, 30);
        session_free(session);
        model_free(&model);
    }
}

static void step_check_catches_a_wrong_number(void **state) {
    (void)state;
    static const int PROMPT[] = {1, 2, 3};
    Error err;
    Model model = load("tests/golden/gpt2");
    const Config *c = &model.config;
    Session *session = start(&model, PROMPT, 3, &EVERYTHING);
    take_steps(session, 1);
    Step *first = session_timeline(session)->steps[0];
    assert_true(step_check(first, c, &err));

    float *attention = step_site(first, c, SITE_ATTENTION, 1), before = attention[0];
    attention[0] += 0.01f;
    assert_false(step_check(first, c, &err));
    assert_says(err.text, "sum to");
    attention[0] = before;
    attention[1] = 1e-9f; // row 0 may not look at token 1
    assert_false(step_check(first, c, &err));
    assert_says(err.text, "token 1, which the mask hides");
    attention[1] = 0;
    float *residual = step_site(first, c, SITE_RESIDUAL_MLP, 2);
    residual[5] += 0.5f;
    assert_false(step_check(first, c, &err));
    assert_says(err.text, "residual_mlp");
    residual[5] -= 0.5f;
    first->cached.flops += 2;
    assert_false(step_check(first, c, &err));
    first->cached.flops -= 2;
    first->cache.bytes += 4;
    assert_false(step_check(first, c, &err));
    session_free(session);
    model_free(&model);
}

// The counts of a model of 1 layer, 2 heads of 2, d_model 4, d_ff 8, 5 tokens in the vocabulary, written out
// by hand.
static void the_cost_formula_matches_a_calculation_by_hand(void **state) {
    (void)state;
    Config c = {.n_layers = 1,
                .n_heads = 2,
                .n_kv_heads = 2,
                .d_model = 4,
                .d_head = 2,
                .d_ff = 8,
                .n_vocab = 5,
                .n_ctx = 9,
                .qkv_bias = true,
                .attention_output_bias = true,
                .mlp_bias = true};
    Cost decode = cost_formula(&c, &(PassShape){.n_rows = 1, .n_keys = 4});
    // qkv 4·12, out 4·4, MLP 4·8 + 8·4, scores and values 2 heads · 4 keys · 2 each, logits 4·5; a
    // multiply-add is 2
    assert_int_equal(decode.flops, 2 * (48 + 16 + 64 + 2 * (2 * 4 * 2) + 20));
    // embeddings of one token 4 + 4, three norms 8 each, qkv 48 + 12, out 16 + 4, MLP 32 + 8 + 32 + 4, head
    // 20; 4 bytes
    assert_int_equal(decode.weight_bytes, 4 * (8 + 24 + 60 + 20 + 76 + 20));
    assert_int_equal(decode.cache_bytes, 2 * 1 * 2 * 2 * 3 * 4);
    Cost prefill = cost_formula(&c, &(PassShape){.n_rows = 4, .n_keys = 4});
    assert_int_equal(prefill.flops, 2 * (4 * (48 + 16 + 64) + 2 * (2 * 4 * 4 * 2) + 20));
    assert_int_equal(prefill.cache_bytes, 0);
    assert_false(prefill.counted);
}

// GPT-2 small, f32: 73,728 B a token.
static void the_cache_of_gpt2_small_takes_73728_bytes_a_token(void **state) {
    (void)state;
    Config c = {.n_layers = 12, .n_heads = 12, .n_kv_heads = 12, .d_head = 64};
    assert_int_equal(cache_bytes_formula(&c, 1), 73728);
}

// Σ over N steps of recomputed token passes : cached ones is (N + 1) / 2; the projections' FLOPs show it
// exactly.
static void recomputing_n_tokens_takes_n_plus_one_over_two_times_the_flops(void **state) {
    (void)state;
    enum { N = 20 };
    static const int PROMPT[] = {5};
    Model model = load("tests/golden/gpt2");
    const Config *c = &model.config;
    Session *session = start(&model, PROMPT, 1, &EVERYTHING);
    int64_t cached = 0, recompute = 0;
    for (int i = 0; i < N; i++) {
        take_steps(session, 1);
        const Step *s = session_timeline(session)->steps[i];
        // what is left of the FLOPs without attention's pairs and the logits
        int64_t pair = 4 * (int64_t)c->n_layers * c->n_heads * c->d_head,
                logits = 2 * (int64_t)c->d_model * c->n_vocab, t = i + 1;
        cached += s->cached.flops - pair * t - logits;
        recompute += s->recompute.flops - pair * t * t - logits;
    }
    assert_int_equal(2 * recompute, (N + 1) * cached);
    session_free(session);
    model_free(&model);
}

static void without_recomputation_its_cost_is_the_formulas_and_marked_so(void **state) {
    (void)state;
    static const int PROMPT[] = {1, 2, 3};
    SessionOptions options = EVERYTHING;
    Model model = load("tests/golden/gpt2");
    Session *with = start(&model, PROMPT, 3, &options);
    options.recompute = false;
    Session *without = start(&model, PROMPT, 3, &options);
    for (int i = 0; i < 3; i++) take_steps(with, 1), take_steps(without, 1);
    const Step *a = session_timeline(with)->steps[2], *b = session_timeline(without)->steps[2];
    assert_int_equal(a->recompute.flops, b->recompute.flops);
    assert_int_equal(a->recompute.weight_bytes, b->recompute.weight_bytes);
    assert_false(b->recompute.counted);
    assert_int_equal(b->recompute.nanoseconds, NOT_MEASURED);
    assert_false(step_has(b, FACT_COMPARISON));
    session_free(with);
    session_free(without);
    model_free(&model);
}

static void a_step_beyond_the_memory_limit_keeps_only_its_attention_weights(void **state) {
    (void)state;
    static const int PROMPT[] = {1, 2, 3};
    SessionOptions options = EVERYTHING;
    Model model = load("tests/golden/gpt2");
    options.record = SITE_BIT(SITE_SCORES) | SITE_BIT(SITE_Q);
    // room for the prefill (3 layers, 4 heads, 3 × 3 scores and 3 × 8 numbers of q) and one decode, not for
    // two
    options.record_limit = 4 * (3 * 4 * (9 + 24) + 3 * 4 * (4 + 8)) + 64;
    Session *session = start(&model, PROMPT, 3, &options);
    take_steps(session, 4);
    for (int i = 0; i < 4; i++) {
        const Step *s = session_timeline(session)->steps[i];
        assert_non_null(s->sites[SITE_ATTENTION]);
        assert_true((s->sites[SITE_SCORES] != NULL) == (i < 2) && (s->sites[SITE_Q] != NULL) == (i < 2));
    }
    session_free(session);
    model_free(&model);
}

static void the_context_fills_up_to_its_last_position(void **state) {
    (void)state;
    static const int PROMPT[] = {1, 2};
    Model model = load("tests/golden/gpt2");
    Session *session = start(&model, PROMPT, 2, &EVERYTHING);
    while (session_end(session) == SESSION_GOES_ON) take_steps(session, 1);
    const Timeline *timeline = session_timeline(session);
    assert_int_equal(session_end(session), SESSION_CONTEXT_FULL);
    assert_int_equal(timeline->n_tokens, model.config.n_ctx + 1);
    assert_int_equal(timeline->steps[timeline->n_steps - 1]->cache.length, model.config.n_ctx);
    session_free(session);
    model_free(&model);
}

static void the_text_ends_with_the_end_of_text_token(void **state) {
    (void)state;
    static const int PROMPT[] = {37, 11, 12, 8, 31, 73,
                                 11, 5,  47, 0, 80, 33}; // the reference's; it goes on with 27
    Model model = load("tests/golden/gpt2");
    model.config.eos_ids[0] = 27, model.config.n_eos = 1;
    Session *session = start(&model, PROMPT, 12, &EVERYTHING);
    take_steps(session, 1);
    assert_int_equal(session_end(session), SESSION_END_OF_TEXT);
    session_free(session);
    model_free(&model);
}

static void progress_rises_to_the_announced_total(void **state) {
    (void)state;
    static const int PROMPT[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    Model model = load("tests/golden/gpt2");
    for (int recompute = 0; recompute < 2; recompute++) {
        SessionOptions options = EVERYTHING;
        options.recompute = recompute;
        Session *session = start(&model, PROMPT, 20, &options);
        for (int i = 0; i < 3; i++) {
            Error err;
            Control control = {0};
            session_keep(session, session_compute(session, &control, &err));
            assert_true(control.total > 0);
            assert_int_equal(control.done, control.total);
        }
        session_free(session);
    }
    model_free(&model);
}

static void impossible_prompts_are_refused(void **state) {
    (void)state;
    int ids[65] = {0}, outside[] = {1, 96};
    Error err;
    Session *session;
    Model model = load("tests/golden/gpt2");
    assert_false(session_new(&session, &model, &(SessionInput){.ids = {ids, 0}}, &EVERYTHING, &err));
    assert_says(err.text, "empty");
    assert_false(session_new(&session, &model, &(SessionInput){.ids = {ids, 65}}, &EVERYTHING, &err));
    assert_says(err.text, "65 tokens");
    assert_false(session_new(&session, &model, &(SessionInput){.ids = {outside, 2}}, &EVERYTHING, &err));
    assert_says(err.text, "96");
    model_free(&model);
}

static void weights_that_overflow_are_an_error_and_not_a_nan(void **state) {
    (void)state;
    static const int PROMPT[] = {1, 2, 3};
    Error err;
    Model model = load("tests/golden/gpt2");
    float *huge = malloc((size_t)model.config.n_vocab * model.config.d_model * sizeof(float));
    for (int i = 0; i < model.config.n_vocab * model.config.d_model; i++) huge[i] = i % 2 ? 3e38f : -3e38f;
    model.token_embedding = model.head.weight = huge;
    Session *session = start(&model, PROMPT, 3, &EVERYTHING);
    assert_false(session_step(session, &err));
    assert_says(err.text, "not finite");
    session_free(session);
    free(huge);
    model_free(&model);
}

static void both_caches_of_an_encoder_decoder_have_the_bytes_of_the_formula(void **state) {
    (void)state;
    Error err;
    Session *session;
    int source[] = {5, 6, 7, 8}, start = 0;
    Model model = load("tests/golden/encoder_decoder");
    SessionInput input = {.ids = {&start, 1}, .source = {source, 4}};
    if (!session_new(&session, &model, &input, &EVERYTHING, &err)) fail_msg("%s", err.text);
    const Timeline *timeline = session_timeline(session);
    for (int i = 0; i < 4; i++) {
        take_steps(session, 1);
        const Step *made = timeline->steps[i];
        if (!step_check(made, &timeline->config, &err)) fail_msg("%s", err.text);
        assert_int_equal(made->cache.cross_bytes, 2 * 3 * 4 * 8 * 4 * 4); // never grows
        assert_int_equal(made->cached.cross_kv_flops > 0, i == 0);        // filled once
        assert_int_equal(made->cached.cross_cache_bytes > 0, i > 0);      // read by every later step
        assert_true(made->recompute.cross_kv_flops > 0);
        assert_true(made->comparison.max_abs_logit_difference < 1e-4f && made->comparison.same_choice);
    }
    assert_true(timeline->encoder.flops > 0);
    session_free(session);
    input.source.n = 0;
    assert_false(session_new(&session, &model, &input, &EVERYTHING, &err));
    assert_says(err.text, "the source is empty");
    model_free(&model);
}

static void every_family_passes_step_check(void **state) {
    (void)state;
    static const char *const FOLDERS[] = {"bigcode_mqa",  "llama_gqa", "mistral",
                                          "qwen2_window", "qwen3",     "gpt2_inverse_layer"};
    for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++) {
        Error err;
        char folder[64];
        int ids[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; // longer than the windows
        snprintf(folder, sizeof folder, "tests/golden/%s", FOLDERS[i]);
        Model model = load(folder);
        Session *session = start(&model, ids, 12, &EVERYTHING);
        for (int k = 0; k < 3; k++) {
            take_steps(session, 1);
            const Timeline *timeline = session_timeline(session);
            if (!step_check(timeline->steps[k], &timeline->config, &err))
                fail_msg("%s: %s", FOLDERS[i], err.text);
        }
        session_free(session);
        model_free(&model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_caches_of_an_encoder_decoder_have_the_bytes_of_the_formula),
        cmocka_unit_test(every_family_passes_step_check),
        cmocka_unit_test(every_step_of_gpt2_and_story_passes_step_check),
        cmocka_unit_test(step_check_catches_a_wrong_number),
        cmocka_unit_test(the_cost_formula_matches_a_calculation_by_hand),
        cmocka_unit_test(the_cache_of_gpt2_small_takes_73728_bytes_a_token),
        cmocka_unit_test(recomputing_n_tokens_takes_n_plus_one_over_two_times_the_flops),
        cmocka_unit_test(without_recomputation_its_cost_is_the_formulas_and_marked_so),
        cmocka_unit_test(a_step_beyond_the_memory_limit_keeps_only_its_attention_weights),
        cmocka_unit_test(the_context_fills_up_to_its_last_position),
        cmocka_unit_test(the_text_ends_with_the_end_of_text_token),
        cmocka_unit_test(progress_rises_to_the_announced_total),
        cmocka_unit_test(impossible_prompts_are_refused),
        cmocka_unit_test(weights_that_overflow_are_an_error_and_not_a_nan),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
