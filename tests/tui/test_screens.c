// The screens against saved ones, drawn from a saved trace: no terminal, no model.
//
// A saved screen is the Canvas as text; under each line, one that gives each cell's role a letter. After a
// wanted change of the screen, `KVSTEP_UPDATE=1 make unit` writes them anew: look at the difference before
// committing it.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "traces/trace_read.h"
#include "tui/app/draw.h"
#include "tui/app/input.h"
#include "tui/app/view.h"
#include "tui/terminal/terminal_output.h"

static const char FOLDER[] = "tests/golden/screens";

static Timeline *read_trace(const char *path) {
    Error err;
    Timeline *timeline;
    if (!trace_read(&timeline, path, &err)) fail_msg("%s", err.text);
    return timeline;
}

static void compare(const char *found, const char *name) {
    if (getenv("KVSTEP_UPDATE")) {
        file_write_text(FOLDER, name, found);
        return;
    }
    char *expected = file_read(FOLDER, name, NULL);
    if (strcmp(found, expected) != 0) fail_msg("it is not the saved one, %s/%s:\n%s", FOLDER, name, found);
    free(expected);
}

static void assert_screen(const App *app, int n_rows, int n_columns, bool ascii, const char *name) {
    Canvas canvas = {.ascii = ascii};
    assert_true(canvas_resize(&canvas, n_rows, n_columns));
    app_draw(app, &canvas);
    char *found = canvas_to_text(&canvas, true);
    canvas_done(&canvas);
    compare(found, name);
    free(found);
}

// Opens the trace, presses the keys (names with blanks between them), and compares.
static void check_trace(const char *trace, const char *keys, int n_rows, int n_columns, bool ascii,
                        const char *name) {
    Error err;
    App app;
    char list[160], *rest = list;
    Timeline *timeline = read_trace(trace);
    assert_true(app_init(&app, &PROGRAM, timeline, NULL, &err));
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
    check_trace("tests/golden/screens/dates.json", "Right Right Right x", 24, 80, false,
                "dates-text-80x24.txt");
}

static void the_main_view_at_every_size(void **state) {
    (void)state;
    check("", 36, 120, false, "main-prefill-120x36.txt");
    check("Right Right Right Down ] ]", 24, 80, false, "main-80x24.txt");
    check("Right Right Right Down ] ]", 36, 120, false, "main-120x36.txt");
    check("End Left", 60, 200, false, "main-200x60.txt");
    check("End", 24, 80, true, "main-80x24-ascii.txt");
}

// Each of the others, some steps into the text, in a state that shows most of what it can.
static void every_other_view_at_every_size(void **state) {
    (void)state;
    static const struct {
        const char *name, *keys;
    } VIEWS_OF[] = {
        {"attention", "2 End j ] Up Right Right"},
        {"heads", "2 a End j ]"},
        {"stages", "3 n n n j Right Right Right"},
        {"cache", "4 End j"},
        {"compute", "5 End"},
        {"memory", "6 Down Down Right"},
        {"tokens", "7 End Down Down"},
        {"help", "?"},
        {"branches", "b"},
    };
    static const int SIZES[][2] = {{24, 80}, {36, 120}, {60, 200}};
    for (size_t v = 0; v < sizeof VIEWS_OF / sizeof *VIEWS_OF; v++)
        for (int size = 0; size < 3; size++) {
            char name[64];
            snprintf(name, sizeof name, "%s-%dx%d.txt", VIEWS_OF[v].name, SIZES[size][1], SIZES[size][0]);
            check(VIEWS_OF[v].keys, SIZES[size][0], SIZES[size][1], false, name);
        }
}

static void the_views_of_other_models(void **state) {
    (void)state;
    const char *gqa = "tests/golden/screens/gqa.json", *dates = "tests/golden/screens/dates.json";
    check_trace(gqa, "2 a Right Right ]", 36, 120, false, "gqa-heads-120x36.txt");
    check_trace(gqa, "4 Right", 24, 80, false, "gqa-cache-80x24.txt");
    check_trace(dates, "2 n n n", 36, 120, false, "dates-attention-120x36.txt");
    check_trace(dates, "4 n n n", 36, 120, false, "dates-cache-120x36.txt");
}

