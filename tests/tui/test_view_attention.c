// The attention view, without a terminal: what stands on the screen against the Steps that it is drawn from.
#include "tests/tui/step_support.h"
#include "tests/tui/view_support.h"

#include <math.h>

#include "tui/views/attention/attention.h"

static void the_readout_gives_the_numbers_of_the_cell_under_the_cursor(void **state) {
    (void)state;
    Screen o;
    char words[64];
    open_view(&o, STORY, "view attention;last;layer 1;head 2;cursor 3 1");
    const Step *step = app_step_of_row(&o.app, 3);
    const Config *c = &o.timeline->config;
    const float *weights = step_head_row(step, c, SITE_ATTENTION, 1, 2, 3 - step_first_token(step));
    const float *scores = step_head_row(step, c, SITE_SCORES, 1, 2, 3 - step_first_token(step));
    snprintf(words, sizeof words, "softmax weight       %.4f", (double)weights[1]);
    assert_shows(&o, words);
    snprintf(words, sizeof words, "%.4f  scaled", (double)scores[1]);
    assert_shows(&o, words);
    snprintf(words, sizeof words, "%.4f  dot product", (double)scores[1] * sqrt(c->d_head));
    assert_shows(&o, words);
    assert_shows(&o, "visible: an earlier token");
    close_view(&o);
}

static void a_masked_cell_says_why(void **state) {
    (void)state;
    Screen o;
    open_view(&o, STORY, "view attention;first;cursor 0 1");
    assert_shows(&o, "−∞");
    assert_shows(&o, "a later token");
    // the prefill's row 0 has never met a token of a later step
    char cursor[32];
    assert_true(command_execute(&o.app, "last"));
    snprintf(cursor, sizeof cursor, "cursor 0 %d", step_n_tokens(app_step(&o.app)) - 1);
    assert_true(command_execute(&o.app, cursor));
    assert_shows(&o, "not there yet");
    assert_shows(&o, "not computed");
    o.timeline->config.sliding_window = 2;
    assert_true(command_execute(&o.app, "cursor 4 1"));
    assert_shows(&o, "outside the sliding window");
    assert_shows(&o, "outside window of 2");
    close_view(&o);
}

static void scores_that_were_not_recorded_are_said_to_be_missing(void **state) {
    (void)state;
    Screen o;
    open_view(&o, STORY, "view attention;first;cursor 1 0");
    o.timeline->steps[0]->sites[SITE_SCORES] = NULL;
    assert_shows(&o, "not recorded");
    close_view(&o);
}

// The cell whose click runs this command with these arguments; NULL: there is none.
static const Cell *find_target(const Screen *o, const char *command, int a, int b) {
    for (int i = 0; i < o->canvas.n_rows * o->canvas.n_columns; i++) {
        const Target *t = &o->canvas.cells[i].target;
        if (t->command && strcmp(t->command, command) == 0 && t->arguments[0] == a && t->arguments[1] == b)
            return &o->canvas.cells[i];
    }
    return NULL;
}

static void every_cell_of_the_matrix_can_be_clicked_and_shows_its_weight(void **state) {
    (void)state;
    Screen o;
    open_view(&o, STORY, "view attention;first;scale linear;cursor 0 0");
    free(draw(&o, 60, 200));
    const Step *step = app_step(&o.app);
    for (int row = 0; row < step->n_rows; row++)
        for (int src = 0; src < step_n_tokens(step); src++) {
            if (row == 0) continue; // the cursor's row has targets in the head as well
            const Cell *cell = find_target(&o, "cursor", row, src);
            assert_non_null(cell);
            if (src == 0) continue; // as the cursor's column has beside the rows
            float weight = step_head_row(step, &o.timeline->config, SITE_ATTENTION, 0, 0, row)[src];
            assert_int_equal(cell->role, src > row
                                             ? ROLE_MASKED
                                             : ROLE_HEAT + canvas_heat_level((double)weight, SCALE_LINEAR));
        }
    close_view(&o);
}

static void all_heads_stand_in_groups_and_can_be_clicked(void **state) {
    (void)state;
    Screen o;
    open_view(&o, GQA, "view attention;last;heads");
    int n_heads = o.timeline->config.n_heads, group = n_heads / o.timeline->config.n_kv_heads;
    char words[64];
    for (int kv_head = 0; kv_head < o.timeline->config.n_kv_heads; kv_head++) {
        snprintf(words, sizeof words, "KV head %d · heads %d–%d", kv_head, kv_head * group,
                 kv_head * group + group - 1);
        assert_shows(&o, words);
    }
    for (int head = 0; head < n_heads; head++) assert_non_null(find_target(&o, "head", head, -1));
    close_view(&o);
}

static void rows_of_earlier_steps_are_dim_and_those_of_this_step_are_not(void **state) {
    (void)state;
    Screen o;
    open_view(&o, STORY, "view attention;last;cursor 1 1");
    free(draw(&o, 36, 120));
    int newest = step_n_tokens(app_step(&o.app)) - 1;
    const Cell *old = find_target(&o, "cursor", newest - 1, 0), *fresh = find_target(&o, "cursor", newest, 0);
    assert_true(old->role >= ROLE_DIM_HEAT);
    assert_true(fresh->role >= ROLE_HEAT && fresh->role < ROLE_DIM_HEAT);
    close_view(&o);
}

