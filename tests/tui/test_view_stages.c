// The stages view: what the stages are, where a stage's inputs come from, and that the numbers are the
// Step's.
#include "tests/tui/view_support.h"

#include <math.h>

#include "tui/views/stages/stages_internal.h"

static Stop stop_of(App *app) {
    return stages_stop(app, view_state(app, &VIEW_STAGES));
}

static void every_stage_is_found_by_its_site_and_layer(void **state) {
    (void)state;
    static const char *const TRACES[] = {STORY, GQA, DATES};
    for (int t = 0; t < 3; t++) {
        Screen open;
        open_view(&open, TRACES[t], "view stages");
        const Config *c = &open.timeline->config;
        int n = stages_count(open.timeline), last_site = -1, layer = 0;
        for (int i = 0; i < n; i++) {
            Stage stage = stages_at(open.timeline, i);
            assert_true(stages_has(open.timeline, stage.site));
            assert_int_equal(stages_find(open.timeline, stage.site, stage.layer), i);
            if (SITES[stage.site].per_layer && stage.layer > layer) layer++, last_site = -1;
            assert_true((int)stage.site > last_site); // in the order in which they happen
            last_site = stage.site;
        }
        assert_int_equal(layer, c->n_layers - 1);
        close_view(&open);
    }
}

static void every_stage_reads_only_earlier_stages(void **state) {
    (void)state;
    static const char *const TRACES[] = {STORY, GQA, DATES};
    for (int t = 0; t < 3; t++) {
        Screen open;
        open_view(&open, TRACES[t], "view stages");
        for (int i = 0; i < stages_count(open.timeline); i++) {
            Input inputs[MOST_INPUTS];
            int n = stages_inputs(open.timeline, stages_at(open.timeline, i), inputs);
            assert_in_range(n, 1, MOST_INPUTS);
            for (int k = 0; k < n; k++) assert_true(inputs[k].stage < i);
        }
        close_view(&open);
    }
}

static void a_decode_step_reads_all_slots_but_the_newest_from_the_cache(void **state) {
    (void)state;
    Screen open;
    open_view(&open, STORY, "view stages");
    run(&open, "stage scores");
    run(&open, "goto 3");
    char words[96];
    const Step *step = app_step(&open.app);
    assert_int_equal(step->n_rows, 1);
    snprintf(words, sizeof words, "■ k of slots 0–%d: read back", step_first_token(step) - 1);
    assert_shows(&open, words);
    snprintf(words, sizeof words, "□ k of slot %d: computed now", step_first_token(step));
    assert_shows(&open, words);
    run(&open, "goto 0"); // the prefill
    snprintf(words, sizeof words, "□ k of slots 0–%d: computed now, nothing is read back",
             step_n_tokens(app_step(&open.app)) - 1);
    assert_shows(&open, words);
    close_view(&open);
}

static void the_cross_cache_is_filled_by_the_first_step_and_read_by_the_others(void **state) {
    (void)state;
    Screen open;
    open_view(&open, DATES, "view stages");
    run(&open, "stage cross_scores");
    run(&open, "first");
    assert_shows(&open, "computed now, this once");
    run(&open, "goto 2");
    assert_shows(&open, "read back from the cross cache");
    close_view(&open);
}

static void the_weights_on_the_screen_match_the_step(void **state) {
    (void)state;
    Screen open;
    open_view(&open, STORY, "view stages");
    run(&open, "goto 2");
    run(&open, "layer 2");
    run(&open, "head 1");
    run(&open, "stage attention");
    const Step *step = app_step(&open.app);
    const float *weights =
        step_head_row(step, &open.timeline->config, SITE_ATTENTION, 2, 1, step->n_rows - 1);
    char row[256];
    int used = snprintf(row, sizeof row, "▶ head 1  ");
    for (int src = 0; src < step_n_tokens(step) && src < 10; src++)
        used += snprintf(row + used, sizeof row - (size_t)used, "  %.3f", (double)weights[src]);
    assert_shows(&open, row);
    Stop stop = stop_of(&open.app);
    Stats stats = stages_row_stats(&stop);
    assert_true(fabs(stats.sum - open.timeline->config.n_heads) < 1e-4); // each head's weights sum to 1
    close_view(&open);
}

