// The attention view: one head's matrix with a cursor and what the cell under it is made of, or all heads side by side.
//
//     ┌ attention · layer 1 head 2 ──────────────────────┬───────────────┐
//     │               Once upon a  time                  │ row 1  upon   │
//     │   0 Once       ██  ╱╱  ╱╱  ╱╱                    │ src 0  Once   │
//     │ ▸ 1 upon       ▓▓  ░░  ╱╱  ╱╱                    │ q·k     1.234 │
//     │ legend                                           │ ...           │
//     └──────────────────────────────────────────────────┴───────────────┘
#include "attention.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "matrix.h"
#include "panel.h"
#include "tui/frame.h"
#include "tui/view.h"

enum { N_LEGEND = 3 };

static void title(const App *app, char *title, size_t size) {
    const char *what = app->is_cross ? "cross-attention" : "attention";
    int group = attention_group(app);
    if (app->shows_all_heads)
        snprintf(title, size, "%s · layer %d · all %d heads", what, app->layer, app->timeline->config.n_heads);
    else if (group > 1)
        snprintf(title, size, "%s · layer %d head %d · KV head %d", what, app->layer, app->head, app->head / group);
    else
        snprintf(title, size, "%s · layer %d head %d", what, app->layer, app->head);
}

// ---- the legend ----------------------------------------------------------------------------------------------------

// Items follow each other and go on in the next line where one does not fit.
typedef struct Legend {
    Canvas *canvas;
    Rect rect;
    int x, y;
} Legend;

// Makes room for an item of this width; false when there is none.
static bool make_room(Legend *l, int width) {
    if (l->x > l->rect.column && l->x + width > l->rect.column + l->rect.n_columns) l->x = l->rect.column, l->y++;
    return l->y < l->rect.row + l->rect.n_rows;
}

static void item(Legend *l, Role role, const char *glyph, const char *words) {
    int n_glyph = canvas_text_width(l->canvas, text_from(glyph)), n_words = canvas_text_width(l->canvas, text_from(words));
    if (!make_room(l, n_glyph + 1 + n_words)) return;
    canvas_print(l->canvas, l->y, l->x, n_glyph, role, "%s", glyph);
    canvas_print(l->canvas, l->y, l->x + n_glyph + 1, n_words, ROLE_DIM, "%s", words);
    l->x += n_glyph + 1 + n_words + 3;
}

// The ramp from no weight to all of it, with the weights at its ends and in its middle.
static void draw_ramp(const App *app, Legend *l) {
    static const char *const NAMES[SCALE_COUNT] = {"heat: √weight", "heat: weight", "heat: log weight"};
    static const char *const ENDS[SCALE_COUNT][2] = {{"0", ".25"}, {"0", ".5"}, {".0001", ".01"}};
    int y = l->y, x = l->x, end = l->rect.column + l->rect.n_columns;
    canvas_target(l->canvas, "scale", -1, -1);
    x += canvas_print(l->canvas, y, x, end - x, ROLE_DIM, "%s  %s ", NAMES[app->scale], ENDS[app->scale][0]);
    for (int level = 0; level < HEAT_LEVELS; level++) {
        double heat = level / (double)(HEAT_LEVELS - 1);
        double weight = app->scale == SCALE_ROOT ? heat * heat : app->scale == SCALE_LOG ? pow(10, 4 * (heat - 1)) : heat;
        if (level == HEAT_LEVELS / 2) x += canvas_print(l->canvas, y, x, end - x, ROLE_DIM, " %s ", ENDS[app->scale][1]);
        canvas_heat(l->canvas, y, x++, 1, weight, app->scale);
    }
    x += canvas_print(l->canvas, y, x, end - x, ROLE_DIM, " 1");
    canvas_target(l->canvas, NULL, -1, -1);
    l->x = x + 3;
}

// Samples of a row computed in this step and of one that is remembered.
static void draw_ages(const App *app, Legend *l) {
    static const char *const WORDS[2] = {"earlier steps", "this step"};
    for (int is_new = 1; is_new >= 0; is_new--) {
        if (!make_room(l, 6 + (int)strlen(WORDS[is_new]))) return;
        if (is_new) matrix_draw_new(app, l->canvas, l->y, l->x);
        l->x += is_new ? 2 : 0;
        for (int i = 0; i < 3; i++)
            (is_new ? canvas_heat : canvas_dim_heat)(l->canvas, l->y, l->x++, 1, (i + 1) * (i + 1) / 12.0, SCALE_ROOT);
        l->x += 1 + canvas_print(l->canvas, l->y, l->x + 1, 20, ROLE_DIM, "%s", WORDS[is_new]) + 3;
    }
}

