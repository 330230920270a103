// The parts of the attention view. Each draws inside its rectangle when a Step is shown.
#ifndef KVSTEP_VIEWS_ATTENTION_H
#define KVSTEP_VIEWS_ATTENTION_H

#include <stddef.h>

#include "tui/app/app.h"
#include "tui/widgets/matrix.h"

typedef struct Attention {
    int src; // the cursor's, which the row looks at; it may be beyond the last
    bool shows_all_heads;
} Attention;

// The numbers of the cell under the cursor, and of its row.
void attention_readout_draw(const App *app, Canvas *canvas, Rect rect, int src);
// What a glyph of a small matrix stands for; "" when that is one cell.
typedef struct AttentionGlyph {
    char words[80];
} AttentionGlyph;
// Every head of the layer as a small matrix. Writes what a glyph of them stands for, if it is more than one
// cell.
void attention_heads_draw(const App *app, Canvas *canvas, Rect rect, int src, AttentionGlyph *glyph);

// How many query heads read the same keys and values.
int attention_group(const App *app);

#endif
