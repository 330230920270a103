// Draws the lesson's text beside the view, below it, or instead of it, depending on the size of the screen.
#ifndef KVSTEP_LESSON_PANE_H
#define KVSTEP_LESSON_PANE_H

#include "tui/app/app.h"

// When the view hides the text: draws the key that brings the text back, at column x of the last line.
// Returns the columns used.
int lesson_draw_way_back(const App *app, Canvas *canvas, int x, int end);

void lesson_draw(const App *app, Canvas *canvas);

// The scroll of the text when it is moved by so many lines, no further than there is text.
int lesson_scrolled(const App *app, int n_lines);

// The part of the screen that the view has; 0 rows where the text is in its place.
void lesson_view_size(const App *app, int *n_rows, int *n_columns);

#endif
