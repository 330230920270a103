// The parts of the attention view. Each draws inside its rectangle when a Step is shown.
#ifndef KVSTEP_VIEWS_ATTENTION_H
#define KVSTEP_VIEWS_ATTENTION_H

#include <stddef.h>

#include "tui/app.h"

// The numbers of the cell under the cursor, and of its row.
void attention_readout_draw(const App *app, Canvas *canvas, Rect rect);
// Every head of the layer as a small matrix. Writes what a glyph of them stands for, if it is more than one cell.
void attention_heads_draw(const App *app, Canvas *canvas, Rect rect, char *glyph, size_t size);

// How many query heads read the same keys and values.
int attention_group(const App *app);

#endif
