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

#endif
