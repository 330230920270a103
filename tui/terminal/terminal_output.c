#include "tui/terminal/terminal_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR = 4 }; // unchanged cells that are cheaper sent again than stepped over

static void put(TerminalOutput *output, const char *bytes) {
    size_t n = strlen(bytes);
    if (output->n + n > output->capacity) {
        size_t capacity = 2 * output->capacity + n + 4096;
        char *grown = realloc(output->bytes, capacity);
        output->no_memory = output->no_memory || !grown;
        if (!grown) return;
        output->bytes = grown;
        output->capacity = capacity;
    }
    memcpy(output->bytes + output->n, bytes, n);
    output->n += n;
}

void terminal_output_strip_delays(char *sequence) {
    for (char *delay = sequence, *end; (delay = strstr(delay, "$<")) && (end = strchr(delay, '>'));)
        memmove(delay, end + 1, strlen(end + 1) + 1);
}

// ---- styles -------------------------------------------------------------------------------------

static int put_color(char *out, size_t size, int what, int32_t color, bool is_exact) {
    if (color == COLOR_OWN) return 0;
    if (is_exact)
        return snprintf(out, size, ";%d;2;%d;%d;%d", what, color >> 16 & 0xFF, color >> 8 & 0xFF,
                        color & 0xFF);
    return snprintf(out, size, ";%d;5;%d", what, theme_nearest_256(color));
}

enum { FOREGROUND = 38, BACKGROUND = 48 };

// One sequence for all of it, as every terminal with 256 colours and more understands.
static void style_in_many_colors(char *out, size_t size, const Look *look, bool is_exact) {
    int n = snprintf(out, size, "\033[0%s%s%s%s", look->bold ? ";1" : "", look->dim ? ";2" : "",
                     look->underline ? ";4" : "", look->reverse ? ";7" : "");
    n += put_color(out + n, size - (size_t)n, FOREGROUND, look->foreground, is_exact);
    n += put_color(out + n, size - (size_t)n, BACKGROUND, look->background, is_exact);
    snprintf(out + n, size - (size_t)n, "m");
}

static void style_by_terminfo(const Capabilities *can, char *out, size_t size, const Look *look) {
    const char *const parts[] = {can->reset, look->bold ? can->bold : NULL, look->dim ? can->dim : NULL,
                                 look->underline ? can->underline : NULL,
                                 look->reverse ? can->reverse : NULL};
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i] && n < size) n += (size_t)snprintf(out + n, size - n, "%s", parts[i]);
    terminal_output_strip_delays(out);
    n = strlen(out);
    if (can->n_colors < 8) return;
    if (look->foreground >= 0 && can->foreground && n < size)
        n += (size_t)snprintf(out + n, size - n, "%s",
                              can->with_numbers(can->foreground, look->foreground, 0));
    if (look->background >= 0 && can->background && n < size)
        snprintf(out + n, size - n, "%s", can->with_numbers(can->background, look->background, 0));
}

static void make_styles(TerminalOutput *output, ThemeId theme) {
    const Capabilities *can = &output->can;
    for (int role = 0; role < ROLE_COUNT; role++) {
        bool has_many = can->n_colors >= 256 && theme != THEME_MONO;
        Look *look = &output->looks[role];
        *look = has_many ? theme_look(theme, (Role)role) : theme_look_few(theme, (Role)role, can->n_colors);
        if (has_many)
            style_in_many_colors(output->styles[role], sizeof output->styles[role], look,
                                 can->n_colors == TRUE_COLOR);
        else
            style_by_terminfo(can, output->styles[role], sizeof output->styles[role], look);
    }
    output->theme = theme;
    output->has_styles = true;
}

// ---- cells --------------------------------------------------------------------------------------

// Most neighbours differ in the foreground alone, which is a third of the bytes.
static void switch_role(TerminalOutput *output, int role) {
    const Look *a = output->role >= 0 ? &output->looks[output->role] : NULL, *b = &output->looks[role];
    bool has_many = output->can.n_colors >= 256 && output->theme != THEME_MONO;
    if (a && has_many && a->background == b->background && a->bold == b->bold && a->dim == b->dim &&
        a->underline == b->underline && a->reverse == b->reverse) {
        char color[32] = "\033[";
        int n = put_color(color + 1, sizeof color - 1, FOREGROUND, b->foreground,
                          output->can.n_colors == TRUE_COLOR);
        color[1] = '['; // in the place of the ";"
        snprintf(color + 1 + n, sizeof color - 1 - (size_t)n, "m");
        if (a->foreground != b->foreground) put(output, color);
    } else {
        put(output, output->styles[role]);
    }
    output->role = role;
}

static void put_cell(TerminalOutput *output, const Cell *cell) {
    if (output->role != cell->role) switch_role(output, cell->role);
    put(output, output->looks[cell->role].is_painted && theme_is_shade(cell->glyph) ? " " : cell->glyph);
    output->column += cell->width;
    // a terminal may think otherwise of the columns of a wide or combined glyph
    size_t plain = (unsigned char)cell->glyph[0] < 0x80 ? 1 : 3;
    if (cell->width != 1 || strlen(cell->glyph) > plain) output->row = -1;
}

static void move_to(TerminalOutput *output, const Canvas *canvas, int row, int column) {
    int gap = column - output->column;
    if (output->row == row && gap == 0) return;
    bool is_near = output->row == row && gap > 0 && gap <= NEAR;
    for (int i = 0; is_near && i < gap; i++) {
        const Cell *cell = canvas_cell(canvas, row, output->column + i);
        is_near = cell->role == output->role && cell->width == 1;
    }
    if (!is_near) {
        put(output, output->can.with_numbers(output->can.move, row, column));
        output->row = row;
        output->column = column;
    }
    while (output->column < column) put_cell(output, canvas_cell(canvas, row, output->column));
}

static bool is_same(const Cell *a, const Cell *b) {
    return a->role == b->role && a->width == b->width && strcmp(a->glyph, b->glyph) == 0;
}

void terminal_output_draw(TerminalOutput *output, const Canvas *canvas, ThemeId theme) {
    Canvas *shown = &output->shown;
    bool is_fresh =
        canvas->n_rows != shown->n_rows || canvas->n_columns != shown->n_columns || output->no_memory;
    if (is_fresh && !canvas_resize(shown, canvas->n_rows, canvas->n_columns)) output->no_memory = true;
    if (!output->has_styles || output->theme != theme) {
        make_styles(output, theme);
        is_fresh = true;
    }
    bool remembers = shown->n_rows == canvas->n_rows;
    output->no_memory = !remembers;
    output->row = output->role = -1;
    for (int row = 0; row < canvas->n_rows; row++)
        for (int column = 0; column < canvas->n_columns; column++) {
            const Cell *cell = canvas_cell(canvas, row, column);
            Cell *before = remembers ? &shown->cells[row * canvas->n_columns + column] : NULL;
            if (before && !is_fresh && is_same(before, cell)) continue;
            if (before) *before = *cell;
            if (cell->width == 0) continue;
            move_to(output, canvas, row, column);
            put_cell(output, cell);
        }
}

void terminal_output_forget(TerminalOutput *output) {
    canvas_done(&output->shown);
}

void terminal_output_done(TerminalOutput *output) {
    canvas_done(&output->shown);
    free(output->bytes);
    *output = (TerminalOutput){0};
}
