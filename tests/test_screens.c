// The screens against saved ones, drawn from a saved trace: no terminal, no model.
//
// A saved screen is the Canvas as text; under each line, one that gives each cell's role a letter. After a wanted change
// of the screen, `KVSTEP_UPDATE=1 make unit` writes them anew: look at the difference before committing it.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/trace_read.h"
#include "tui/app.h"
#include "tui/view.h"

static const char FOLDER[] = "tests/golden/screens";

static Timeline *read_trace(const char *path) {
    Error err;
    Timeline *timeline;
    if (!trace_read(&timeline, path, &err)) fail_msg("%s", err.text);
    return timeline;
}

static void assert_screen(const App *app, int n_rows, int n_columns, bool ascii, const char *name) {
    Canvas canvas = {.ascii = ascii};
    assert_true(canvas_resize(&canvas, n_rows, n_columns));
    app_draw(app, &canvas);
    char *found = canvas_to_text(&canvas, true);
    canvas_done(&canvas);
    if (getenv("KVSTEP_UPDATE")) {
        file_write_text(FOLDER, name, found);
    } else {
        char *expected = file_read(FOLDER, name, NULL);
        if (strcmp(found, expected) != 0) fail_msg("the screen is not the saved one, %s/%s:\n%s", FOLDER, name, found);
        free(expected);
    }
    free(found);
}

// Opens the trace, presses the keys (names with blanks between them), and compares.
static void check_trace(const char *trace, const char *keys, int n_rows, int n_columns, bool ascii, const char *name) {
    Error err;
    App app;
    char list[160], *rest = list;
    Timeline *timeline = read_trace(trace);
    assert_true(app_init(&app, timeline, NULL, &err));
    snprintf(list, sizeof list, "%s", keys);
    for (char *key; (key = strtok_r(rest, " ", &rest));) app_key(&app, key);
    assert_screen(&app, n_rows, n_columns, ascii, name);
    app_done(&app);
    trace_free(timeline);
}

static void check(const char *keys, int n_rows, int n_columns, bool ascii, const char *name) {
    check_trace("tests/golden/story/trace.json", keys, n_rows, n_columns, ascii, name);
}

static void query_heads_that_share_a_kv_head_are_named_together(void **state) {
    (void)state;
    check_trace("tests/golden/screens/gqa.json", "Right Right ]", 36, 120, false, "gqa-120x36.txt");
}

static void an_encoder_decoder_shows_its_source_and_both_caches(void **state) {
    (void)state;
    check_trace("tests/golden/screens/dates.json", "Right Right Right", 36, 120, false, "dates-120x36.txt");
    check_trace("tests/golden/screens/dates.json", "Right Right Right x", 24, 80, false, "dates-text-80x24.txt");
}

static void the_prefill_at_120_by_36(void **state) {
    (void)state;
    check("", 36, 120, false, "prefill-120x36.txt");
}

static void a_decode_step_at_120_by_36(void **state) {
    (void)state;
    check("Right Right Right Down ] ]", 36, 120, false, "decode-120x36.txt");
}

static void the_last_step_at_80_by_24(void **state) {
    (void)state;
    check("End Up [", 24, 80, false, "last-80x24.txt");
}

static void the_last_step_in_ascii(void **state) {
    (void)state;
    check("End", 24, 80, true, "last-80x24-ascii.txt");
}

static void a_step_back_from_the_end_on_a_wall(void **state) {
    (void)state;
    check("End Left", 60, 200, false, "back-200x60.txt");
}

static void the_help_at_80_by_24(void **state) {
    (void)state;
    check("?", 24, 80, false, "help-80x24.txt");
}

static void the_end_of_a_trace_says_so(void **state) {
    (void)state;
    check("End Right", 24, 80, false, "end-80x24.txt");
}

static void a_screen_too_small_says_what_it_needs(void **state) {
    (void)state;
    check("", 23, 80, false, "small-80x23.txt");
    check("", 10, 20, false, "small-20x10.txt");
}

static void any_size_and_any_keys_draw_without_a_fault(void **state) {
    (void)state;
    static const char *const KEYS[] = {"Right", "Left", "Up", "Down", "[", "]", "Space", "?", "Home", "End", "x", "Escape"};
    Error err;
    App app;
    Canvas canvas = {0};
    Timeline *timeline = read_trace("tests/golden/story/trace.json");
    assert_true(app_init(&app, timeline, NULL, &err));
    srand(1);
    for (int i = 0; i < 3000; i++) {
        app_key(&app, KEYS[rand() % 12]);
        canvas.ascii = rand() % 2;
        assert_true(canvas_resize(&canvas, 1 + rand() % 70, 1 + rand() % 240));
        app_draw(&app, &canvas);
    }
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prefill_at_120_by_36),
        cmocka_unit_test(a_decode_step_at_120_by_36),
        cmocka_unit_test(the_last_step_at_80_by_24),
        cmocka_unit_test(query_heads_that_share_a_kv_head_are_named_together),
        cmocka_unit_test(an_encoder_decoder_shows_its_source_and_both_caches),
        cmocka_unit_test(the_last_step_in_ascii),
        cmocka_unit_test(a_step_back_from_the_end_on_a_wall),
        cmocka_unit_test(the_help_at_80_by_24),
        cmocka_unit_test(the_end_of_a_trace_says_so),
        cmocka_unit_test(a_screen_too_small_says_what_it_needs),
        cmocka_unit_test(any_size_and_any_keys_draw_without_a_fault),
    };
    return cmocka_run_group_tests_name("screens", tests, NULL, NULL);
}
