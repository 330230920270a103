// Prose on a Canvas: texts with marks (lessons/lesson.h), broken into lines, one below the other.
#ifndef KVSTEP_PROSE_H
#define KVSTEP_PROSE_H

#include "tui/screen/canvas.h"

// Where texts go. Lines are counted from 0; those from `top` on are drawn, as many as the rectangle has.
typedef struct Flow {
    Canvas *canvas;
    Rect rect;
    int top, line;
    bool is_measured; // nothing is drawn: only the lines are counted
} Flow;

// Writes the text from column `indent` on; `label` stands before its first line, in the columns that end
// there.
void flow_text(Flow *flow, Role role, int indent, const char *label, const char *text);
// Lines as they are, cut where they do not fit.
void flow_lines(Flow *flow, Role role, int indent, const char *text);
// A row of a table, whose cells begin at these columns.
void flow_row(Flow *flow, Role role, const int *columns, int n, const char *text);
void flow_skip(Flow *flow, int n_lines);

// The columns that the widest cell of each column of these rows takes, up to n; returns how many columns
// there are.
int flow_columns(const Flow *flow, const char *text, int *widths, int n);

#endif
