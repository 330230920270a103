// The tokens view's two parts: the table of the text's tokens, and the candidates of the shown Step.
#ifndef KVSTEP_TUI_TOKENS_H
#define KVSTEP_TUI_TOKENS_H

#include "tui/app/app.h"
#include "tui/screen/format.h"
#include "tui/widgets/token_label.h"

typedef struct Tokens {
    int candidate;            // the selected one of the shown Step's; it may be beyond the last
    const Timeline *timeline; // where it was selected: in another, the first is
} Tokens;

void tokens_table_draw(const App *app, Canvas *canvas, Rect rect);
void tokens_candidates_draw(const App *app, Canvas *canvas, Rect rect, int selected);
// Lines that the candidates take when none is left out.
int tokens_candidates_lines(const App *app);

// A token as it stands in the text: its spaces are seen, ␣ for each.
Label tokens_label(const Canvas *canvas, Text text, int id);

Formatted tokens_probability(float probability); // "0.8412", "3.1e-05"

#endif
