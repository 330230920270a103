// What stands around every view: the header, the frame with the tabs in its top line, the foot with hints or
// a message.
//
//     kvstep story · MHA   step 3/9 · decode · position 7       cached = recomputed  max|Δ| 2e-06
//     ┌ title ─────────────────────────── 1 main  2 attention  3 stages ... ┐
//     │                                                                     │
//     └ → step  ← back  Space play ─────────────────────────────────────────┘
#ifndef KVSTEP_FRAME_H
#define KVSTEP_FRAME_H

#include "tui/app/app.h"

enum { FRAME_ROWS = 3, FRAME_COLUMNS = 4 }; // that are not inside

// Draws it for the App's view and returns the rectangle inside, a blank column away from the frame at both
// sides.
Rect frame_draw(const App *app, Canvas *canvas);

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
