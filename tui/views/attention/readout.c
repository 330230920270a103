// What the attention view says about the cell under its cursor: the score's way to a weight, factor by
// factor; how the weight stands in its row; and where the numbers came from.
//
//     row 7  girl                     what looks, what is looked at
//     src 0  Once
//
//     q·k                  12.346     softmax(q·k · scale + mask)
//     × 1/√d_head          0.1768
//     = score               2.182
//     + mask                    0
//     softmax weight       0.4123
#include "tui/views/attention/attention.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "tui/widgets/matrix.h"
#include "tui/widgets/panel.h"

enum { VALUE_END = 27, MOST_TOP = 12, ROOMY = 27 };

// The cell, and the lines drawn so far.
typedef struct Readout {
    const App *app;
    Canvas *canvas;
    Rect rect;
    int y;
    int row, src;
    const Step *made_in; // the Step that computed the row
    Mask mask;
    int n_seen;           // src that the row's pass had before it, masked or not
    const float *weights; // [n_seen]
    const float *scores;  // likewise; NULL: not recorded
    int first, n_visible; // src that are not masked
} Readout;

static Readout readout_of(const App *app, Canvas *canvas, Rect rect, int src) {
    Readout r = {.app = app, .canvas = canvas, .rect = rect, .y = rect.row, .row = app_row(app)};
    const Config *c = &app->timeline->config;
    r.src = src;
    r.made_in = app_step_of_row(app, r.row);
    r.mask = matrix_mask(app, r.row, r.src);
    r.n_seen = app->is_cross ? app->timeline->n_source : step_n_tokens(r.made_in);
    int row = r.row - step_first_token(r.made_in);
    r.weights = step_head_row(r.made_in, c, panel_weights_site(app), app->layer, app->head, row);
    r.scores = step_head_row(r.made_in, c, app->is_cross ? SITE_CROSS_SCORES : SITE_SCORES, app->layer,
                             app->head, row);
    r.n_visible = panel_visible(app, r.row, &r.first);
    return r;
}

// A name and, at the right, its value; then a word more where there is room.
__attribute__((format(printf, 5, 6))) static void fact(Readout *r, const char *name, Role role,
                                                       const char *note, const char *format, ...) {
    char value[64];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    int x = r->rect.column, width = r->rect.n_columns, end = width < VALUE_END + 10 ? width : VALUE_END;
    if (r->y >= r->rect.row + r->rect.n_rows) return;
    canvas_print(r->canvas, r->y, x, end, ROLE_DIM, "%s", name);
    canvas_print_right(r->canvas, r->y, x + end, role, value);
    if (note && canvas_text_width(r->canvas, text_from(note)) <= width - end - 2)
        canvas_print(r->canvas, r->y, x + end + 2, width - end - 2, ROLE_DIM, "%s", note);
    r->y++;
}

static void draw_token(Readout *r, const char *what, int position, const Token *token, Role role) {
    Label label = panel_label(r->canvas, token->text, token->id);
    int x = r->rect.column, width = r->rect.n_columns;
    int used = canvas_print(r->canvas, r->y, x, 3, ROLE_DIM, "%s", what);
    used +=
        canvas_print(r->canvas, r->y, x + used, width - used, ROLE_DIM, "%*s%-4d ", 4 - used, "", position);
    canvas_print(r->canvas, r->y++, x + used, width - used, role, " %s ", label.text);
}

// ---- softmax(q·k · scale + mask) ----------------------------------------------------------------

static const char *why_masked(const Readout *r) {
    if (r->app->is_cross) return _("nothing is masked here");
    if (r->mask == MASK_WINDOW) return _("outside the sliding window");
    if (r->mask == MASK_NONE)
        return r->src == r->row ? _("visible: the token itself") : _("visible: an earlier token");
    if (r->src <= r->row) return _("an earlier token, masked by mistake");
    return r->src < r->n_seen ? _("a later token") : _("a later token: not there yet");
}

