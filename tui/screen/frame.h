// What surrounds every view: the header, the frame with the tabs in its top line, and the bottom line with
// hints or a message.
//
//     kvstep story · MHA   step 3/9 · decode · position 7       cached = recomputed  max|Δ| 2e-06
//     ┌ title ─────────────────────────── 1 main  2 attention  3 stages ... ┐
//     │                                                                     │
//     └ → step  ← back  Space play ─────────────────────────────────────────┘
#ifndef KVSTEP_FRAME_H
#define KVSTEP_FRAME_H

#include "tui/app/app.h"

enum { FRAME_ROWS = 3, FRAME_COLUMNS = 4 }; // taken by the header and the frame

// Draws the frame for the App's view; returns the rectangle inside, one blank column away from the frame on
// both sides.
Rect frame_draw(const App *app, Canvas *canvas);

// Draws a border along the outermost cells of the box; returns the rectangle inside.
Rect frame_box(Canvas *canvas, Rect box);

// Draws a horizontal line across a view, joined to the frame, with `joint` at column `middle` (NULL: none).
void frame_line(Canvas *canvas, Rect inside, int row, int middle, const char *joint);
// Draws a vertical line at `column` from the line at row `top` down to the bottom line, joined to both unless
// a title or hint is there.
void frame_split(Canvas *canvas, Rect inside, int column, int top);
// Draws a vertical line at `column` between two rows, exclusive.
void frame_column(Canvas *canvas, int column, int row, int next_row);
// Draws a title in such a line.
__attribute__((format(printf, 5, 6))) void frame_title(Canvas *canvas, int row, int column, int max_columns,
                                                       const char *format, ...);

#endif
