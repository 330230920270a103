// The parts of the attention view. Each draws inside its rectangle when a Step is shown.
#ifndef KVSTEP_VIEWS_ATTENTION_H
#define KVSTEP_VIEWS_ATTENTION_H

#include <stddef.h>

#include "tui/app/app.h"
#include "tui/widgets/matrix.h"

// The numbers of the cell under the cursor, and of its row.
void attention_readout_draw(const App *app, Canvas *canvas, Rect rect);
// Every head of the layer as a small matrix. Writes what a glyph of them stands for, if it is more than one
// cell.
void attention_heads_draw(const App *app, Canvas *canvas, Rect rect, char *glyph, size_t size);

// The heat's scale, then what marks mean. m is the matrix that is shown, NULL: all heads are; then `glyph`
// says what one of their glyphs is.
void attention_legend_draw(const App *app, Canvas *canvas, Rect rect, const Matrix *m, const char *glyph);
// In one line, as far as it fits: which rows are this step's, and what is masked.
void attention_legend_line(const App *app, Canvas *canvas, Rect rect);

// How many query heads read the same keys and values.
int attention_group(const App *app);

#endif