static void draw_score(Readout *r) {
    const Config *c = &r->app->timeline->config;
    double scale = c->score_scale[r->app->layer];
    bool is_computed = r->src < r->n_seen; // a row of an earlier step has never met the tokens after it
    char factor[32];
    snprintf(factor, sizeof factor,
             c->unscaled_scores   ? "× 1"
             : c->scores_by_layer ? "× 1/(√%d·%d)"
                                  : "× 1/√%d",
             c->d_head, r->app->layer + 1);
    if (!is_computed || !r->scores) {
        const char *none = is_computed ? _("not recorded") : _("not computed");
        fact(r, "q·k", ROLE_DIM, NULL, "%s", none);
        fact(r, factor, ROLE_TEXT, NULL, "%.4f", scale);
        fact(r, _("= score"), ROLE_DIM, NULL, "%s", none);
    } else {
        fact(r, "q·k", ROLE_TEXT, _("dot product"), "%.4f", (double)r->scores[r->src] / scale);
        fact(r, factor, ROLE_TEXT, c->unscaled_scores ? NULL : "1/√d_head", "%.4f", scale);
        fact(r, _("= score"), ROLE_TEXT, _("scaled"), "%.4f", (double)r->scores[r->src]);
    }
    const char *minus_infinity = r->canvas->ascii ? "-inf" : "−∞";
    fact(r, _("+ mask"), r->mask == MASK_NONE ? ROLE_TEXT : ROLE_BAD, NULL, "%s",
         r->mask == MASK_NONE ? "0" : minus_infinity);
    canvas_print(r->canvas, r->y++, r->rect.column + 2, r->rect.n_columns - 2, ROLE_DIM, "%s", why_masked(r));
}

// e^(score − max) / Σ, the numbers of this row in it: what turns scores into weights.
static void draw_softmax(Readout *r) {
    if (r->mask != MASK_NONE) {
        fact(r, _("softmax weight"), ROLE_TEXT, _("exactly"), "0");
        return;
    }
    double weight = (double)r->weights[r->src]; // a small one is not the 0 of a masked cell
    fact(r, _("softmax weight"), ROLE_CACHED, NULL, weight > 0 && weight < 0.0001 ? "%.1e" : "%.4f", weight);
    if (!r->scores || r->rect.n_rows < ROOMY) return;
    double most = -INFINITY, sum = 0;
    for (int i = r->first; i < r->first + r->n_visible; i++) most = fmax(most, (double)r->scores[i]);
    for (int i = r->first; i < r->first + r->n_visible; i++) sum += exp((double)r->scores[i] - most);
    canvas_print(r->canvas, r->y++, r->rect.column + 2, r->rect.n_columns - 2, ROLE_DIM,
                 "= e^(%.2f − %.2f) / %.3f", (double)r->scores[r->src], most, sum);
}

// ---- the row ------------------------------------------------------------------------------------

// Whether src a stands before src b when weights fall.
static bool is_before(const float *weights, int a, int b) {
    return weights[a] > weights[b] || (weights[a] == weights[b] && a < b);
}

// The src whose weight comes next after that of `last`; -1 for the first. -1 when there is none.
static int next_largest(const Readout *r, int last) {
    int next = -1;
    for (int src = r->first; src < r->first + r->n_visible; src++)
        if ((last < 0 || is_before(r->weights, last, src)) && (next < 0 || is_before(r->weights, src, next)))
            next = src;
    return next;
}

static void draw_standing(Readout *r) {
    double entropy = 0;
    int rank = 1;
    char most[32];
    for (int src = r->first; src < r->first + r->n_visible; src++) {
        double weight = (double)r->weights[src];
        if (weight > 0) entropy -= weight * log2(weight);
        if (r->mask == MASK_NONE && is_before(r->weights, src, r->src)) rank++;
    }
    if (r->mask == MASK_NONE)
        fact(r, _("rank in the row"), ROLE_TEXT, NULL, _("%d of %d"), rank, r->n_visible);
    else
        fact(r, _("rank in the row"), ROLE_DIM, NULL, _("none"));
    snprintf(most, sizeof most, _("of %.2f"), log2(r->n_visible));
    fact(r, _("row's entropy"), ROLE_TEXT, most, _("%.2f bits"), fabs(entropy));
}

