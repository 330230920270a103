// Draws prose on a Canvas: texts with marks (lessons/lesson.h), wrapped into lines.
#ifndef KVSTEP_PROSE_H
#define KVSTEP_PROSE_H

#include "tui/screen/canvas.h"

// Where to draw. Lines are counted from 0; lines from `top` on are drawn, as many as fit the rectangle.
typedef struct Flow {
    Canvas *canvas;
    Rect rect;
    int top, line;
    bool is_measured; // only count the lines, draw nothing
} Flow;

// Writes the text indented by `indent` columns; `label` is right-aligned in the indent of the first line.
void flow_text(Flow *flow, Role role, int indent, const char *label, const char *text);
// Writes lines unchanged, truncated if too long.
void flow_lines(Flow *flow, Role role, int indent, const char *text);
// Writes a table row whose cells begin at these columns.
void flow_row(Flow *flow, Role role, const int *columns, int n, const char *text);
void flow_skip(Flow *flow, int n_lines);

// Sets widths[i] to the width of the widest cell in column i, for at most n columns; returns the number of
// columns.
int flow_columns(const Flow *flow, const char *text, int *widths, int n);

#endif