static void a_row_of_the_prompt_shows_the_prefills_pass(void **state) {
    (void)state;
    Screen open;
    open_view(&open, STORY, "view stages");
    run(&open, "last");
    run(&open, "row 1");
    run(&open, "stage attention");
    Stop stop = stop_of(&open.app);
    assert_int_equal(stop.step->index, 0);
    assert_int_equal(stop.row, 1);
    assert_shows(&open, "row 1: the pass of step 0");
    assert_shows(&open, "2 of "); // scores that the mask leaves
    run(&open, "row +1");
    for (int i = 0; i < 100 && open.app.row >= 0; i++) run(&open, "row +1");
    assert_int_equal(open.app.row, -1); // the newest row follows the step again
    close_view(&open);
}

static void a_click_on_a_stage_goes_to_it(void **state) {
    (void)state;
    Screen open;
    open_view(&open, STORY, "view stages");
    run(&open, "stage q");
    char *text = draw(&open, 36, 120);
    free(text);
    int n_targets = 0;
    for (int row = 2; row < 34; row++) {
        Target target = canvas_cell(&open.canvas, row, 12)->target;
        if (!target.command) continue;
        assert_string_equal(target.command, "stage");
        char command[32];
        snprintf(command, sizeof command, "stage %d", target.arguments[0]);
        run(&open, command);
        Stop at = stop_of(&open.app);
        assert_int_equal(at.index, target.arguments[0] - 1);
        Stage stage = at.stage;
        if (SITES[stage.site].per_layer) assert_int_equal(open.app.layer, stage.layer);
        n_targets++;
    }
    // the layer's line, its sites, the other layers, and what is there once
    assert_int_equal(n_targets, 3 + open.timeline->config.n_layers + (stages_count(open.timeline) - 3) / 4);
    close_view(&open);
}

static void a_stages_name_selects_it_in_the_selected_layer(void **state) {
    (void)state;
    Screen open;
    open_view(&open, STORY, "view stages");
    run(&open, "layer 3");
    run(&open, "stage scores");
    Stage stage = stop_of(&open.app).stage;
    assert_int_equal(stage.site, SITE_SCORES);
    assert_int_equal(stage.layer, 3);
    run(&open, "layer 1");
    assert_int_equal(stop_of(&open.app).stage.layer, 1);
    assert_false(command_execute(&open.app, "stage q_rotated")); // a GPT-2 has none
    assert_says(open.app.message, "scores");
    assert_false(command_execute(&open.app, "stage 0"));
    assert_false(command_execute(&open.app, "stage 1000"));
    close_view(&open);
}

static void a_window_shows_the_first_items_and_those_near_the_focus_and_counts_the_others(void **state) {
    (void)state;
    for (int n = 1; n < 40; n++)
        for (int room = 1; room < 45; room++)
            for (int focus = 0; focus < n; focus++) {
                Window window = stages_window(n, room, focus);
                int n_items = 0, first;
                bool has_focus = false;
                assert_true(window.n_places <= room);
                for (int i = 0; i < window.n_places; i++) {
                    int item = stages_window_at(&window, i);
                    assert_true(item < n);
                    n_items += item >= 0 ? 1 : stages_gap(&window, item, &first);
                    has_focus |= item == focus;
                    if (item < 0) assert_true(first > 0 && first < n);
                }
                assert_true(has_focus);
                if (room >= 4) assert_int_equal(n_items, n);
            }
}

static void any_size_and_any_keys_draw_without_a_fault(void **state) {
    (void)state;
    static const char *const TRACES[] = {STORY, GQA, DATES};
    static const char *const KEYS[] = {"Right", "Left", "Up", "Down", "[", "]", "n",
                                       "p",     "j",    "k",  "g",    "G", "s", "x"};
    srand(1);
    for (int t = 0; t < 3; t++) {
        Screen open;
        open_view(&open, TRACES[t], "view stages");
        for (int i = 0; i < 1500; i++) {
            app_key(&open.app, KEYS[rand() % 14]);
            open.canvas.ascii = rand() % 2;
            free(draw(&open, 24 + rand() % 47, 80 + rand() % 171));
            for (int k = 0; open.canvas.ascii && k < open.canvas.n_rows * open.canvas.n_columns; k++)
                assert_true((unsigned char)open.canvas.cells[k].glyph[0] < 0x80);
        }
        close_view(&open);
    }
}

// Models of every kind, with all numbers recorded.
static const char *const MODELS[] = {"tests/golden/gpt2",      "tests/golden/gpt2_inverse_layer",
                                     "tests/golden/llama_gqa", "tests/golden/qwen3",
                                     "tests/golden/mistral",   "tests/golden/encoder_decoder"};
enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

typedef struct Live {
    Model model;
    Session *session;
    Screen open;
} Live;

