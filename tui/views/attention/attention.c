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

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "tui/app/command.h"
#include "tui/app/command_argument.h"
#include "tui/app/view.h"
#include "tui/screen/frame_lines.h"
#include "tui/views/views.h"
#include "tui/widgets/attended.h"
#include "tui/widgets/legend.h"
#include "tui/widgets/matrix.h"
#include "tui/widgets/start.h"

enum { N_LEGEND = 3 };

static void title(const App *app, const void *state, char *title, size_t size) {
    const Attention *attention = state;
    const char *what = app->is_cross ? _("cross-attention") : _("attention");
    int group = attention_group(app);
    if (attention->shows_all_heads)
        snprintf(title, size, _("%s · layer %d · all %d heads"), what, app->layer,
                 app->timeline->config.n_heads);
    else if (group > 1)
        snprintf(title, size, _("%s · layer %d head %d · KV head %d"), what, app->layer, app->head,
                 app->head / group);
    else
        snprintf(title, size, _("%s · layer %d head %d"), what, app->layer, app->head);
}

// ---- the view -----------------------------------------------------------------------------------

static void draw_one(const App *app, const Attention *attention, Canvas *canvas, Rect inside) {
    int n_readout = inside.n_columns / 3 + 2;
    if (n_readout > 46) n_readout = 46;
    int middle = inside.column + inside.n_columns - n_readout - 2, bottom = inside.row + inside.n_rows;
    Rect left = {inside.row, inside.column, inside.n_rows, middle - 1 - inside.column};
    Rect right = {inside.row, middle + 2, inside.n_rows, n_readout};
    frame_split(canvas, inside, middle, inside.row - 1);
    Rect rect = {left.row, left.column, left.n_rows - N_LEGEND - 1, left.n_columns};
    Matrix m = matrix_of(app, canvas, rect, &attention->src);
    matrix_draw(app, canvas, &m);
    legend_draw_matrix(app, canvas, (Rect){bottom - N_LEGEND, left.column, N_LEGEND, left.n_columns}, &m);
    attention_readout_draw(app, canvas, right, m.src);
}

static void draw_all(const App *app, const Attention *attention, Canvas *canvas, Rect inside) {
    Rect heads = {inside.row, inside.column, inside.n_rows - N_LEGEND - 1, inside.n_columns};
    Rect legend = {inside.row + inside.n_rows - N_LEGEND, inside.column, N_LEGEND, inside.n_columns};
    int src = matrix_cursor_src(app, attention->src);
    AttentionGlyph glyph;
    attention_heads_draw(app, canvas, heads, src, &glyph);
    legend_draw_heads(app, canvas, legend, src, glyph.words);
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    const Attention *attention = state;
    static const Start START = {
        N_("No pass has run yet."), N_("runs the whole prompt: the prefill"),
        N_("runs one token: a decode step"),
        N_("A line for each token: how much it looks at each of the tokens before it.\n"
           "The cursor takes a cell apart: query, key, mask, softmax.")};
    if (!app_step(app))
        start_draw(app, canvas, inside, &START);
    else if (!attended_row(app, attended_site(app), app->head, app_row(app)).numbers)
        attended_draw_missing(canvas, inside, _("attention weights"));
    else
        (attention->shows_all_heads ? draw_all : draw_one)(app, attention, canvas, inside);
}

// ---- commands -----------------------------------------------------------------------------------

static bool run_heads(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    Attention *attention = view_state(app, &VIEW_ATTENTION);
    attention->shows_all_heads = !attention->shows_all_heads;
    return true;
}

// How many tokens the shown attention looks at.
static int n_looked_at(const App *app) {
    return app->is_cross ? app->timeline->n_source : step_n_tokens(app_step(app));
}

static bool run_cursor(App *app, const char *argument, Error *err) {
    static const char *const WORDS[] = {"up", "down", "left", "right"};
    if (!app_check_step(app, err)) return false;
    Attention *attention = view_state(app, &VIEW_ATTENTION);
    int row = app_row(app), src = attention->src, way = 0, used = 0;
    if (sscanf(argument, "%d %d%n", &row, &src, &used) != 2 || argument[used]) {
        row = app_row(app), src = attention->src;
        if (!*argument || !argument_word(&way, 4, WORDS, argument, "way for the cursor", err)) {
            return error_set(err, "cursor takes a row and a src, or up, down, left, right");
        }
        row += way == 0 ? -1 : way == 1;
        src += way == 2 ? -1 : way == 3;
    }
    int newest = step_n_tokens(app_step(app)) - 1;
    app->row =
        row >= newest ? -1 : argument_clamp(row, 0, newest); // on the newest row it goes along with the steps
    attention->src = argument_clamp(src, 0, n_looked_at(app) - 1);
    return true;
}

static const Command COMMANDS[] = {
    {"cursor", "up | down | left | right | ROW SRC", N_("move the cursor of the attention view"),
     .run = run_cursor},
    {"heads", NULL, N_("all heads of the layer side by side, or one"), .run = run_heads},
    {0},
};

static const Key KEYS[] = {
    {"Up", "cursor up"},       {"Down", "cursor down"}, {"Left", "cursor left"},
    {"Right", "cursor right"}, {"a", "heads"},          {0},
};

// ---- the table ----------------------------------------------------------------------------------

static bool describe(const App *app, const void *state, cJSON *document, cJSON *screen) {
    const Attention *attention = state;
    (void)app, (void)document;
    return cJSON_AddNumberToObject(screen, "src", attention->src) &&
           cJSON_AddBoolToObject(screen, "heads", attention->shows_all_heads);
}

static const char *hint_word(const App *app, const void *state, const char *command) {
    const Attention *attention = state;
    (void)app;
    return attention->shows_all_heads && strcmp(command, "heads") == 0 ? N_("one head") : NULL;
}

const View VIEW_ATTENTION = {
    .name = N_("attention"),
    .help = N_("one head's matrix with a cursor that takes a cell apart; or all heads of a layer"),
    .state_size = sizeof(Attention),
    .describe = describe,
    .title = title,
    .draw = draw,
    .commands = COMMANDS,
    .keys = KEYS,
    .hints =
        {
            {{"step"}, N_("step")},
            {{"back"}, N_("back")},
            {{"cursor left", "cursor up", "cursor down", "cursor right"}, N_("cell")},
            {{"heads"}, N_("all heads")},
            {{"head -1", "head +1"}, N_("head")},
            {{"layer +1", "layer -1"}, N_("layer")},
            {{"scale"}, N_("scale")},
        },
    .hint_word = hint_word,
};
