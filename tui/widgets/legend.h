// The legend of the attention matrix: the heat's scale, then what marks mean.
#ifndef KVSTEP_LEGEND_H
#define KVSTEP_LEGEND_H

#include "tui/widgets/matrix.h"

// Of a matrix that is shown.
void legend_draw_matrix(const App *app, Canvas *canvas, Rect rect, const Matrix *m);
// Of all heads side by side; src: the cursor's; `glyph` says what one of their glyphs is, "" that it is a
// cell.
void legend_draw_heads(const App *app, Canvas *canvas, Rect rect, int src, const char *glyph);
// In one line, as far as it fits: which rows are this step's, and what is masked.
void legend_draw_line(const App *app, Canvas *canvas, Rect rect);

#endif
