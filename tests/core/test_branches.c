// Branches of a Session, passes that run again, and passes that are cancelled: the numbers stay the same to
// the last bit.
#include "tests/core/session_support.h"

// The first n Steps of both branches at hand, to the last bit.
static void assert_same_steps(const Session *session, const Session *other, int n) {
    for (int i = 0; i < n; i++) {
        const Step *a = session_timeline(session)->steps[i], *b = session_timeline(other)->steps[i];
        size_t n_bytes = (size_t)session_timeline(session)->config.n_vocab * sizeof(float);
        assert_int_equal(a->choice.id, b->choice.id);
        assert_memory_equal(&a->choice.logit, &b->choice.logit, sizeof(float));
        assert_memory_equal(a->sites[SITE_LOGITS], b->sites[SITE_LOGITS], n_bytes);
    }
}

static void a_cancelled_step_changes_nothing(void **state) {
    (void)state;
    static const int PROMPT[] = {1, 2, 3};
    Error err;
    Control control = {.cancel = true};
    Model model = load("tests/golden/gpt2");
    Session *session = start(&model, PROMPT, 3, &EVERYTHING), *other = start(&model, PROMPT, 3, &EVERYTHING);
    take_steps(session, 1);
    assert_null(session_compute(session, &control, &err));
    assert_int_equal(session_timeline(session)->n_steps, 1);
    take_steps(session, 1);
    take_steps(other, 2);
    assert_true(session_timeline(session)->steps[1]->choice.logit ==
                session_timeline(other)->steps[1]->choice.logit);
    session_free(session);
    session_free(other);
    model_free(&model);
}

static void a_branch_continues_from_another_choice_and_changes_no_other_branch(void **state) {
    (void)state;
    static const int PROMPT[] = {5, 17, 31, 2};
    Error err;
    Model model = load("tests/golden/gpt2");
    Session *session = start(&model, PROMPT, 4, &EVERYTHING), *other = start(&model, PROMPT, 4, &EVERYTHING);
    take_steps(session, 6);
    take_steps(other, 9);
    const Timeline *trunk = session_timeline(session);
    const Candidate *second = &trunk->steps[2]->candidates[1];
    assert_true(session_branch(session, 2, second, &err));
    const Timeline *branch = session_timeline(session);
    assert_ptr_not_equal(branch, trunk);
    assert_int_equal(branch->n_steps, 3);
    assert_int_equal(branch->tokens[6].id, second->id);
    assert_int_equal(branch->steps[2]->choice.id, second->id);
    assert_ptr_equal(branch->steps[1], trunk->steps[1]);
    take_steps(session, 3);
    assert_int_equal(trunk->n_steps, 6);

    session_switch(session, 0);
    take_steps(session, 3);
    assert_same_steps(session, other, 9);
    assert_true(session_branch(session, 2, second, &err)); // there already
    assert_int_equal(session_n_branches(session), 2);
    assert_ptr_equal(session_timeline(session), branch);
    session_free(session);
    session_free(other);
    model_free(&model);
}

static void a_replayed_step_has_the_recorded_numbers_bit_for_bit(void **state) {
    (void)state;
    static const int PROMPT[] = {5, 17, 31, 2};
    Error err;
    Model model = load("tests/golden/gpt2");
    Session *session = start(&model, PROMPT, 4, &EVERYTHING);
    take_steps(session, 6);
    const Config *c = &model.config;
    int n_compared = 0;
    for (int index = 5; index >= 0; index--) {
        const Step *step = session_timeline(session)->steps[index];
        Step *replay = session_replay(session, index, NULL, &err);
        assert_non_null(replay);
        for (int site = 0; site < SITE_COUNT; site++) {
            if (!step->sites[site]) continue;
            PassShape shape = step_shape(step);
            size_t n = (size_t)site_size((SiteId)site, c, &shape) *
                       (size_t)(SITES[site].per_layer ? c->n_layers : 1);
            assert_memory_equal(step->sites[site], replay->sites[site], n * sizeof(float));
            n_compared++;
        }
        step_free(replay);
    }
    assert_int_equal(n_compared, 6 * 18); // the sites of a GPT-2, in each step
    take_steps(session, 1);               // the cache is as it was
    const Step *last = session_timeline(session)->steps[6];
    assert_true(last->comparison.same_choice && last->comparison.max_abs_logit_difference < 1e-4f);
    assert_int_equal(last->cache.bytes, last->cache.bytes_formula);
    session_free(session);
    model_free(&model);
}

// With the cache behind, catching up is what a pass begins with.
static void cancelling_a_refill_of_the_cache_or_a_replay_changes_nothing(void **state) {
    (void)state;
    static const char *const FOLDERS[] = {"tests/golden/gpt2", "tests/golden/encoder_decoder"};
    for (int i = 0; i < 2; i++) {
        Error err;
        Control control = {.cancel = true};
        Session *sessions[2];
        SessionOptions options = EVERYTHING;
        options.sampling =
            (Sampling){.temperature = 2, .top_p = 1, .seed = 3}; // whose texts do not end early
        Model model = load(FOLDERS[i]);
        SessionInput input = {.ids = {(int[]){0, 3}, 2},
                              .source = {(int[]){5, 6, 7, 8}, model.encoder ? 4 : 0}};
        for (int k = 0; k < 2; k++)
            if (!session_new(&sessions[k], &model, &input, &options, &err)) fail_msg("%s", err.text);
        take_steps(sessions[0], 5);
        take_steps(sessions[1], 7);
        assert_true(
            session_branch(sessions[0], 1, &session_timeline(sessions[0])->steps[1]->candidates[2], &err));
        take_steps(sessions[0], 2);
        session_switch(sessions[0], 0);
        assert_null(session_compute(sessions[0], &control, &err));
        assert_says(err.text, "cancelled");
        assert_null(session_replay(sessions[0], 4, &control, &err)); // catches up first
        Step *replay = session_replay(sessions[0], 4, NULL, &err);
        assert_non_null(replay);
        step_free(replay);
        assert_null(session_replay(sessions[0], 3, &control, &err)); // of a cache that is whole
        assert_null(session_replay(sessions[0], 0, &control, &err)); // from the first slot on
        take_steps(sessions[0], 2);
        assert_same_steps(sessions[0], sessions[1], 7);
        for (int k = 0; k < 2; k++) session_free(sessions[k]);
        model_free(&model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancelled_step_changes_nothing),
        cmocka_unit_test(a_branch_continues_from_another_choice_and_changes_no_other_branch),
        cmocka_unit_test(a_replayed_step_has_the_recorded_numbers_bit_for_bit),
        cmocka_unit_test(cancelling_a_refill_of_the_cache_or_a_replay_changes_nothing),
    };
    return cmocka_run_group_tests_name("branches", tests, NULL, NULL);
}
