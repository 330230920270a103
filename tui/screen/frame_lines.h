// The lines that divide a screen: a frame, and what runs across it, with titles in them.
#ifndef KVSTEP_FRAME_LINES_H
#define KVSTEP_FRAME_LINES_H

#include "tui/screen/canvas.h"

// The lines around a box, whose corners are its outermost cells; returns the rectangle inside.
Rect frame_box(Canvas *canvas, Rect box);

// For views that divide their inside: a line across it, joined to the frame, with `joint` at column `middle`
// (NULL: none).
void frame_line(Canvas *canvas, Rect inside, int row, int middle, const char *joint);
// A vertical line at `column` from the line at row `top` down to the foot, joined to both where no title or
// hint is.
void frame_split(Canvas *canvas, Rect inside, int column, int top);
// A vertical line at `column` between two rows, without them.
void frame_column(Canvas *canvas, int column, int row, int next_row);
// A title in such a line.
__attribute__((format(printf, 5, 6))) void frame_title(Canvas *canvas, int row, int column, int max_columns,
                                                       const char *format, ...);

#endif
