// What is sent to the terminal, read back by a small terminal of the test's own.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/terminal/terminal_output.h"

enum { ROWS = 12, COLUMNS = 40 };

// Understands moves, styles and text; remembers for each cell the text and the style that was on.
typedef struct Tiny {
    char glyphs[ROWS][COLUMNS][CELL_BYTES];
    Look looks[ROWS][COLUMNS];
    int row, column;
    Look look;
} Tiny;

static const char *with_numbers(const char *string, int first, int second) {
    static char out[32];
    snprintf(out, sizeof out, string, first, second);
    return out;
}

static const Capabilities CAN = {.n_colors = TRUE_COLOR, .move = "\033[%d;%dH", .with_numbers = with_numbers};

static void put_text(Tiny *tiny, const Canvas *canvas, const char **bytes) {
    const Cell *cell = canvas_cell(canvas, tiny->row, tiny->column); // says how long the glyph is
    size_t n = strlen(cell->glyph);
    assert_true(cell->width > 0 && tiny->column + cell->width <= COLUMNS);
    if (**bytes == ' ') n = 1; // a shade that is painted
    memcpy(tiny->glyphs[tiny->row][tiny->column], *bytes, n);
    tiny->glyphs[tiny->row][tiny->column][n] = '\0';
    tiny->looks[tiny->row][tiny->column] = tiny->look;
    tiny->column += cell->width;
    *bytes += n;
}

// The numbers of a style, up to its "m".
static void switch_look(Look *look, const char *numbers) {
    for (char *end; *numbers != 'm'; numbers = *end == ';' ? end + 1 : end) {
        long number = strtol(numbers, &end, 10);
        assert_ptr_not_equal(end, numbers);
        if (number == 0) *look = (Look){.foreground = COLOR_OWN, .background = COLOR_OWN};
        look->bold |= number == 1;
        look->dim |= number == 2;
        look->underline |= number == 4;
        look->reverse |= number == 7;
        if (number != 38 && number != 48) continue;
        int red, green, blue, used;
        assert_int_equal(sscanf(end, ";2;%d;%d;%d%n", &red, &green, &blue, &used), 3);
        *(number == 38 ? &look->foreground : &look->background) = red << 16 | green << 8 | blue;
        end += used;
    }
}

static void receive(Tiny *tiny, const Canvas *canvas, const TerminalOutput *output) {
    char *text = malloc(output->n + 1);
    memcpy(text, output->bytes ? output->bytes : "", output->n);
    text[output->n] = '\0';
    for (const char *next = text; *next;) {
        int used = 0, row, column;
        if (sscanf(next, "\033[%d;%dH%n", &row, &column, &used) == 2 && used > 0) {
            tiny->row = row, tiny->column = column;
            next += used;
        } else if (*next == '\033') {
            switch_look(&tiny->look, next + 2);
            next += strcspn(next, "m") + 1;
        } else {
            put_text(tiny, canvas, &next);
        }
    }
    free(text);
}

static bool is_shade(const char *glyph) {
    return strcmp(glyph, "░") == 0 || strcmp(glyph, "▒") == 0 || strcmp(glyph, "▓") == 0 ||
           strcmp(glyph, "█") == 0;
}

static void assert_shows(const Tiny *tiny, const Canvas *canvas, ThemeId theme) {
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            const Cell *cell = canvas_cell(canvas, row, column);
            if (cell->width == 0) continue;
            bool is_painted = cell->role >= ROLE_HEAT && is_shade(cell->glyph);
            assert_string_equal(tiny->glyphs[row][column], is_painted ? " " : cell->glyph);
            Look there = tiny->looks[row][column], wanted = theme_look(theme, (Role)cell->role);
            assert_true(there.foreground == wanted.foreground && there.background == wanted.background &&
                        there.bold == wanted.bold && there.underline == wanted.underline);
        }
}

static void scribble(Canvas *canvas) {
    static const char *const WORDS[] = {"a",    "token", "词",   "│", "e\xCC\x81",
                                        " the", "█",     "日本", "·", "   "};
    for (int i = rand() % 20; i >= 0; i--) {
        int row = rand() % ROWS, column = rand() % COLUMNS;
        if (rand() % 4 == 0)
            canvas_heat(canvas, row, column, 3, (rand() % 100) / 100.0, SCALE_ROOT);
        else
            canvas_print(canvas, row, column, COLUMNS - column, (Role)(rand() % ROLE_COUNT), "%s",
                         WORDS[rand() % 10]);
    }
}