// A glyph of two columns that is put where one was expected would move the frame.
static void the_main_and_the_attention_view_in_chinese(void **state) {
    (void)state;
    assert_true(language_set("zh"));
    check("Right Right Right Down ] ]", 24, 80, false, "main-zh-80x24.txt");
    check("Right Right Right Down ] ]", 36, 120, false, "main-zh-120x36.txt");
    check("2 End j ] Up Right Right", 24, 80, false, "attention-zh-80x24.txt");
    check("2 End j ] Up Right Right", 36, 120, false, "attention-zh-120x36.txt");
}

static int speak_english(void **state) {
    (void)state;
    return language_set("en") ? 0 : -1;
}

static void the_command_line_offers_matching_commands_and_arguments(void **state) {
    (void)state;
    check("Right : s", 24, 80, false, "line-80x24.txt");
    check("Right : t h e m e Space", 24, 80, false, "line-theme-80x24.txt");
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

// What each role looks like, in every theme and for every number of colours: with the saved roles this is the
// whole screen.
static void the_themes_match_the_saved_ones(void **state) {
    (void)state;
    char found[1 << 16];
    size_t n = 0;
    for (int theme = 0; theme < THEME_COUNT; theme++)
        for (int role = 0; role < ROLE_COUNT; role++) {
            Look exact = theme_look((ThemeId)theme, (Role)role);
            n += (size_t)snprintf(found + n, sizeof found - n, "%s %d: %06x on %06x%s%s%s%s;",
                                  THEME_NAMES[theme], role, (unsigned)exact.foreground & 0xFFFFFF,
                                  (unsigned)exact.background & 0xFFFFFF, exact.bold ? " bold" : "",
                                  exact.dim ? " dim" : "", exact.reverse ? " reverse" : "",
                                  exact.underline ? " underline" : "");
            for (int colors = 8; colors <= 16; colors += 8) {
                Look few = theme_look_few((ThemeId)theme, (Role)role, colors);
                n += (size_t)snprintf(found + n, sizeof found - n, " %d of %d on %d%s;", few.foreground,
                                      colors, few.background, few.bold ? " bold" : "");
            }
            n += (size_t)snprintf(found + n, sizeof found - n, "\n");
        }
    compare(found, "themes.txt");
}

static const char *with_numbers(const char *string, int first, int second) {
    static char out[32];
    snprintf(out, sizeof out, string, first, second);
    return out;
}

static size_t bytes_sent(TerminalOutput *output, const App *app, Canvas *canvas) {
    output->n = 0;
    app_draw(app, canvas);
    terminal_output_draw(output, canvas, THEME_DARK);
    return output->n;
}

static void a_step_sends_less_than_half_of_the_screen_and_nothing_else_sends_nothing(void **state) {
    (void)state;
    TerminalOutput output = {
        .can = {.n_colors = TRUE_COLOR, .move = "\033[%d;%dH", .with_numbers = with_numbers}};
    Error err;
    App app;
    Canvas canvas = {0};
    Timeline *timeline = read_trace("tests/golden/story/trace.json");
    assert_true(app_init(&app, &PROGRAM, timeline, NULL, &err));
    assert_true(canvas_resize(&canvas, 24, 80));
    app_key(&app, "Right");
    size_t all = bytes_sent(&output, &app, &canvas);
    for (int i = 0; i < 8; i++) {
        app_key(&app, "Right");
        size_t step = bytes_sent(&output, &app, &canvas);
        if (step == 0 || step > all / 2)
            fail_msg("step %d sends %zu bytes, the whole screen %zu", i, step, all);
        assert_int_equal(bytes_sent(&output, &app, &canvas), 0);
    }
    canvas_done(&canvas);
    terminal_output_done(&output);
    app_done(&app);
    trace_free(timeline);
}

static void assert_no_control(const Canvas *canvas, const char *view) {
    for (int i = 0; i < canvas->n_rows * canvas->n_columns; i++)
        for (const char *c = canvas->cells[i].glyph; *c; c++)
            if ((unsigned char)*c < ' ' || *c == 0x7F)
                fail_msg("byte %02X is on the screen of the view %s", *c, view);
}

static void nothing_that_a_trace_says_reaches_the_terminal_as_an_escape_sequence(void **state) {
    (void)state;
    static const Text NASTY = {"\x1b[2J\x07\x9b\r\n", 8};
    Error err;
    App app;
    Canvas canvas = {0};
    Timeline *timeline = read_trace("tests/golden/screens/dates.json");
    snprintf(timeline->config.name, sizeof timeline->config.name, "%s", NASTY.bytes);
    for (int i = 0; i < timeline->n_tokens; i++) timeline->tokens[i].text = NASTY;
    for (int i = 0; i < timeline->n_source; i++) timeline->source[i].text = NASTY;
    for (int s = 0; s < timeline->n_steps; s++) {
        Step *step = timeline->steps[s];
        step->choice_text = NASTY;
        for (int i = 0; i < step->n_candidates; i++) step->candidate_texts[i] = NASTY;
    }
    assert_true(app_init(&app, &PROGRAM, timeline, NULL, &err));
    for (int i = 0; i < 2 * PROGRAM.n_views; i++) {
        if (i == PROGRAM.n_views) app_key(&app, "End");
        view_open(&app, PROGRAM.views[i % PROGRAM.n_views]);
        assert_true(canvas_resize(&canvas, 36, 120));
        app_draw(&app, &canvas);
        assert_no_control(&canvas, app.view->name);
    }
    canvas_done(&canvas);
    app_done(&app);
    trace_free(timeline);
}

// A cell that the screen shows may be clicked, whatever it is.
static void click_anywhere(App *app, const Canvas *canvas) {
    if (canvas->n_rows * canvas->n_columns > 0)
        app_click(app, canvas, rand() % canvas->n_rows, rand() % canvas->n_columns);
}

static void any_size_any_keys_and_any_click_draw_without_a_fault(void **state) {
    (void)state;
    static const char *const TRACES[] = {"tests/golden/story/trace.json", "tests/golden/screens/gqa.json",
                                         "tests/golden/screens/dates.json"};
    static const char *const OTHERS[] = {"Tab", "Enter", "é", "词", "Backspace", "x", "F5", "Ctrl-A", "9"};
    srand(1);
    for (int t = 0; t < 3; t++) {
        Error err;
        App app;
        Canvas canvas = {0};
        Timeline *timeline = read_trace(TRACES[t]);
        assert_true(app_init(&app, &PROGRAM, timeline, NULL, &err));
        for (int i = 0; i < 3000; i++) {
            const Binding *binding = &app.keys.bindings[(size_t)rand() % app.keys.n];
            const char *key = rand() % 8 == 0 ? OTHERS[rand() % 9] : binding->key;
            if (rand() % 4 == 0) click_anywhere(&app, &canvas);
            if (strcmp(key, "w") != 0 || app.line.is_open) app_key(&app, key); // nothing is to be saved
            if (app.line.is_open && strncmp(app.line.text, "s", 1) == 0) app_key(&app, "Escape");
            canvas.ascii = rand() % 2;
            assert_true(canvas_resize(&canvas, 1 + rand() % 70, 1 + rand() % 240));
            app_draw(&app, &canvas);
        }
        canvas_done(&canvas);
        app_done(&app);
        trace_free(timeline);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_main_view_at_every_size),
        cmocka_unit_test(every_other_view_at_every_size),
        cmocka_unit_test(the_views_of_other_models),
        cmocka_unit_test(query_heads_that_share_a_kv_head_are_named_together),
        cmocka_unit_test(an_encoder_decoder_shows_its_source_and_both_caches),
        cmocka_unit_test_teardown(the_main_and_the_attention_view_in_chinese, speak_english),
        cmocka_unit_test(the_command_line_offers_matching_commands_and_arguments),
        cmocka_unit_test(the_themes_match_the_saved_ones),
        cmocka_unit_test(a_step_sends_less_than_half_of_the_screen_and_nothing_else_sends_nothing),
        cmocka_unit_test(the_end_of_a_trace_says_so),
        cmocka_unit_test(a_screen_too_small_says_what_it_needs),
        cmocka_unit_test(nothing_that_a_trace_says_reaches_the_terminal_as_an_escape_sequence),
        cmocka_unit_test(any_size_any_keys_and_any_click_draw_without_a_fault),
    };
    return cmocka_run_group_tests_name("screens", tests, NULL, NULL);
}
