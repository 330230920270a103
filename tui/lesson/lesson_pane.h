// The lesson's text beside the view, below it, or in its place, whichever the screen has room for.
#ifndef KVSTEP_LESSON_PANE_H
#define KVSTEP_LESSON_PANE_H

#include "tui/app/app.h"

// Where the view stands in the place of the text: the key that leads back, at column x of the last line.
// Returns its columns.
int lesson_draw_way_back(const App *app, Canvas *canvas, int x, int end);

void lesson_draw(const App *app, Canvas *canvas);

// The scroll of the text when it is moved by so many lines, no further than there is text.
int lesson_scrolled(const App *app, int n_lines);

// The part of the screen that the view has; 0 rows where the text is in its place.
void lesson_view_size(const App *app, int *n_rows, int *n_columns);

#endif