static void start(Live *live, const char *folder, int n_steps) {
    static const int PROMPT[] = {1, 2, 3, 4}, SOURCE[] = {5, 6, 7, 8, 9, 10};
    Error err;
    SessionOptions options = {.sampling = {.top_p = 1}, .n_candidates = 5, .record = SITE_ALL};
    *live = (Live){0};
    if (!model_load(&live->model, folder, NULL, &err)) fail_msg("%s", err.text);
    SessionInput input = {.ids = {(int *)PROMPT, 4}, .source = {(int *)SOURCE, live->model.encoder ? 6 : 0}};
    if (!session_new(&live->session, &live->model, &input, &options, &err)) fail_msg("%s", err.text);
    for (int i = 0; i < n_steps; i++)
        if (!session_step(live->session, &err)) fail_msg("%s", err.text);
    assert_true(app_init(&live->open.app, &PROGRAM, session_timeline(live->session), NULL, &err));
    live->open.timeline = (Timeline *)session_timeline(live->session);
    live->open.app.view = &VIEW_STAGES;
}

static void stop(Live *live) {
    canvas_done(&live->open.canvas);
    app_done(&live->open.app);
    session_free(live->session);
    model_free(&live->model);
}

static double dot(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return sum;
}

// What the view draws as q and as the rows of K, the older ones from their own Steps, is what the scores were
// made of.
static void the_operands_that_are_drawn_give_the_scores(void **state) {
    (void)state;
    for (int m = 0; m < N_MODELS; m++) {
        Live live;
        start(&live, MODELS[m], 3);
        App *app = &live.open.app;
        const Config *c = &live.open.timeline->config;
        run(&live.open, "last");
        for (int head = 0; head < c->n_heads; head++)
            for (int layer = 0; layer < c->n_layers; layer++) {
                app->head = head;
                app->layer = layer;
                ((Stages *)view_state(app, &VIEW_STAGES))->site = SITE_SCORES;
                Stop at = stop_of(app);
                Stage q_stage = {stages_q_site(c), layer}, k_stage = {stages_k_site(c), layer};
                int n;
                const float *q = stages_vector(at.step, c, q_stage, at.row, head, &n);
                const float *scores = stages_vector(at.step, c, at.stage, at.row, head, &n);
                assert_int_equal(n, step_n_tokens(at.step));
                for (int src = 0; src < n; src++) {
                    const Step *own = timeline_step_of(live.open.timeline, app->step, src);
                    int d, kv_head = stages_own_head(app, k_stage.site);
                    const float *k = stages_vector(own, c, k_stage, src - step_first_token(own), kv_head, &d);
                    assert_true(fabs(dot(q, k, d) * c->score_scale[layer] - scores[src]) < 1e-4);
                }
            }
        stop(&live);
    }
}

static void every_stage_of_every_kind_of_model_draws_without_a_fault(void **state) {
    (void)state;
    static const char *const KEYS[] = {"Right", "Left", "Up", "Down", "]", "n", "p", "j", "g", "G", "s"};
    srand(2);
    for (int m = 0; m < N_MODELS; m++) {
        Live live;
        start(&live, MODELS[m], 4);
        for (int i = 0; i < 600; i++) {
            app_key(&live.open.app, KEYS[i % 2 ? rand() % 11 : 0]);
            live.open.canvas.ascii = rand() % 2;
            free(draw(&live.open, 24 + rand() % 47, 80 + rand() % 171));
        }
        stop(&live);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_is_found_by_its_site_and_layer),
        cmocka_unit_test(every_stage_reads_only_earlier_stages),
        cmocka_unit_test(a_decode_step_reads_all_slots_but_the_newest_from_the_cache),
        cmocka_unit_test(the_cross_cache_is_filled_by_the_first_step_and_read_by_the_others),
        cmocka_unit_test(the_weights_on_the_screen_match_the_step),
        cmocka_unit_test(a_row_of_the_prompt_shows_the_prefills_pass),
        cmocka_unit_test(a_click_on_a_stage_goes_to_it),
        cmocka_unit_test(a_stages_name_selects_it_in_the_selected_layer),
        cmocka_unit_test(a_window_shows_the_first_items_and_those_near_the_focus_and_counts_the_others),
        cmocka_unit_test(the_operands_that_are_drawn_give_the_scores),
        cmocka_unit_test(every_stage_of_every_kind_of_model_draws_without_a_fault),
        cmocka_unit_test(any_size_and_any_keys_draw_without_a_fault),
    };
    return cmocka_run_group_tests_name("the stages view", tests, NULL, NULL);
}
