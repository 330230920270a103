// The cache view against the Steps it is drawn from.
#include "tests/support.h"
#include "tests/tui/step_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "traces/trace_read.h"
#include "tui/app/command.h"
#include "tui/app/draw.h"
#include "tui/app/input.h"
#include "tui/screen/format.h"
#include "tui/views/views.h"

static Timeline *open_trace(App *app, const char *path, const char *keys) {
    Error err;
    Timeline *timeline;
    char list[160], *rest = list;
    if (!trace_read(&timeline, path, &err)) fail_msg("%s", err.text);
    assert_true(app_init(app, &PROGRAM, timeline, NULL, &err));
    snprintf(list, sizeof list, "%s", keys);
    for (char *key; (key = strtok_r(rest, " ", &rest));) app_key(app, key);
    return timeline;
}

static void draw(const App *app, Canvas *canvas, int n_rows, int n_columns) {
    assert_true(canvas_resize(canvas, n_rows, n_columns));
    app_draw(app, canvas);
}

static void assert_shows(const Canvas *canvas, const char *part) {
    char *text = canvas_to_text(canvas, false);
    if (!strstr(text, part)) fail_msg("\"%s\" is not on the screen:\n%s", part, text);
    free(text);
}

static void the_vector_counts_match_the_steps_bytes(void **state) {
    (void)state;
    App app;
    Canvas canvas = {0};
    Timeline *timeline = open_trace(&app, "tests/golden/story/trace.json", "End 4");
    const Step *step = app_step(&app);
    const Config *c = &timeline->config;
    int64_t read = step->cached.cache_bytes / (c->d_head * (int64_t)sizeof(float));
    int64_t all = step->cache.bytes / (c->d_head * (int64_t)sizeof(float));
    char waste[16];
    snprintf(waste, sizeof waste, "%.1f%%", 100 * (double)read / (double)all);
    draw(&app, &canvas, 24, 80);
    assert_shows(&canvas, format_grouped(read).text);
    assert_shows(&canvas, format_grouped(all).text);
    assert_shows(&canvas, format_grouped(all - read).text);
    assert_shows(&canvas, waste);
    assert_shows(&canvas, format_grouped(step->cache.bytes).text);
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

// Glyphs of `kind` in the cells that a click leads from to the token.
static int count(const Canvas *canvas, int token, const char *kind) {
    int n = 0;
    for (int row = 2; row < canvas->n_rows - 1; row++)
        for (int column = 0; column < canvas->n_columns; column++) {
            const Cell *cell = canvas_cell(canvas, row, column);
            bool is_it = cell->target.command && strcmp(cell->target.command, "token") == 0;
            if (is_it && cell->target.arguments[0] == token && strcmp(cell->glyph, kind) == 0) n++;
        }
    return n;
}

static void recomputing_cached_slots_is_waste_and_computing_new_ones_is_not(void **state) {
    (void)state;
    App app;
    Canvas canvas = {0};
    Timeline *timeline = open_trace(&app, "tests/golden/story/trace.json", "Right Right 4");
    const Config *c = &timeline->config;
    int n_new = step_n_tokens(app_step(&app)) - 1,
        n_cells = 2 * c->n_layers * c->n_kv_heads; // K and V of a slot
    draw(&app, &canvas, 60, 200);                  // all KV heads of all layers have cells
    for (int slot = 0; slot <= n_new; slot++) {
        assert_int_equal(count(&canvas, slot, "■"), slot < n_new ? n_cells : 0);
        assert_int_equal(count(&canvas, slot, "▨"), slot < n_new ? n_cells : 0);
        assert_int_equal(count(&canvas, slot, "□"), slot < n_new ? 0 : 2 * n_cells);
    }
    assert_int_equal(count(&canvas, n_new + 1, "·"), 0); // a free slot holds no token
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

static const Target *find_target(const Canvas *canvas, const char *command, int argument) {
    for (int i = 0; i < canvas->n_rows * canvas->n_columns; i++) {
        const Target *target = &canvas->cells[i].target;
        if (target->command && strcmp(target->command, command) == 0 && target->arguments[0] == argument)
            return target;
    }
    return NULL;
}

static void clicks_lead_to_a_slots_token_and_to_a_layer(void **state) {
    (void)state;
    App app;
    Canvas canvas = {0};
    char line[32];
    Timeline *timeline = open_trace(&app, "tests/golden/story/trace.json", "End 4");
    int slot = step_n_tokens(app_step(&app)) - 2;
    draw(&app, &canvas, 24, 80);
    assert_non_null(find_target(&canvas, "token", slot));
    assert_non_null(find_target(&canvas, "layer", 1));
    snprintf(line, sizeof line, "token %d", slot);
    assert_true(command_execute(&app, line));
    assert_int_equal(app_row(&app), slot);
    assert_int_equal(step_n_tokens(app_step(&app)) - 1, slot); // the step that stored it
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

static void both_caches_of_an_encoder_decoder_have_their_bytes(void **state) {
    (void)state;
    App app;
    Canvas canvas = {0};
    char bytes[48];
    Timeline *timeline = open_trace(&app, "tests/golden/screens/dates.json", "End 4");
    draw(&app, &canvas, 24, 80);
    const CacheFacts *cache = &app_step(&app)->cache;
    snprintf(bytes, sizeof bytes, "%s B = ", format_grouped(cache->bytes).text);
    assert_shows(&canvas, bytes);
    snprintf(bytes, sizeof bytes, "%s B = ", format_grouped(cache->cross_bytes).text);
    assert_shows(&canvas, bytes);
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

// A model as large as it is wanted, after a prefill of n_slots - 1 tokens and a decode step.
typedef struct Large {
    Timeline timeline;
    Step *steps[2];
    Token *tokens;
} Large;

static void large_open(Large *large, App *app, int n_layers, int n_heads, int n_kv_heads, int n_slots) {
    Error err;
    *large = (Large){.timeline = {.config = {.name = "large",
                                             .n_layers = n_layers,
                                             .n_heads = n_heads,
                                             .n_kv_heads = n_kv_heads,
                                             .d_model = 64 * n_heads,
                                             .d_head = 64,
                                             .d_ff = 256 * n_heads,
                                             .n_vocab = 1000,
                                             .n_ctx = n_slots + 40}}};
    const Config *config = &large->timeline.config;
    large->steps[0] = plain_step(config, 0, 0, n_slots - 1, 0);
    large->steps[1] = plain_step(config, 1, n_slots - 1, 1, 0);
    large->tokens = calloc((size_t)n_slots + 1, sizeof *large->tokens);
    for (int i = 0; i <= n_slots; i++)
        large->tokens[i].text = text_from(i % 3 ? " 東京 tower" : "a\xCC\x88\xCC\x81-");
    large->timeline.tokens = large->tokens;
    large->timeline.n_tokens = n_slots + 1, large->timeline.n_prompt = n_slots - 1;
    large->timeline.steps = large->steps, large->timeline.n_steps = 2;
    assert_true(app_init(app, &PROGRAM, &large->timeline, NULL, &err));
}

static void large_close(Large *large, App *app) {
    app_done(app);
    step_free(large->steps[0]);
    step_free(large->steps[1]);
    free(large->tokens);
}

static void a_large_cache_shows_its_newest_slots_and_the_selected_one(void **state) {
    (void)state;
    Large large;
    App app;
    Canvas canvas = {0};
    large_open(&large, &app, 32, 32, 8, 2000);
    assert_true(command_execute(&app, "last") && command_execute(&app, "layer 17") &&
                command_execute(&app, "row 700"));
    app_key(&app, "4");
    draw(&app, &canvas, 24, 80);
    for (int i = 0; i < 3; i++) assert_non_null(find_target(&canvas, "token", (int[]){700, 1998, 1999}[i]));
    assert_non_null(find_target(&canvas, "layer", 17));
    assert_shows(&canvas, "0–699");
    assert_shows(&canvas, "of 32");
    canvas_done(&canvas);
    large_close(&large, &app);
}

static void press_any_keys(App *app, int n) {
    static const char *const KEYS[] = {"Right", "Left", "Up",     "Down",     "[", "]", "c", "n",
                                       "p",     "End",  "PageUp", "PageDown", "u", "x", "4", "5"};
    Canvas canvas = {0};
    for (int i = 0; i < n; i++) {
        app_key(app, KEYS[rand() % 16]);
        if (app->view != &VIEW_CACHE && app->view != &VIEW_COMPUTE) app_key(app, "4");
        canvas.ascii = rand() % 2;
        draw(app, &canvas, 24 + rand() % 47, 80 + rand() % 171);
        for (int row = 0; row < canvas.n_rows; row++) // the frame's right side is whole
            assert_string_not_equal(canvas_cell(&canvas, row, canvas.n_columns - 1)->glyph, row ? " " : "");
    }
    canvas_done(&canvas);
}

static void any_size_and_any_keys_draw_without_a_fault(void **state) {
    (void)state;
    static const char *const TRACES[] = {"tests/golden/story/trace.json", "tests/golden/screens/gqa.json",
                                         "tests/golden/screens/dates.json"};
    static const int SIZES[][4] = {{1, 1, 1, 2}, {80, 64, 64, 90}, {80, 64, 8, 5000}, {2, 64, 1, 300}};
    App app;
    srand(1);
    for (int i = 0; i < 3; i++) {
        Timeline *timeline = open_trace(&app, TRACES[i], "4");
        press_any_keys(&app, 300);
        app_done(&app);
        trace_free(timeline);
    }
    for (int i = 0; i < 4; i++) {
        Large large;
        large_open(&large, &app, SIZES[i][0], SIZES[i][1], SIZES[i][2], SIZES[i][3]);
        app_key(&app, "4");
        press_any_keys(&app, 300);
        large_close(&large, &app);
    }
}

static void before_the_first_step_the_views_say_what_to_do(void **state) {
    (void)state;
    App app;
    Canvas canvas = {0};
    Timeline *timeline = open_trace(&app, "tests/golden/story/trace.json", "4");
    app.step = -1;
    draw(&app, &canvas, 24, 80);
    assert_shows(&canvas, "→ runs the prefill");
    app_key(&app, "5");
    draw(&app, &canvas, 24, 80);
    assert_shows(&canvas, "→ runs the prefill");
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_counts_match_the_steps_bytes),
        cmocka_unit_test(recomputing_cached_slots_is_waste_and_computing_new_ones_is_not),
        cmocka_unit_test(clicks_lead_to_a_slots_token_and_to_a_layer),
        cmocka_unit_test(both_caches_of_an_encoder_decoder_have_their_bytes),
        cmocka_unit_test(a_large_cache_shows_its_newest_slots_and_the_selected_one),
        cmocka_unit_test(any_size_and_any_keys_draw_without_a_fault),
        cmocka_unit_test(before_the_first_step_the_views_say_what_to_do),
    };
    return cmocka_run_group_tests_name("the cache view", tests, NULL, NULL);
}
