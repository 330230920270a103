// The panels of the main view. Each draws inside a rectangle; the view draws the frame and titles around it.
#ifndef KVSTEP_PANEL_H
#define KVSTEP_PANEL_H

#include "tui/app/app.h"

void panel_text_draw(const App *app, Canvas *canvas, Rect rect);
void panel_attention_draw(const App *app, Canvas *canvas, Rect rect);
void panel_row_draw(const App *app, Canvas *canvas, Rect rect);
void panel_cache_draw(const App *app, Canvas *canvas, Rect rect);
void panel_compute_draw(const App *app, Canvas *canvas, Rect rect);
void panel_candidates_draw(const App *app, Canvas *canvas, Rect rect);

// Draws what a view shows before the first step: the state, what the "step" key does first and what next, and
// further lines separated by '\n'.
typedef struct Start {
    const char *now, *first, *then, *more;
} Start;
void panel_start_draw(const App *app, Canvas *canvas, Rect rect, const Start *start);

// The tokens that the shown attention attends to: the text, or the source of an encoder-decoder.
SiteId panel_weights_site(const App *app);
int panel_n_src(const App *app); // how many tokens
const Token *panel_src(const App *app, int src);
// The first src that a row at `position` may attend to, and how many from there.
int panel_visible(const App *app, int position, int *first);

// The attention weights of the shown Step's last row, in the shown layer and head: [panel_n_src()].
const float *panel_last_row(const App *app);

// A token as a label: its text without the leading space; ␣ if it is only a space, #id if there is no text,
// \xE4 for bytes of an incomplete character.
typedef struct Label {
    char text[64]; // printable UTF-8
} Label;
Label panel_label(const Canvas *canvas, Text text, int id);

#endif
