// The tokens view: its numbers against the Steps', where the sampler cut, its click targets. No terminal, no
// model.
#include "tests/tui/view_support.h"

#include <math.h>

static const char TINY[] = "tests/golden/trace/tiny.json";

// The line of the screen (NULL: none) that has these words, as text ended by NUL inside `text`.
static char *line_with(char *text, const char *words) {
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        if (strstr(line, words)) return line;
    return NULL;
}

static void a_generated_token_shows_the_probability_of_the_step_that_chose_it(void **state) {
    (void)state;
    Screen f;
    open_view(&f, STORY, "view tokens");
    app_key(&f.app, "End");
    const Step *step = f.timeline->steps[1];
    char words[32], number[32];
    snprintf(words, sizeof words, "step %d ", step->index);
    char *text = draw(&f, 60, 120), *line = line_with(text, words);
    if (line && strstr(line, "candidates")) line = line_with(NULL, words);
    assert_non_null(line);
    snprintf(number, sizeof number, "%.4f", (double)step->choice.probability);
    assert_says(line, number);
    snprintf(number, sizeof number, " %.2f", -log2((double)step->choice.probability));
    assert_says(line, number);
    free(text);
    close_view(&f);
}

static void entropy_is_exact_with_logits_and_a_lower_bound_without(void **state) {
    (void)state;
    Screen f;
    open_view(&f, STORY, "view tokens");
    const Config *config = &f.timeline->config;
    int n = config->n_vocab;
    float *logits = calloc((size_t)n, sizeof *logits);
    Step step = *f.timeline->steps[0];
    bool is_exact;
    step.sites[SITE_LOGITS] = logits;
    assert_true(fabs(step_entropy(&step, config, &is_exact) - log2(n)) < 1e-6); // all the same
    assert_true(is_exact);
    logits[n - 1] = 100; // one alone
    assert_true(fabs(step_entropy(&step, config, &is_exact)) < 1e-6);

    Candidate half[] = {{.probability = 0.5F}, {.probability = 0.25F}};
    step = (Step){.n_candidates = 2,
                  .candidates = half}; // the rest is one token of 0.25, or more tokens: at least 1.5
    assert_true(fabs(step_entropy(&step, config, &is_exact) - 1.5) < 1e-6);
    assert_false(is_exact);
    free(logits);
    close_view(&f);
}

// As if the sampler had kept the first n.
static void keep(Timeline *timeline, int n) {
    for (int i = 0; i < timeline->n_steps; i++)
        for (int k = 0; k < timeline->steps[i]->n_candidates; k++)
            timeline->steps[i]->candidates[k].sampling_probability = k < n ? 1.0F / (float)n : 0;
}

static void a_line_marks_where_the_sampler_cut_and_says_why(void **state) {
    (void)state;
    static const struct {
        Sampling sampling;
        int n_kept;
        const char *says;
    } CASES[] = {
        {{.temperature = 0, .top_p = 1}, 1, "greedy"},
        {{.temperature = 1, .top_k = 3, .top_p = 1}, 3, "top-k 3: rank above 3"},
        {{.temperature = 1, .top_k = 3, .top_p = 0.5F}, 2, "top-p 0.5"},
        {{.temperature = 0.01F, .top_k = 3, .top_p = 1},
         1,
         "top-k 3: rank above 3"}, // chances that round to 0 are kept
        {{.temperature = 1, .top_p = 1}, 10, "Nothing is cut away"},
        {{.temperature = 1, .top_k = 40, .top_p = 1}, 10, "The cut is further down"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Screen f;
        char *rest, before[16];
        open_view(&f, STORY, "view tokens");
        f.timeline->sampling = CASES[i].sampling;
        keep(f.timeline, CASES[i].n_kept);
        char *text = draw(&f, 36, 120);
        assert_says(text, CASES[i].says);
        int rank = CASES[i].sampling.temperature == 0  ? 1
                   : CASES[i].sampling.temperature < 1 ? 3
                                                       : CASES[i].n_kept;
        if (rank < 10) { // the line before the rule is the last that was kept
            rest = strstr(text, CASES[i].says);
            while (rest > text && *rest != '\n') rest--;
            *rest = '\0';
            char *line = strrchr(text, '\n');
            snprintf(before, sizeof before, rank == 1 ? "[%d]" : " %d ", rank);
            assert_true(strstr(line, before) && strstr(line, before) - line < 16);
        }
        free(text);
        close_view(&f);
    }
}

static void a_choice_below_the_candidates_has_a_line_of_its_own(void **state) {
    (void)state;
    Screen f;
    open_view(&f, STORY, "view tokens");
    Step *step = f.timeline->steps[0];
    f.timeline->sampling = (Sampling){.temperature = 1, .top_p = 1};
    step->choice = (Candidate){.id = f.timeline->config.n_vocab - 1, .logit = -3.5F, .probability = 1e-5F};
    for (int i = 0; i < step->n_candidates; i++) step->candidates[i].id = i;
    for (int n_rows = 24; n_rows <= 36; n_rows += 12) {
        char *text = draw(&f, n_rows, 80);
        assert_says(text, "-3.50");
        assert_says(text, "> 10");
        free(text);
    }
    close_view(&f);
}

static void a_click_on_a_token_or_a_candidate_goes_there(void **state) {
    (void)state;
    Screen f;
    open_view(&f, STORY, "view tokens");
    app_key(&f.app, "End");
    free(draw(&f, 36, 120));
    bool has_token = false, has_candidate = false;
    for (int row = 0; row < 36; row++) {
        Target target = canvas_cell(&f.canvas, row, 60)->target;
        if (!target.command) continue;
        char line[32];
        snprintf(line, sizeof line, "%s %d", target.command, target.arguments[0]);
        if (strcmp(line, "token 6") == 0) has_token = true;
        if (strcmp(line, "candidate 3") == 0) has_candidate = true;
    }
    assert_true(has_token && has_candidate);
    assert_true(command_execute(&f.app, "token 6"));
    assert_int_equal(app_row(&f.app), 6);
    char *text = draw(&f, 24, 80);
    assert_says(text, "[6]");
    free(text);
    close_view(&f);
}

static void any_size_and_any_keys_draw_without_a_fault(void **state) {
    (void)state;
    static const char *const KEYS[] = {"Right", "Right", "Left", "Up", "Down", "Home", "End"};
    const char *traces[] = {STORY, DATES, TINY};
    srand(1);
    for (int i = 0; i < 3; i++) {
        Screen f;
        open_view(&f, traces[i], "view tokens");
        for (int k = 0; k < 700; k++) {
            if (k == 350)
                f.timeline->sampling = (Sampling){.temperature = 0.7F, .top_k = 2, .top_p = 0.9F, .seed = 7};
            app_key(&f.app, KEYS[rand() % 7]);
            f.canvas.ascii = rand() % 2;
            free(draw(&f, 24 + rand() % 47, 80 + rand() % 171));
        }
        f.app.step = -1; // before the first Step
        free(draw(&f, 24, 80));
        close_view(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_generated_token_shows_the_probability_of_the_step_that_chose_it),
        cmocka_unit_test(entropy_is_exact_with_logits_and_a_lower_bound_without),
        cmocka_unit_test(a_line_marks_where_the_sampler_cut_and_says_why),
        cmocka_unit_test(a_choice_below_the_candidates_has_a_line_of_its_own),
        cmocka_unit_test(a_click_on_a_token_or_a_candidate_goes_there),
        cmocka_unit_test(any_size_and_any_keys_draw_without_a_fault),
    };
    return cmocka_run_group_tests_name("tokens view", tests, NULL, NULL);
}
