#include "tui/screen/svg.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CELL_WIDTH = 9, CELL_HEIGHT = 19, BASELINE = 14, FONT_SIZE = 15, MARGIN = 12 };

__attribute__((format(printf, 2, 3))) static void put(Output *output, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    output_write(output, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

// Mono has no colours of its own: on paper it is black on white, what is dim is grey, what is reversed white
// on black.
static Look look_of(ThemeId theme, Role role) {
    Look look = theme_look(theme, role);
    if (theme != THEME_MONO) return look;
    int32_t ink = look.dim ? 0x777777 : 0x000000, paper = 0xFFFFFF;
    look.foreground = look.reverse ? paper : ink;
    look.background = look.reverse ? ink : paper;
    return look;
}

static void put_glyph(Output *output, const char *glyph) {
    for (; *glyph; glyph++) {
        const char *entity = *glyph == '<' ? "&lt;" : *glyph == '>' ? "&gt;" : *glyph == '&' ? "&amp;" : NULL;
        if (entity)
            output_write(output, entity, strlen(entity));
        else
            output_write(output, glyph, 1);
    }
}

// The end of the run of cells that starts at `column` and looks the same all along.
static int run_end(const Canvas *canvas, int row, int column) {
    int end = column, role = canvas_cell(canvas, row, column)->role;
    while (end < canvas->n_columns && canvas_cell(canvas, row, end)->role == role) end++;
    return end;
}

// Every cell has a place of its own, so the columns stand whatever font there is.
static void put_text(Output *output, const Canvas *canvas, int row, int column, int end, const Look *look) {
    put(output, "<text y=\"%d\" fill=\"#%06x\"%s%s x=\"", MARGIN + row * CELL_HEIGHT + BASELINE,
        (unsigned)look->foreground, look->bold ? " font-weight=\"bold\"" : "",
        look->underline ? " text-decoration=\"underline\"" : "");
    for (int i = column; i < end; i++)
        if (canvas_cell(canvas, row, i)->width > 0) put(output, "%d ", MARGIN + i * CELL_WIDTH);
    put(output, "\">");
    for (int i = column; i < end; i++) {
        const Cell *cell = canvas_cell(canvas, row, i);
        put_glyph(output, look->is_painted && theme_is_shade(cell->glyph) ? " " : cell->glyph);
    }
    put(output, "</text>\n");
}

static bool is_blank(const Canvas *canvas, int row, int column, int end, bool is_painted) {
    for (int i = column; i < end; i++) {
        const char *glyph = canvas_cell(canvas, row, i)->glyph;
        if (strcmp(glyph, " ") != 0 && !(is_painted && theme_is_shade(glyph))) return false;
    }
    return true;
}

static void put_run(Output *output, const Canvas *canvas, int row, int column, int end, ThemeId theme) {
    Look look = look_of(theme, (Role)canvas_cell(canvas, row, column)->role),
         plain = look_of(theme, ROLE_TEXT);
    if (look.background != plain.background)
        put(output, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
            MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT, (end - column) * CELL_WIDTH,
            CELL_HEIGHT, (unsigned)look.background);
    while (column < end && is_blank(canvas, row, column, column + 1, look.is_painted)) column++;
    while (end > column && is_blank(canvas, row, end - 1, end, look.is_painted)) end--;
    if (column < end) put_text(output, canvas, row, column, end, &look);
}

void svg_write(Output *output, const Canvas *canvas, ThemeId theme) {
    Look plain = look_of(theme, ROLE_TEXT);
    int width = canvas->n_columns * CELL_WIDTH + 2 * MARGIN,
        height = canvas->n_rows * CELL_HEIGHT + 2 * MARGIN;
    put(output,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
        "xml:space=\"preserve\" "
        "font-family=\"'DejaVu Sans Mono','Noto Sans Mono CJK SC',Menlo,Consolas,monospace\" "
        "font-size=\"%d\">\n",
        width, height, width, height, FONT_SIZE);
    put(output, "<rect width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n", width, height,
        (unsigned)plain.background);
    for (int row = 0; row < canvas->n_rows; row++)
        for (int column = 0, end; column < canvas->n_columns; column = end) {
            end = run_end(canvas, row, column);
            put_run(output, canvas, row, column, end, theme);
        }
    put(output, "</svg>\n");
}
