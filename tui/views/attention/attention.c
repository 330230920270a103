// The attention view: one head's matrix with a cursor and what the cell under it is made of, or all heads
// side by side.
//
//     ┌ attention · layer 1 head 2 ──────────────────────┬───────────────┐
//     │               Once upon a  time                  │ row 1  upon   │
//     │   0 Once       ██  ╱╱  ╱╱  ╱╱                    │ src 0  Once   │
//     │ ▸ 1 upon       ▓▓  ░░  ╱╱  ╱╱                    │ q·k     1.234 │
//     │ legend                                           │ ...           │
//     └──────────────────────────────────────────────────┴───────────────┘
#include "tui/views/attention/attention.h"

#include <stdio.h>

#include "tui/app/view.h"
#include "tui/screen/frame_lines.h"
#include "tui/widgets/matrix.h"
#include "tui/widgets/panel.h"

enum { N_LEGEND = 3 };

static void title(const App *app, char *title, size_t size) {
    const char *what = app->is_cross ? _("cross-attention") : _("attention");
    int group = attention_group(app);
    if (app->shows_all_heads)
        snprintf(title, size, _("%s · layer %d · all %d heads"), what, app->layer,
                 app->timeline->config.n_heads);
    else if (group > 1)
        snprintf(title, size, _("%s · layer %d head %d · KV head %d"), what, app->layer, app->head,
                 app->head / group);
    else
        snprintf(title, size, _("%s · layer %d head %d"), what, app->layer, app->head);
}

// ---- the view -----------------------------------------------------------------------------------

static void draw_one(const App *app, Canvas *canvas, Rect inside) {
    int n_readout = inside.n_columns / 3 + 2;
    if (n_readout > 46) n_readout = 46;
    int middle = inside.column + inside.n_columns - n_readout - 2, bottom = inside.row + inside.n_rows;
    Rect left = {inside.row, inside.column, inside.n_rows, middle - 1 - inside.column};
    Rect right = {inside.row, middle + 2, inside.n_rows, n_readout};
    frame_split(canvas, inside, middle, inside.row - 1);
    Rect rect = {left.row, left.column, left.n_rows - N_LEGEND - 1, left.n_columns};
    Matrix m = matrix_of(app, canvas, rect, true);
    matrix_draw(app, canvas, &m);
    attention_legend_draw(app, canvas, (Rect){bottom - N_LEGEND, left.column, N_LEGEND, left.n_columns}, &m,
                          "");
    attention_readout_draw(app, canvas, right);
}

static void draw_all(const App *app, Canvas *canvas, Rect inside) {
    Rect heads = {inside.row, inside.column, inside.n_rows - N_LEGEND - 1, inside.n_columns};
    Rect legend = {inside.row + inside.n_rows - N_LEGEND, inside.column, N_LEGEND, inside.n_columns};
    char glyph[80];
    attention_heads_draw(app, canvas, heads, glyph, sizeof glyph);
    attention_legend_draw(app, canvas, legend, NULL, glyph);
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    static const Start START = {
        N_("No pass has run yet."), N_("runs the whole prompt: the prefill"),
        N_("runs one token: a decode step"),
        N_("A line for each token: how much it looks at each of the tokens before it.\n"
           "The cursor takes a cell apart: query, key, mask, softmax.")};
    if (!app_step(app))
        panel_start_draw(app, canvas, inside, &START);
    else
        (app->shows_all_heads ? draw_all : draw_one)(app, canvas, inside);
}

const View VIEW_ATTENTION = {
    .name = N_("attention"),
    .help = N_("one head's matrix with a cursor that takes a cell apart; or all heads of a layer"),
    .title = title,
    .draw = draw,
    .hints = {{{"step"}, N_("step")},
              {{"back"}, N_("back")},
              {{"cursor left", "cursor up", "cursor down", "cursor right"}, N_("cell")},
              {{"heads"}, N_("all heads")},
              {{"head -1", "head +1"}, N_("head")},
              {{"layer +1", "layer -1"}, N_("layer")},
              {{"scale"}, N_("scale")}}};