static void the_cursor_on_the_newest_row_follows_the_steps(void **state) {
    (void)state;
    Screen o;
    open_view(&o, STORY, "view attention;first;cursor up;cursor down");
    assert_int_equal(app_row(&o.app), step_n_tokens(app_step(&o.app)) - 1);
    assert_true(command_execute(&o.app, "step"));
    assert_int_equal(app_row(&o.app), step_n_tokens(app_step(&o.app)) - 1);
    close_view(&o);
}

// A Timeline of one prefill and one decode, in which each row looks at all that it may see alike.
static Timeline even_timeline(int n_heads, int n_kv_heads, int n_tokens, int window) {
    Timeline t = {
        .config = {.name = "even", .n_layers = 2, .n_ctx = n_tokens, .d_model = 8, .d_ff = 8, .n_vocab = 8}};
    t.config.n_heads = n_heads, t.config.n_kv_heads = n_kv_heads, t.config.d_head = 4;
    t.config.sliding_window = window;
    t.n_tokens = n_tokens, t.n_prompt = n_tokens - 1, t.n_steps = 2;
    t.tokens = calloc((size_t)n_tokens, sizeof *t.tokens);
    for (int i = 0; i < n_tokens; i++)
        t.tokens[i] = (Token){.id = i, .text = text_from(i % 3 ? "字é" : " word")};
    t.steps = calloc(2, sizeof *t.steps);
    for (int s = 0; s < 2; s++) {
        Step *step = plain_step(&t.config, s, s ? n_tokens - 1 : 0, s ? 1 : n_tokens - 1, SITE_WEIGHTS);
        for (int i = 0; i < 2 * n_heads * step->n_rows; i++) {
            int position = step_first_token(step) + i % step->n_rows,
                first = place_first_seen(window, position);
            float *row = (float *)step->sites[SITE_ATTENTION] + (size_t)i * step_n_tokens(step);
            for (int src = first; src <= position; src++) row[src] = 1.0F / (float)(position + 1 - first);
        }
        t.steps[s] = step;
    }
    return t;
}

static void free_timeline(Timeline *t) {
    for (int i = 0; i < t->n_steps; i++) step_free(t->steps[i]);
    free(t->steps);
    free(t->tokens);
}

static void with_64_heads_the_selected_one_is_always_shown(void **state) {
    (void)state;
    static const int KV_HEADS[] = {64, 16, 1};
    for (int i = 0; i < 3; i++) {
        Error err;
        Timeline timeline = even_timeline(64, KV_HEADS[i], 40, 0);
        Screen o = {.timeline = &timeline};
        assert_true(app_init(&o.app, &PROGRAM, &timeline, NULL, &err));
        o.app.view = &VIEW_ATTENTION;
        assert_true(command_execute(&o.app, "heads"));
        for (int head = 0; head < 64; head++) {
            o.app.head = head;
            free(draw(&o, 24, 80));
            assert_non_null(find_target(&o, "head", head, -1));
        }
        canvas_done(&o.canvas);
        app_done(&o.app);
        free_timeline(&timeline);
    }
}

static void press_at_random(App *app, int n_times) {
    static const char *const KEYS[] = {"n", "p",   "Up", "Up", "Down", "Left", "Left", "Right", "[", "]",
                                       "j", "End", "x",  "a",  "s",    "c",    "Home", "End",   "k"};
    Canvas canvas = {0};
    srand(1);
    for (int i = 0; i < n_times; i++) {
        app_key(app, KEYS[rand() % (int)(sizeof KEYS / sizeof *KEYS)]);
        if (rand() % 20 == 0) ((Attention *)view_state(app, &VIEW_ATTENTION))->src = rand() % 300;
        canvas.ascii = rand() % 2;
        assert_true(canvas_resize(&canvas, 24 + rand() % 47, 80 + rand() % 171));
        app_draw(app, &canvas);
    }
    canvas_done(&canvas);
}

static void any_size_and_any_keys_draw_without_a_fault(void **state) {
    (void)state;
    static const char *const TRACES[] = {STORY, GQA, DATES};
    for (int i = 0; i < 3; i++) {
        Screen o;
        open_view(&o, TRACES[i], "view attention;last");
        press_at_random(&o.app, 500);
        close_view(&o);
    }
    static const int SIZES[][4] = {{1, 1, 2, 0}, {64, 8, 30, 5}, {12, 12, 300, 100}, {32, 1, 100, 0}};
    for (int i = 0; i < 4; i++) {
        Error err;
        App app;
        Timeline timeline = even_timeline(SIZES[i][0], SIZES[i][1], SIZES[i][2], SIZES[i][3]);
        assert_true(app_init(&app, &PROGRAM, &timeline, NULL, &err));
        app.view = &VIEW_ATTENTION;
        press_at_random(&app, 200);
        app_done(&app);
        free_timeline(&timeline);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_readout_gives_the_numbers_of_the_cell_under_the_cursor),
        cmocka_unit_test(a_masked_cell_says_why),
        cmocka_unit_test(scores_that_were_not_recorded_are_said_to_be_missing),
        cmocka_unit_test(every_cell_of_the_matrix_can_be_clicked_and_shows_its_weight),
        cmocka_unit_test(all_heads_stand_in_groups_and_can_be_clicked),
        cmocka_unit_test(rows_of_earlier_steps_are_dim_and_those_of_this_step_are_not),
        cmocka_unit_test(the_cursor_on_the_newest_row_follows_the_steps),
        cmocka_unit_test(with_64_heads_the_selected_one_is_always_shown),
        cmocka_unit_test(any_size_and_any_keys_draw_without_a_fault),
    };
    return cmocka_run_group_tests_name("view_attention", tests, NULL, NULL);
}
