// The Canvas: what is drawn where, and what never gets through.
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "tui/screen/canvas.h"
#include "tui/screen/format.h"

static Canvas canvas_of(int n_rows, int n_columns, bool ascii) {
    Canvas canvas = {.ascii = ascii};
    assert_true(canvas_resize(&canvas, n_rows, n_columns));
    return canvas;
}

static void assert_shows(Canvas *canvas, const char *expected) {
    char *text = canvas_to_text(canvas, false);
    assert_string_equal(text, expected);
    free(text);
    canvas_done(canvas);
}

static void text_is_cut_at_its_width_and_at_the_edge(void **state) {
    (void)state;
    Canvas canvas = canvas_of(2, 6, false);
    assert_int_equal(canvas_print(&canvas, 0, 0, 3, ROLE_TEXT, "abcdef"), 3);
    assert_int_equal(canvas_print(&canvas, 1, 4, 99, ROLE_TEXT, "xyz"), 2);
    canvas_print(&canvas, 2, 0, 9, ROLE_TEXT, "below");
    canvas_print(&canvas, -1, 0, 9, ROLE_TEXT, "above");
    canvas_print(&canvas, 0, 9, 9, ROLE_TEXT, "beside");
    assert_shows(&canvas, "abc\n    xy\n");
}

static void a_character_that_a_format_has_cut_ends_the_text(void **state) {
    (void)state;
    Canvas canvas = canvas_of(2, 8, false);
    assert_int_equal(canvas_print(&canvas, 0, 0, 8, ROLE_TEXT, "ab\xE6\x97"), 2);
    assert_int_equal(canvas_print(&canvas, 1, 0, 8, ROLE_TEXT, "\xE2"), 0);
    assert_shows(&canvas, "ab\n\n");
}

static void wide_and_combining_characters_keep_their_columns(void **state) {
    (void)state;
    Canvas canvas = canvas_of(3, 8, false);
    assert_int_equal(canvas_print(&canvas, 0, 0, 8, ROLE_TEXT, "日本x"), 5);
    assert_int_equal(canvas_print(&canvas, 1, 0, 3, ROLE_TEXT, "日本"), 2); // the second does not fit by half
    assert_int_equal(canvas_print(&canvas, 2, 0, 8, ROLE_TEXT, "e\u0301f"), 2);
    assert_int_equal(canvas_cell(&canvas, 0, 1)->width, 0);
    assert_shows(&canvas, "日本x\n日\ne\u0301f\n");
}

static void a_combining_mark_by_itself_does_not_change_what_stands_before_it(void **state) {
    (void)state;
    Canvas canvas = canvas_of(1, 8, false);
    canvas_print(&canvas, 0, 0, 8, ROLE_TEXT, "e");
    assert_int_equal(canvas_print(&canvas, 0, 1, 7, ROLE_TEXT, "\u0301f"), 2);
    assert_shows(&canvas, "e◌\u0301f\n");
}

static void drawing_over_half_of_a_wide_character_takes_the_other_half_away(void **state) {
    (void)state;
    Canvas canvas = canvas_of(2, 4, false);
    canvas_print(&canvas, 0, 0, 4, ROLE_TEXT, "日本");
    canvas_print(&canvas, 0, 1, 1, ROLE_TEXT, "x");
    canvas_print(&canvas, 1, 0, 4, ROLE_TEXT, "日本");
    canvas_print(&canvas, 1, 2, 1, ROLE_TEXT, "y");
    assert_shows(&canvas, " x本\n日y\n");
}

static void escape_sequences_in_a_text_are_shown_and_not_obeyed(void **state) {
    (void)state;
    static const char NASTY[] = "\x1b[2J\x07\x9b"
                                "31m\r\n\u202e\x7f";
    Canvas canvas = canvas_of(1, 60, false);
    canvas_text(&canvas, 0, 0, 60, ROLE_TEXT, (Text){NASTY, sizeof NASTY - 1});
    char *text = canvas_to_text(&canvas, false);
    for (const unsigned char *c = (unsigned char *)text; *c && *c != '\n'; c++)
        assert_true(*c >= 0x20 && *c != 0x7f);
    assert_null(strstr(text, "\u202e"));
    assert_null(strstr(text, "\xc2\x9b"));
    assert_non_null(strstr(text, "[2J"));
    free(text);
    canvas_done(&canvas);
}

