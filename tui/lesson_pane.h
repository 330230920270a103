// The lesson's text beside the view, below it, or in its place, whichever the screen has room for.
#ifndef KVSTEP_LESSON_PANE_H
#define KVSTEP_LESSON_PANE_H

#include "app.h"

void lesson_draw(const App *app, Canvas *canvas);

#endif
