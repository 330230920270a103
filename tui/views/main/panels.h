// The panels of the main view. Each draws inside a rectangle; the view draws the frame and titles around it.
#ifndef KVSTEP_PANELS_H
#define KVSTEP_PANELS_H

#include "tui/app/app.h"

void panel_text_draw(const App *app, Canvas *canvas, Rect rect);
void panel_attention_draw(const App *app, Canvas *canvas, Rect rect);
void panel_row_draw(const App *app, Canvas *canvas, Rect rect);
void panel_cache_draw(const App *app, Canvas *canvas, Rect rect);
void panel_compute_draw(const App *app, Canvas *canvas, Rect rect);
void panel_candidates_draw(const App *app, Canvas *canvas, Rect rect);

#endif
