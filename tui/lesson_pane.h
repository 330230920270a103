// The lesson's text beside the view, below it, or in its place, whichever the screen has room for.
#ifndef KVSTEP_LESSON_PANE_H
#define KVSTEP_LESSON_PANE_H

#include "app.h"

void lesson_draw(const App *app, Canvas *canvas);

// The part of the screen that the view has; 0 rows where the text is in its place.
void lesson_view_size(const App *app, int *n_rows, int *n_columns);

#endif