static void draw_top_line(Readout *r, int src, float longest) {
    const Token *token = panel_src(r->app, src);
    Label label = panel_label(r->canvas, token->text, token->id);
    int x = r->rect.column, width = r->rect.n_columns, n_label = width < 36 ? 9 : 13;
    canvas_target(r->canvas, "cursor", r->row, src);
    canvas_print(r->canvas, r->y, x, n_label - 1, src == r->src ? ROLE_CURSOR : ROLE_TEXT, "%s", label.text);
    canvas_bar(r->canvas, r->y, x + n_label, width - n_label - 7, ROLE_CACHED,
               (double)(r->weights[src] / longest));
    canvas_print(r->canvas, r->y++, x + width - 6, 6, ROLE_TEXT, "%.4f", (double)r->weights[src]);
    canvas_target(r->canvas, NULL, -1, -1);
}

// The largest weights of the row, in the lines that are left, and what they leave to the others.
static void draw_top(Readout *r) {
    int room = r->rect.row + r->rect.n_rows - r->y - 2;
    if (room < 2) return;
    int n_lines = room < MOST_TOP ? room : MOST_TOP,
        n_shown = r->n_visible <= n_lines ? r->n_visible : n_lines - 1;
    double rest = 1;
    canvas_print(r->canvas, ++r->y, r->rect.column, r->rect.n_columns, ROLE_TITLE, _("row %d looks at"),
                 r->row);
    r->y++;
    int src = next_largest(r, -1);
    float longest = r->weights[src];
    for (int i = 0; i < n_shown; i++, src = next_largest(r, src)) {
        draw_top_line(r, src, longest);
        rest -= (double)r->weights[src];
    }
    if (n_shown == r->n_visible) return;
    canvas_print(r->canvas, r->y, r->rect.column, r->rect.n_columns - 7, ROLE_DIM, _("and %d others"),
                 r->n_visible - n_shown);
    canvas_print(r->canvas, r->y, r->rect.column + r->rect.n_columns - 6, 6, ROLE_DIM, "%.4f",
                 rest > 0 ? rest : 0);
}

// ---- where the numbers came from ----------------------------------------------------------------

static void draw_origin(Readout *r) {
    const App *app = r->app;
    const Step *stored_in = app->is_cross ? app->timeline->steps[0] : app_step_of_row(app, r->src);
    int group = attention_group(app), kv_head = app->head / group;
    char shared[48] = "";
    bool is_made_here = app_is_new_row(app, r->row);
    fact(r, _("row computed in"), is_made_here ? ROLE_NEW : ROLE_TEXT,
         is_made_here ? _("this step") : _("remembered"), _("step %d"), r->made_in->index);
    if (r->src >= r->n_seen)
        fact(r, _("K of src"), ROLE_DIM, NULL, _("not there"));
    else if (stored_in->index == r->made_in->index)
        fact(r, _("K of src"), ROLE_NEW, NULL, _("new"));
    else
        fact(r, _("K of src"), ROLE_STORED, NULL, _("cached in step %d"), stored_in->index);
    if (group > 1)
        snprintf(shared, sizeof shared, _("heads %d–%d"), kv_head * group, kv_head * group + group - 1);
    fact(r, _("reads KV head"), ROLE_TEXT, shared, "%d", kv_head);
}

void attention_readout_draw(const App *app, Canvas *canvas, Rect rect, int src) {
    Readout r = readout_of(app, canvas, rect, src);
    bool is_roomy = rect.n_rows >= ROOMY;
    draw_token(&r, _("row"), r.row, &app->timeline->tokens[r.row], ROLE_CURRENT);
    draw_token(&r, "src", r.src, panel_src(app, r.src), ROLE_CURSOR);
    r.y++;
    draw_score(&r);
    draw_softmax(&r);
    if (is_roomy) r.y++;
    draw_standing(&r);
    r.y++;
    draw_origin(&r);
    draw_top(&r);
}