static void without_utf8_every_glyph_is_ascii_and_takes_one_column(void **state) {
    (void)state;
    Canvas canvas = canvas_of(2, 12, true);
    assert_int_equal(canvas_print(&canvas, 0, 0, 12, ROLE_TEXT, "┌─ Δ→■ 日 é"), 10);
    canvas_text(&canvas, 1, 0, 12, ROLE_TEXT, text_from("日é"));
    assert_shows(&canvas, "+- d># ? ?\n??\n");
}

static void a_bar_is_as_long_as_its_value_to_an_eighth(void **state) {
    (void)state;
    Canvas canvas = canvas_of(6, 8, false);
    static const double VALUES[] = {0, 1, 0.5, 0.0625 + 0.015625, 7, -1};
    for (int i = 0; i < 6; i++) canvas_bar(&canvas, i, 0, 8, ROLE_TEXT, VALUES[i]);
    assert_shows(&canvas, "\n████████\n████\n▋\n████████\n\n");
}

static void heat_rises_with_the_weight_in_colour_and_in_shade(void **state) {
    (void)state;
    static const char *const SHADES[] = {" ", "░", "▒", "▓", "█"};
    Canvas canvas = canvas_of(1, 101, false);
    int role = 0, shade = 0;
    for (int i = 0; i <= 100; i++) {
        canvas_heat(&canvas, 0, i, 1, i / 100.0, SCALE_ROOT);
        const Cell *cell = canvas_cell(&canvas, 0, i);
        int now = 0;
        while (strcmp(SHADES[now], cell->glyph) != 0) assert_true(++now < 5);
        assert_true(cell->role >= role && now >= shade);
        role = cell->role, shade = now;
    }
    assert_int_equal(role, ROLE_HEAT + HEAT_LEVELS - 1);
    assert_int_equal(shade, 4);
    canvas_done(&canvas);
}

static void numbers_are_formatted_as_people_write_them(void **state) {
    (void)state;
    assert_string_equal(format_grouped(36864).text, "36,864");
    assert_string_equal(format_grouped(-1234567).text, "-1,234,567");
    assert_string_equal(format_grouped(999).text, "999");
    assert_string_equal(format_count(0).text, "0");
    assert_string_equal(format_count(999.6).text, "1.00 k");
    assert_string_equal(format_count(1.9e6).text, "1.90 M");
    assert_string_equal(format_bytes(17180000000).text, "17.2 GB");
    assert_string_equal(format_bytes(12).text, "12 B");
    assert_string_equal(format_time(41230).text, "41.2 µs");
    assert_string_equal(format_time(-1).text, "not run");
    assert_string_equal(format_ratio(9, 1).text, "9.0×");
    assert_string_equal(format_ratio(1, 0).text, "—");
    assert_string_equal(format_ratio(-1, 3).text, "—");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_at_its_width_and_at_the_edge),
        cmocka_unit_test(a_character_that_a_format_has_cut_ends_the_text),
        cmocka_unit_test(wide_and_combining_characters_keep_their_columns),
        cmocka_unit_test(a_combining_mark_by_itself_does_not_change_what_stands_before_it),
        cmocka_unit_test(drawing_over_half_of_a_wide_character_takes_the_other_half_away),
        cmocka_unit_test(escape_sequences_in_a_text_are_shown_and_not_obeyed),
        cmocka_unit_test(without_utf8_every_glyph_is_ascii_and_takes_one_column),
        cmocka_unit_test(a_bar_is_as_long_as_its_value_to_an_eighth),
        cmocka_unit_test(heat_rises_with_the_weight_in_colour_and_in_shade),
        cmocka_unit_test(numbers_are_formatted_as_people_write_them),
    };
    return cmocka_run_group_tests_name("canvas", tests, NULL, NULL);
}
