// What stands in a view before the first step has run.
#ifndef KVSTEP_START_H
#define KVSTEP_START_H

#include "tui/app/app.h"

// Draws what a view shows before the first step: the state, what the "step" key does first and what next, and
// further lines separated by '\n'.
typedef struct Start {
    const char *now, *first, *then, *more;
} Start;
void start_draw(const App *app, Canvas *canvas, Rect rect, const Start *start);

#endif
