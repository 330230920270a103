// The legend of the attention matrix: what a cell's heat is, and what the marks mean.
#include "tui/widgets/legend.h"

#include <math.h>
#include <stdio.h>

// Items follow each other and go on in the next line where one does not fit.
typedef struct Legend {
    Canvas *canvas;
    Rect rect;
    int x, y;
} Legend;

// Makes room for an item of this width; false when there is none.
static bool make_room(Legend *l, int width) {
    if (l->x > l->rect.column && l->x + width > l->rect.column + l->rect.n_columns)
        l->x = l->rect.column, l->y++;
    return l->y < l->rect.row + l->rect.n_rows;
}

static void item(Legend *l, Role role, const char *glyph, const char *words) {
    int n_glyph = canvas_text_width(l->canvas, text_from(glyph)),
        n_words = canvas_text_width(l->canvas, text_from(words));
    if (!make_room(l, n_glyph + 1 + n_words)) return;
    canvas_print(l->canvas, l->y, l->x, n_glyph, role, "%s", glyph);
    canvas_print(l->canvas, l->y, l->x + n_glyph + 1, n_words, ROLE_DIM, "%s", words);
    l->x += n_glyph + 1 + n_words + 3;
}

// The ramp from no weight to all of it, with the weights at its ends and in its middle.
static void draw_ramp(const App *app, Legend *l) {
    static const char *const NAMES[SCALE_COUNT] = {N_("heat: √weight"), N_("heat: weight"),
                                                   N_("heat: log weight")};
    static const char *const ENDS[SCALE_COUNT][2] = {{"0", ".25"}, {"0", ".5"}, {".0001", ".01"}};
    int y = l->y, x = l->x, end = l->rect.column + l->rect.n_columns;
    canvas_target(l->canvas, "scale", -1, -1);
    x += canvas_print(l->canvas, y, x, end - x, ROLE_DIM, "%s  %s ", _(NAMES[app->scale]),
                      ENDS[app->scale][0]);
    for (int level = 0; level < HEAT_LEVELS; level++) {
        double heat = level / (double)(HEAT_LEVELS - 1);
        double weight = app->scale == SCALE_ROOT  ? heat * heat
                        : app->scale == SCALE_LOG ? pow(10, 4 * (heat - 1))
                                                  : heat;
        if (level == HEAT_LEVELS / 2)
            x += canvas_print(l->canvas, y, x, end - x, ROLE_DIM, " %s ", ENDS[app->scale][1]);
        canvas_heat(l->canvas, y, x++, 1, weight, app->scale);
    }
    x += canvas_print(l->canvas, y, x, end - x, ROLE_DIM, " 1");
    canvas_target(l->canvas, NULL, -1, -1);
    l->x = x + 3;
}

// Samples of a row computed in this step and of one that is remembered.
static void draw_ages(const App *app, Legend *l) {
    static const char *const WORDS[2] = {N_("earlier steps"), N_("this step")};
    for (int is_new = 1; is_new >= 0; is_new--) {
        if (!make_room(l, 6 + canvas_text_width(l->canvas, text_from(_(WORDS[is_new]))))) return;
        if (is_new) matrix_draw_new(app, l->canvas, l->y, l->x);
        l->x += is_new ? 2 : 0;
        for (int i = 0; i < 3; i++)
            (is_new ? canvas_heat : canvas_dim_heat)(l->canvas, l->y, l->x++, 1, (i + 1) * (i + 1) / 12.0,
                                                     SCALE_ROOT);
        l->x += 1 + canvas_print(l->canvas, l->y, l->x + 1, 20, ROLE_DIM, "%s", _(WORDS[is_new])) + 3;
    }
}

// What part of the matrix is shown, where it is not all of it.
static void draw_range(Legend *l, const Matrix *m) {
    char words[64];
    snprintf(words, sizeof words, _("%d–%d of %d"), m->first_row, m->first_row + m->n_rows - 1,
             m->n_positions);
    if (m->n_rows < m->n_positions) item(l, ROLE_TEXT, _("rows"), words);
    snprintf(words, sizeof words, _("%s%d–%d of %d"), m->first_src > 0 ? "0, " : "", m->first_src,
             matrix_src(m, m->n_columns - 1), m->n_src);
    if (m->n_columns < m->n_src) item(l, ROLE_TEXT, "src", words);
}

static void draw_masks(const App *app, Legend *l) {
    int window = config_window(&app->timeline->config, app->layer);
    char words[64];
    snprintf(words, sizeof words, _("outside window of %d"), window);
    if (!app->is_cross) item(l, ROLE_MASKED, "╱╱", _("masked: later"));
    if (!app->is_cross && window > 0) item(l, ROLE_MASKED, "╲╲", words);
}

void legend_draw_line(const App *app, Canvas *canvas, Rect rect) {
    Legend l = {canvas, rect, rect.column, rect.row};
    draw_ages(app, &l);
    draw_masks(app, &l);
}

// The first lines, and the way to the other attention of an encoder-decoder.
static Legend begin(const App *app, Canvas *canvas, Rect rect, const char *glyph) {
    Legend l = {canvas, rect, rect.column, rect.row};
    draw_ramp(app, &l);
    if (*glyph) item(&l, ROLE_TEXT, _("glyph"), glyph);
    l.x = rect.column, l.y++;
    draw_ages(app, &l);
    draw_masks(app, &l);
    canvas_target(canvas, "cross", -1, -1);
    if (app->timeline->n_source > 0)
        item(&l, ROLE_KEY, "x", app->is_cross ? _("attention to the text") : _("to the source"));
    canvas_target(canvas, NULL, -1, -1);
    return l;
}

static void end(const App *app, Legend *l) {
    canvas_target(l->canvas, "changes", -1, -1);
    item(l, ROLE_KEY, "c", app->marks_changes ? _("no marks") : _("marks what is new"));
    canvas_target(l->canvas, NULL, -1, -1);
}

void legend_draw_matrix(const App *app, Canvas *canvas, Rect rect, const Matrix *m) {
    Legend l = begin(app, canvas, rect, "");
    draw_range(&l, m);
    end(app, &l);
}

void legend_draw_heads(const App *app, Canvas *canvas, Rect rect, int src, const char *glyph) {
    Legend l = begin(app, canvas, rect, glyph);
    char words[64];
    snprintf(words, sizeof words, _("cursor's row %d; numbers: its weight on src %d"), app_row(app), src);
    item(&l, ROLE_CURSOR, "◂", words);
    end(app, &l);
}
