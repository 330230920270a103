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

#endif
