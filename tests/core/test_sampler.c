// The sampler: what each setting keeps, and that a seed is a promise.
#include "tests/support.h"

#include <math.h>

#include "core/decode/sampler.h"

enum { N = 6 };
static const float LOGITS[N] = {1.0f, 3.0f, 0.0f, 3.0f, 2.0f, -50.0f};

static Candidate choose(Sampling sampling, int position, Candidate *candidates) {
    Sampler *sampler = sampler_new(N);
    Candidate kept[N],
        choice = sampler_choose(sampler, LOGITS, &sampling, position, candidates ? candidates : kept, N);
    sampler_free(sampler);
    return choice;
}

static void greedy_takes_the_largest_logit_and_the_smaller_id_of_two(void **state) {
    (void)state;
    for (int position = 0; position < 20; position++)
        assert_int_equal(choose((Sampling){.top_p = 1}, position, NULL).id, 1);
}

static void candidates_have_softmax_probabilities_in_falling_order(void **state) {
    (void)state;
    static const int ORDER[N] = {1, 3, 4, 0, 2, 5};
    Candidate candidates[N];
    Candidate choice = choose((Sampling){.top_p = 1}, 0, candidates);
    double sum = 0;
    for (int i = 0; i < N; i++) sum += exp((double)LOGITS[i]);
    for (int i = 0; i < N; i++) {
        assert_int_equal(candidates[i].id, ORDER[i]);
        assert_true(fabs((double)candidates[i].probability - exp((double)LOGITS[ORDER[i]]) / sum) < 1e-7);
        assert_true(candidates[i].sampling_probability == (i == 0 ? 1 : 0));
    }
    assert_true(choice.probability == candidates[0].probability);
}

// How often each id is drawn in many positions.
static void draw_often(Sampling sampling, double share[N]) {
    enum { DRAWS = 20000 };
    int count[N] = {0};
    for (int position = 0; position < DRAWS; position++) count[choose(sampling, position, NULL).id]++;
    for (int i = 0; i < N; i++) share[i] = (double)count[i] / DRAWS;
}

static void temperature_draws_with_the_tempered_probabilities(void **state) {
    (void)state;
    double share[N], sum = 0;
    draw_often((Sampling){.temperature = 2, .top_p = 1, .seed = 7}, share);
    for (int i = 0; i < N; i++) sum += exp((double)LOGITS[i] / 2);
    for (int i = 0; i < N; i++) assert_true(fabs(share[i] - exp((double)LOGITS[i] / 2) / sum) < 0.015);
}

static void top_k_keeps_the_k_largest(void **state) {
    (void)state;
    double share[N];
    draw_often((Sampling){.temperature = 1, .top_k = 3, .top_p = 1}, share);
    assert_true(share[0] == 0 && share[2] == 0 && share[5] == 0);
    assert_true(share[1] > 0.3 && share[3] > 0.3 && share[4] > 0.1);
}

static void top_p_keeps_the_smallest_set_that_reaches_p(void **state) {
    (void)state;
    Candidate candidates[N];
    // the two 3.0s have 0.39 each: 0.5 needs both of them, and nothing else
    choose((Sampling){.temperature = 1, .top_p = 0.5f}, 0, candidates);
    for (int i = 0; i < N; i++) assert_true(candidates[i].sampling_probability == (i < 2 ? 0.5f : 0));
    choose((Sampling){.temperature = 1, .top_p = 1e-6f}, 0, candidates);
    assert_true(candidates[0].sampling_probability == 1);
}

// Computed by a few lines of Python from the definition; every machine must give the same.
static void a_seed_gives_the_same_choices_on_every_machine(void **state) {
    (void)state;
    static const int EXPECTED[2][12] = {{4, 3, 3, 1, 3, 1, 3, 1, 3, 3, 1, 1},
                                        {3, 1, 3, 3, 1, 1, 1, 1, 3, 3, 1, 1}};
    for (unsigned seed = 0; seed < 2; seed++)
        for (int position = 0; position < 12; position++) {
            int id = choose((Sampling){.temperature = 1, .top_p = 0.95f, .seed = seed}, position, NULL).id;
            assert_int_equal(id, EXPECTED[seed][position]);
        }
}

static void settings_out_of_range_are_named(void **state) {
    (void)state;
    static const struct {
        Sampling sampling;
        const char *name;
    } BAD[] = {
        {{.temperature = -1, .top_p = 1}, "temperature"},
        {{.temperature = NAN, .top_p = 1}, "temperature"},
        {{.top_k = -1, .top_p = 1}, "top-k"},
        {{.top_p = 0}, "top-p"},
        {{.top_p = 1.5f}, "top-p"},
        {{.top_p = NAN}, "top-p"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        Error err;
        assert_false(sampling_check(&BAD[i].sampling, &err));
        assert_says(err.text, BAD[i].name);
    }
}

// How many candidates are asked for decides how many entries are sorted beforehand, never what is drawn.
static void the_choice_does_not_depend_on_how_many_candidates_are_kept(void **state) {
    (void)state;
    enum { MANY = 3000 };
    static float logits[MANY];
    static Candidate all[MANY];
    for (int i = 0; i < MANY; i++) logits[i] = (float)(i * 7919 % MANY) / MANY;
    Sampler *sampler = sampler_new(MANY);
    for (int position = 0; position < 40; position++) {
        Sampling sampling = {
            .temperature = 0.7f, .top_k = position % 2 * 2500, .top_p = position % 4 < 2 ? 0.6f : 1};
        Candidate one, choice = sampler_choose(sampler, logits, &sampling, position, &one, 1);
        assert_int_equal(choice.id, sampler_choose(sampler, logits, &sampling, position, all, MANY).id);
        double sum = 0;
        for (int i = 0; i < MANY; i++) {
            assert_true(i == 0 || all[i].logit < all[i - 1].logit);
            sum += (double)all[i].sampling_probability;
        }
        assert_true(fabs(sum - 1) < 1e-4);
        assert_int_equal(one.id, all[0].id);
    }
    sampler_free(sampler);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greedy_takes_the_largest_logit_and_the_smaller_id_of_two),
        cmocka_unit_test(candidates_have_softmax_probabilities_in_falling_order),
        cmocka_unit_test(temperature_draws_with_the_tempered_probabilities),
        cmocka_unit_test(top_k_keeps_the_k_largest),
        cmocka_unit_test(top_p_keeps_the_smallest_set_that_reaches_p),
        cmocka_unit_test(a_seed_gives_the_same_choices_on_every_machine),
        cmocka_unit_test(the_choice_does_not_depend_on_how_many_candidates_are_kept),
        cmocka_unit_test(settings_out_of_range_are_named),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
