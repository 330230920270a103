// The panels of the main view. Each draws inside a rectangle; the frame and the titles around it are the
// view's.
#ifndef KVSTEP_PANEL_H
#define KVSTEP_PANEL_H

#include "tui/app/app.h"

void panel_text_draw(const App *app, Canvas *canvas, Rect rect);
void panel_attention_draw(const App *app, Canvas *canvas, Rect rect);
void panel_row_draw(const App *app, Canvas *canvas, Rect rect);
void panel_cache_draw(const App *app, Canvas *canvas, Rect rect);
void panel_compute_draw(const App *app, Canvas *canvas, Rect rect);
void panel_candidates_draw(const App *app, Canvas *canvas, Rect rect);

// What a view shows before the first step: how things are, what the key of "step" does first and what then,
// and further lines with '\n' between them.
typedef struct Start {
    const char *now, *first, *then, *more;
} Start;
void panel_start_draw(const App *app, Canvas *canvas, Rect rect, const Start *start);

// What the shown attention looks at: the text, or the source of an encoder-decoder.
SiteId panel_weights_site(const App *app);
int panel_n_src(const App *app); // how many tokens
const Token *panel_src(const App *app, int src);
// The first src that a row at `position` may look at, and how many from there.
int panel_visible(const App *app, int position, int *first);

// The attention weights of the shown Step's last row, in the shown layer and head: [panel_n_src()].
const float *panel_last_row(const App *app);

// A token as a label: its text without the space before it; ␣ when there is nothing else, #id when there is
// no text, \xE4 for bytes that are only part of a character.
typedef struct Label {
    char text[64]; // printable UTF-8
} Label;
Label panel_label(const Canvas *canvas, Text text, int id);

#endif
