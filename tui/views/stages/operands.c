// The two products that the KV cache is for, of the head that is looked at: q · kᵀ and weights · v.
//
//     head 2: q [1, 32] · kᵀ [32, 8] → scores [1, 8]
//     □          q  ░▒▓-=≡ ░▒...
//     ■ 0 Once   k  ▒░-=░▒ ...           0.09      ■ read back from the cache
//     ■ 1 upon      -=░▒...             -1.40
//     □ 2 a         ░▒▓█...              0.32      □ computed now
//
// Every line is a row of K (or V): a slot of the cache. Those that earlier passes computed are drawn from
// their own Steps.
#include "tui/views/stages/stages_internal.h"

#include <stdio.h>

bool stages_is_product(SiteId site) {
    return site == SITE_SCORES || site == SITE_WEIGHTED_VALUES || site == SITE_CROSS_SCORES ||
           site == SITE_CROSS_WEIGHTED_VALUES;
}

enum { MARK = 2, VALUE = 8 };

typedef struct Operands {
    const Stop *stop;
    Canvas *canvas;
    Rect rect;
    bool is_cross, is_values;   // to the source; weights · v
    Stage left, matrix, result; // q or the weights; K or V; what comes out
    const float *scores; // [n_src] of this head: the result of the one product, the left operand of the other
    Window window;       // of the slots that are shown
    int slot_width, label_width; // columns for them
    Strip strip;
    double largest; // of the matrix's rows that are shown
} Operands;

static int n_src_of(const Operands *o) {
    return o->is_cross ? o->stop->step->n_source : o->stop->step->n_keys;
}

static bool is_stored(const Operands *o, int src) {
    return o->is_cross ? o->stop->step->index > 0 : (o->stop->step->keys[src].events & SLOT_READ) != 0;
}

// A row of K or V; NULL: the Step that computed it did not record it.
static const float *matrix_row(const Operands *o, int src) {
    const Stop *stop = o->stop;
    int n, head = stages_own_head(stop->app, o->matrix.site);
    if (o->is_cross) return stages_vector(stop->step, stop->config, o->matrix, src, head, &n);
    int token = stop->step->keys[src].place.token;
    const Step *step = timeline_step_of(stop->app->timeline, stop->step->index, token);
    return step ? stages_vector(step, stop->config, o->matrix, step_row_of(step, token), head, &n) : NULL;
}

static int strip_column(const Operands *o) {
    int before = MARK + o->slot_width + o->label_width;
    return o->rect.column + before + (o->is_values ? VALUE : 0);
}

// The column where scores, or weights, end.
static int value_end(const Operands *o) {
    int after = strip_column(o) + o->strip.n_cells * o->strip.width + VALUE - 1;
    return o->is_values ? strip_column(o) - 3 : after;
}

static Operands operands_of(const Stop *stop, Canvas *canvas, Rect rect) {
    SiteId site = stop->stage.site;
    int layer = stop->stage.layer, n;
    Input inputs[MOST_INPUTS];
    stages_inputs(stop->app->timeline, stop->stage, inputs);
    Operands o = {.stop = stop, .canvas = canvas, .rect = rect, .result = stop->stage};
    o.is_cross = site == SITE_CROSS_SCORES || site == SITE_CROSS_WEIGHTED_VALUES;
    o.is_values = site == SITE_WEIGHTED_VALUES || site == SITE_CROSS_WEIGHTED_VALUES;
    o.left = (Stage){inputs[0].site, layer};
    o.matrix = (Stage){inputs[1].site, layer};
    o.scores = stages_vector(stop->step, stop->config, o.is_values ? o.left : o.result, stop->row,
                             stop->app->head, &n);
    bool is_wide = rect.n_columns >= 70;
    o.slot_width = is_wide ? 5 : 0, o.label_width = is_wide ? 12 : 6;
    o.strip =
        stages_strip(stop->config->d_head, rect.n_columns - MARK - o.slot_width - o.label_width - VALUE);

    o.window =
        stages_window(n_src_of(&o), rect.n_rows > 3 ? rect.n_rows - 3 : 0, stages_focus(stop, o.is_cross));
    Stats stats = {0};
    for (int i = 0; i < o.window.n_places; i++) {
        int src = stages_window_at(&o.window, i);
        const float *row = src >= 0 ? matrix_row(&o, src) : NULL;
        if (row) stages_count_in(&stats, row, stop->config->d_head);
    }
    o.largest = stages_largest(&stats);
    return o;
}

// The product in one line, and whose KV head it is where several share one.
static void draw_head(const Operands *o, int y) {
    const Config *c = o->stop->config;
    bool is_wide = o->rect.n_columns >= 70;
    int x = o->rect.column, end = x + o->rect.n_columns, n_src = n_src_of(o), head = o->stop->app->head,
        d = c->d_head;
    x += canvas_print(o->canvas, y, x, end - x, ROLE_TITLE, _("head %d  "), head);
    if (o->is_values)
        x += canvas_print(o->canvas, y, x, end - x, ROLE_TEXT, _("weights [1, %d] · v [%d, %d] → "), n_src,
                          n_src, d);
    else
        x += canvas_print(o->canvas, y, x, end - x, ROLE_TEXT, "q [1, %d] · kᵀ [%d, %d] → ", d, d, n_src);
    if (is_wide) x += canvas_print(o->canvas, y, x, end - x, ROLE_TEXT, "%s ", SITES[o->result.site].name);
    x += canvas_print(o->canvas, y, x, end - x, ROLE_TEXT, "[1, %d]", o->is_values ? d : n_src);
    int group = o->is_cross ? 1 : c->n_heads / c->n_kv_heads, first = head / group * group;
    if (group > 1 && end - x >= 8)
        canvas_print(o->canvas, y, x, end - x, ROLE_DIM,
                     is_wide ? _("  KV head %d, of heads %d–%d") : "  KV %d", head / group, first,
                     first + group - 1);
}