static void the_bytes_sent_turn_one_screen_into_the_next(void **state) {
    (void)state;
    static Tiny tiny;
    TerminalOutput output = {.can = CAN};
    Canvas canvas = {0};
    assert_true(canvas_resize(&canvas, ROWS, COLUMNS));
    srand(7);
    for (int i = 0; i < 2000; i++) {
        if (i % 50 == 0) canvas_clear(&canvas);
        scribble(&canvas);
        output.n = 0;
        ThemeId theme = i / 500 % 2 ? THEME_LIGHT : THEME_DARK;
        terminal_output_draw(&output, &canvas, theme);
        receive(&tiny, &canvas, &output);
        assert_shows(&tiny, &canvas, theme);
    }
    canvas_done(&canvas);
    terminal_output_done(&output);
}

static void an_unchanged_screen_sends_nothing_and_a_changed_cell_sends_little(void **state) {
    (void)state;
    TerminalOutput output = {.can = CAN};
    Canvas canvas = {0};
    assert_true(canvas_resize(&canvas, ROWS, COLUMNS));
    terminal_output_draw(&output, &canvas, THEME_DARK);
    assert_true(output.n >= ROWS * COLUMNS);
    output.n = 0;
    terminal_output_draw(&output, &canvas, THEME_DARK);
    assert_int_equal(output.n, 0);
    canvas_print(&canvas, 3, 4, 1, ROLE_GOOD, "x");
    terminal_output_draw(&output, &canvas, THEME_DARK);
    assert_int_equal(output.n, strlen("\033[3;4H") + strlen(output.styles[ROLE_GOOD]) + 1);
    terminal_output_forget(&output);
    output.n = 0;
    terminal_output_draw(&output, &canvas, THEME_DARK);
    assert_true(output.n >= ROWS * COLUMNS);
    canvas_done(&canvas);
    terminal_output_done(&output);
}

static void colours_are_as_exact_as_the_terminal_can_show_them(void **state) {
    (void)state;
    Canvas canvas = {0};
    assert_true(canvas_resize(&canvas, 1, 1));
    const int COLORS[] = {TRUE_COLOR, 256, 8, 0};
    static const char *const EXPECTED[] = {"38;2;", "38;5;", "F", ""};
    for (int i = 0; i < 4; i++) {
        TerminalOutput output = {.can = CAN};
        output.can.n_colors = COLORS[i];
        output.can.foreground = "F%d";
        output.can.bold = "B$<2/>";
        terminal_output_draw(&output, &canvas, THEME_DARK);
        assert_non_null(strstr(output.styles[ROLE_BAD], EXPECTED[i]));
        assert_true(i < 3 || strcmp(output.styles[ROLE_BAD], "B") == 0); // bold, no colour, no pause
        terminal_output_done(&output);
    }
    canvas_done(&canvas);
}

// Lightness as eyes weigh the channels, 0 to 255.
static double lightness(int32_t color) {
    return 0.2126 * (color >> 16 & 0xFF) + 0.7152 * (color >> 8 & 0xFF) + 0.0722 * (color & 0xFF);
}

static void heat_rises_in_lightness_alone_and_text_on_it_can_be_read(void **state) {
    (void)state;
    for (int theme = 0; theme < THEME_MONO; theme++) {
        double sign = theme == THEME_LIGHT ? -1 : 1, before = -1000;
        for (int level = 0; level < HEAT_LEVELS; level++) {
            Look look = theme_look((ThemeId)theme, (Role)(ROLE_HEAT + level));
            double here = sign * lightness(look.background), text = sign * lightness(look.foreground);
            assert_true(here > before);
            assert_true(text - here > 60 || here - text > 60);
            before = here;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_sent_turn_one_screen_into_the_next),
        cmocka_unit_test(an_unchanged_screen_sends_nothing_and_a_changed_cell_sends_little),
        cmocka_unit_test(colours_are_as_exact_as_the_terminal_can_show_them),
        cmocka_unit_test(heat_rises_in_lightness_alone_and_text_on_it_can_be_read),
    };
    return cmocka_run_group_tests_name("terminal output", tests, NULL, NULL);
}
