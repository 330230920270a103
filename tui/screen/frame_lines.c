#include "tui/screen/frame_lines.h"

#include <stdarg.h>
#include <stdio.h>

void frame_line(Canvas *canvas, Rect inside, int row, int middle, const char *joint) {
    int left = inside.column - 2, right = inside.column + inside.n_columns + 1;
    for (int column = left + 1; column < right; column++)
        canvas_print(canvas, row, column, 1, ROLE_FRAME, "─");
    canvas_print(canvas, row, left, 1, ROLE_FRAME, "├");
    canvas_print(canvas, row, right, 1, ROLE_FRAME, "┤");
    if (joint) canvas_print(canvas, row, middle, 1, ROLE_FRAME, "%s", joint);
}

void frame_column(Canvas *canvas, int column, int row, int next_row) {
    while (++row < next_row) canvas_print(canvas, row, column, 1, ROLE_FRAME, "│");
}

static void draw_joint(Canvas *canvas, int row, int column, const char *joint) {
    if (canvas_cell(canvas, row, column)->role == ROLE_FRAME)
        canvas_print(canvas, row, column, 1, ROLE_FRAME, "%s", joint);
}

void frame_split(Canvas *canvas, Rect inside, int column, int top) {
    int bottom = inside.row + inside.n_rows;
    frame_column(canvas, column, top, bottom);
    draw_joint(canvas, top, column, "┬");
    draw_joint(canvas, bottom, column, "┴");
}

void frame_title(Canvas *canvas, int row, int column, int max_columns, const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    canvas_print(canvas, row, column, max_columns, ROLE_TITLE, " %s ", text);
}

Rect frame_box(Canvas *canvas, Rect box) {
    Rect inside = {box.row + 1, box.column + 2, box.n_rows - 2, box.n_columns - 4};
    int bottom = box.row + box.n_rows - 1, right = box.column + box.n_columns - 1;
    frame_line(canvas, inside, box.row, 0, NULL);
    frame_line(canvas, inside, bottom, 0, NULL);
    frame_column(canvas, box.column, box.row, bottom);
    frame_column(canvas, right, box.row, bottom);
    canvas_print(canvas, box.row, box.column, 1, ROLE_FRAME, "┌");
    canvas_print(canvas, box.row, right, 1, ROLE_FRAME, "┐");
    canvas_print(canvas, bottom, box.column, 1, ROLE_FRAME, "└");
    canvas_print(canvas, bottom, right, 1, ROLE_FRAME, "┘");
    return inside;
}
