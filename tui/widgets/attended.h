// What the shown attention attends to, and its weights.
#ifndef KVSTEP_ATTENDED_H
#define KVSTEP_ATTENDED_H

#include "tui/app/app.h"

// The tokens that the shown attention attends to: the text, or the source of an encoder-decoder.
SiteId attended_site(const App *app);
int attended_count(const App *app); // how many tokens
const Token *attended_token(const App *app, int src);
// The first src that a row at `position` may attend to, and how many from there.
int attended_span(const App *app, int position, int *first);

// The attention weights of the shown Step's last row, in the shown layer and head: [attended_count()].
const float *attended_last_row(const App *app);

#endif