// The vector that is not the matrix: q above it, the weighted sum below.
static void draw_vector(const Operands *o, int y) {
    const Stop *stop = o->stop;
    int n, x = o->rect.column;
    Stage stage = o->is_values ? o->result : o->left;
    const float *v = stages_vector(stop->step, stop->config, stage, stop->row, stop->app->head, &n);
    canvas_print(o->canvas, y, x, 1, ROLE_NEW, "□");
    canvas_print(o->canvas, y, x + MARK, strip_column(o) - x - MARK, ROLE_TITLE, "%s",
                 o->is_values ? _("sum") : "q");
    if (v) {
        Stats stats = {0};
        stages_count_in(&stats, v, n);
        stages_draw_strip(stop, o->canvas, y, strip_column(o), &o->strip,
                          (Vector){v, n, stages_largest(&stats)});
    } else {
        canvas_print(o->canvas, y, strip_column(o), 20, ROLE_DIM, _("not recorded"));
    }
    if (!o->is_values) canvas_print_right(o->canvas, y, value_end(o), ROLE_DIM, _("score"));
}

static void draw_value(const Operands *o, int y, int src) {
    if (!o->scores) return;
    bool is_visible = stages_sees(o->stop, o->is_cross, src);
    char text[24];
    Number number = stages_number(o->scores[src], o->is_values ? 3 : 2);
    snprintf(text, sizeof text, is_visible ? "%s" : "(%s)", is_visible || !o->is_values ? number.text : "0");
    int width = canvas_text_width(o->canvas, text_from(text));
    canvas_print(o->canvas, y, value_end(o) - width + !is_visible, width,
                 is_visible ? ROLE_TEXT : ROLE_MASKED, "%s", text);
    if (o->is_values) canvas_print(o->canvas, y, value_end(o) + 1, 1, ROLE_DIM, is_visible ? "×" : "");
}

static void draw_slot(const Operands *o, int y, int src) {
    bool stored = is_stored(o, src), is_own = stages_is_own(o->stop, o->is_cross, src);
    int x = o->rect.column;
    Role role = stored ? ROLE_STORED : ROLE_NEW;
    canvas_print(o->canvas, y, x, 1, role, stored ? "■" : "□");
    if (o->slot_width)
        canvas_print(o->canvas, y, x + MARK, o->slot_width - 1, ROLE_DIM, "%4d",
                     o->is_cross ? src : o->stop->step->keys[src].number);
    Label label = stages_column_label(o->stop, o->canvas, o->is_cross, src);
    canvas_print(o->canvas, y, x + MARK + o->slot_width, o->label_width - 1, is_own ? ROLE_CURRENT : role,
                 "%s", label.text);
    const float *row = matrix_row(o, src);
    if (row)
        stages_draw_strip(o->stop, o->canvas, y, strip_column(o), &o->strip,
                          (Vector){row, o->stop->config->d_head, o->largest});
    else
        canvas_print(o->canvas, y, strip_column(o), 20, ROLE_DIM, _("not recorded"));
    draw_value(o, y, src);
}

// Slots that there is no room for: how many of them were read back, and how many are new.
static void draw_gap(const Operands *o, int y, int gap) {
    int first, n = stages_gap(&o->window, gap, &first), n_stored = 0, x = o->rect.column,
               end = x + o->rect.n_columns;
    for (int src = first; src < first + n; src++) n_stored += is_stored(o, src);
    x += canvas_print(o->canvas, y, x, end - x, ROLE_DIM, "… ");
    if (n_stored)
        x += canvas_print(o->canvas, y, x, end - x, ROLE_STORED, _("■ %d more read back  "), n_stored);
    if (n > n_stored)
        canvas_print(o->canvas, y, x, end - x, ROLE_NEW, _("□ %d more computed now"), n - n_stored);
}

static void draw_legend(const Operands *o, int y) {
    int x = o->rect.column, end = x + o->rect.n_columns;
    bool is_wide = o->rect.n_columns >= 70, hides = !stages_sees(o->stop, o->is_cross, n_src_of(o) - 1);
    x += canvas_print(o->canvas, y, x, end - x, ROLE_STORED, "■");
    x += canvas_print(o->canvas, y, x, end - x, ROLE_DIM,
                      is_wide ? _(" read back from the cache  ") : _(" read "));
    x += canvas_print(o->canvas, y, x, end - x, ROLE_NEW, "□");
    x += canvas_print(o->canvas, y, x, end - x, ROLE_DIM, is_wide ? _(" computed now  ") : _(" now "));
    if (hides)
        x += canvas_print(o->canvas, y, x, end - x, ROLE_DIM,
                          o->is_values ? _("(0) masked  ")
                          : is_wide    ? _("( ) masked next  ")
                                       : _("( ) masked "));
    stages_draw_strip_legend(o->canvas, y, x, end - x, &o->strip);
}

int stages_draw_operands(const Stop *stop, Canvas *canvas, Rect rect) {
    if (rect.n_rows < 5) return 0;
    Operands o = operands_of(stop, canvas, rect);
    int y = rect.row;
    draw_head(&o, y++);
    if (!o.is_values) draw_vector(&o, y++);
    for (int i = 0; i < o.window.n_places; i++) {
        int src = stages_window_at(&o.window, i);
        if (src < 0)
            draw_gap(&o, y++, src);
        else
            draw_slot(&o, y++, src);
    }
    if (o.is_values) draw_vector(&o, y++);
    draw_legend(&o, y++);
    return y - rect.row;
}