// What part of the matrix is shown, where it is not all of it.
static void draw_range(Legend *l, const Matrix *m) {
    char words[64];
    snprintf(words, sizeof words, "%d–%d of %d", m->first_row, m->first_row + m->n_rows - 1, m->n_positions);
    if (m->n_rows < m->n_positions) item(l, ROLE_TEXT, "rows", words);
    snprintf(words, sizeof words, "%s%d–%d of %d", m->first_src > 0 ? "0, " : "", m->first_src,
             matrix_src(m, m->n_columns - 1), m->n_src);
    if (m->n_columns < m->n_src) item(l, ROLE_TEXT, "src", words);
}

// The heat's scale, then what marks mean. m is the matrix that is shown, NULL: all heads are; then `glyph` says what one of
// their glyphs is.
static void draw_legend(const App *app, Canvas *canvas, Rect rect, const Matrix *m, const char *glyph) {
    const Config *c = &app->timeline->config;
    int window = config_window(c, app->layer);
    Legend l = {canvas, rect, rect.column, rect.row};
    char words[64];
    draw_ramp(app, &l);
    if (*glyph) item(&l, ROLE_TEXT, "glyph", glyph);
    l.x = rect.column, l.y++;
    draw_ages(app, &l);
    snprintf(words, sizeof words, "outside window of %d", window);
    if (!app->is_cross) item(&l, ROLE_MASKED, "╱╱", "masked: later");
    if (!app->is_cross && window > 0) item(&l, ROLE_MASKED, "╲╲", words);
    canvas_target(canvas, "cross", -1, -1);
    if (c->n_source > 0) item(&l, ROLE_KEY, "x", app->is_cross ? "attention to the text" : "to the source");
    canvas_target(canvas, NULL, -1, -1);
    snprintf(words, sizeof words, "cursor's row %d; numbers: its weight on src %d", app_row(app), matrix_cursor_src(app));
    if (m)
        draw_range(&l, m);
    else
        item(&l, ROLE_CURSOR, "◂", words);
    canvas_target(canvas, "changes", -1, -1);
    item(&l, ROLE_KEY, "c", app->marks_changes ? "no marks" : "marks what is new");
    canvas_target(canvas, NULL, -1, -1);
}

// ---- the view ------------------------------------------------------------------------------------------------------

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
    draw_legend(app, canvas, (Rect){bottom - N_LEGEND, left.column, N_LEGEND, left.n_columns}, &m, "");
    attention_readout_draw(app, canvas, right);
}

static void draw_all(const App *app, Canvas *canvas, Rect inside) {
    Rect heads = {inside.row, inside.column, inside.n_rows - N_LEGEND - 1, inside.n_columns};
    Rect legend = {inside.row + inside.n_rows - N_LEGEND, inside.column, N_LEGEND, inside.n_columns};
    char glyph[80];
    attention_heads_draw(app, canvas, heads, glyph, sizeof glyph);
    draw_legend(app, canvas, legend, NULL, glyph);
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    static const Start START = {"No pass has run yet.", "runs the whole prompt: the prefill",
                                "runs one token: a decode step",
                                "A line for each token: how much it looks at each of the tokens before it.\n"
                                "The cursor takes a cell apart: query, key, mask, softmax."};
    if (!app_step(app))
        panel_start_draw(app, canvas, inside, &START);
    else
        (app->shows_all_heads ? draw_all : draw_one)(app, canvas, inside);
}

const View VIEW_ATTENTION = {.name = "attention",
                             .help = "one head's matrix with a cursor that takes a cell apart; or all heads of a layer",
                             .title = title,
                             .draw = draw,
                             .hints = {{{"step"}, "step"},
                                       {{"back"}, "back"},
                                       {{"cursor left", "cursor up", "cursor down", "cursor right"}, "cell"},
                                       {{"heads"}, "all heads"},
                                       {{"head -1", "head +1"}, "head"},
                                       {{"layer +1", "layer -1"}, "layer"},
                                       {{"scale"}, "scale"}}};
