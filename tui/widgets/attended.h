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

// One row of a site with a number for each key (attention, scores, cross-attention's), in the shown layer.
typedef struct AttendedRow {
    const Step *step;     // that computed it; NULL: none has
    const float *numbers; // by column; NULL: not recorded
    bool is_cross;
} AttendedRow;

AttendedRow attended_row(const App *app, SiteId site, int head, int position);
// The attention weights of the shown Step's last row, in the shown layer and head.
AttendedRow attended_last_row(const App *app);
// The number for a token; 0 when it has no column in this row, or nothing was recorded.
float attended_at(const AttendedRow *row, int src);

// Says in the middle of a rectangle that a fact is not in this run, such as _("attention weights").
void attended_draw_missing(Canvas *canvas, Rect rect, const char *what);

#endif
