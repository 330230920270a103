// The App on a Canvas. Nothing of the App changes by it.
#ifndef KVSTEP_DRAW_H
#define KVSTEP_DRAW_H

#include "tui/app/app.h"

void app_draw(const App *app, Canvas *canvas);
// The view alone, without a lesson beside it and without the command line.
void app_draw_view(const App *app, Canvas *canvas);
// The part of the screen that the view has.
void app_view_size(const App *app, int *n_rows, int *n_columns);

#endif
