// The table of costs and the closed forms under it.
#include "tui/views/compute/compute_internal.h"

#include <stdio.h>

enum { WIDE = 116 }; // columns that let lines say more

// ---- the table ----------------------------------------------------------------------------------

// Ends of its columns.
typedef struct Columns {
    int label; // where it begins
    int cached[2], recompute[2], saved[2], formula;
} Columns;

static Columns columns_of(Rect rect) {
    int spare = rect.n_columns - 76 < 40 ? rect.n_columns - 76 : 40;
    int figure = 9 + spare / 8, ratio = 7 + spare / 8, x = rect.column + 15 + spare / 8;
    Columns columns = {.label = rect.column};
    for (int i = 0; i < 2; i++) {
        columns.cached[i] = x += figure;
        columns.recompute[i] = x += figure;
        columns.saved[i] = x += ratio;
    }
    columns.formula = x + 8 + spare / 8;
    return columns;
}

static void draw_heads(const App *app, Canvas *canvas, int y, const Columns *columns) {
    const char *recompute = app_step(app)->recompute.counted ? _("recomp.") : _("formula");
    char so_far[48];
    snprintf(so_far, sizeof so_far, _("%d step%s so far"), app->step + 1, app->step > 0 ? "s" : "");
    canvas_print_right(canvas, y, columns->recompute[0], ROLE_TEXT, _("this step"));
    canvas_print_right(canvas, y, columns->recompute[1], ROLE_TEXT, so_far);
    canvas_print_right(canvas, y, columns->formula + 2, ROLE_DIM, _("by formula"));
    for (int i = 0; i < 2; i++) {
        canvas_print_right(canvas, y + 1, columns->cached[i], ROLE_CACHED, _("cached"));
        canvas_print_right(canvas, y + 1, columns->recompute[i], ROLE_RECOMPUTE, recompute);
        canvas_print_right(canvas, y + 1, columns->saved[i], ROLE_TEXT, _("saved"));
    }
    canvas_print_right(canvas, y + 1, columns->formula, ROLE_DIM, _("saved"));
}

// The formula's ratio, and whether both of its numbers are those that were counted.
static void draw_analytic(const App *app, Canvas *canvas, int y, const Columns *columns, Quantity quantity,
                          const int64_t counted[2]) {
    int64_t a = quantity_analytic(app->timeline, app->step, quantity, false);
    int64_t b = quantity_analytic(app->timeline, app->step, quantity, true);
    if (a == NOT_MEASURED) {
        canvas_print_right(canvas, y, columns->formula, ROLE_DIM, "—");
        return;
    }
    bool agrees = a == counted[0] && b == counted[1];
    canvas_print_right(canvas, y, columns->formula, ROLE_TEXT, format_ratio((double)b, (double)a).text);
    canvas_print(canvas, y, columns->formula + 1, 1, agrees ? ROLE_GOOD : ROLE_BAD, "%s", agrees ? "✓" : "✗");
}

static void draw_quantity(const App *app, Canvas *canvas, int y, const Columns *columns, Quantity quantity,
                          bool is_selected) {
    static const char *const COMMANDS[] = {"quantity flops", "quantity bytes", "quantity time",
                                           "quantity passes", "quantity pairs"};
    int64_t n[2][2]; // this step and so far, cached and recomputed
    for (int i = 0; i < 2; i++) {
        n[0][i] = quantity_of(app_step(app), quantity, i == 1);
        n[1][i] = quantity_until(app->timeline, app->step, quantity, i == 1);
    }
    canvas_target(canvas, COMMANDS[quantity], -1, -1);
    canvas_print(canvas, y, columns->label, 15, is_selected ? ROLE_CURSOR : ROLE_TEXT, "%s",
                 _(QUANTITY_NAMES[quantity]));
    canvas_target(canvas, NULL, -1, -1);
    for (int i = 0; i < 2; i++) {
        canvas_print_right(canvas, y, columns->cached[i], ROLE_CACHED,
                           quantity_format(quantity, n[i][0]).text);
        canvas_print_right(canvas, y, columns->recompute[i], ROLE_RECOMPUTE,
                           quantity_format(quantity, n[i][1]).text);
        canvas_print_right(canvas, y, columns->saved[i], ROLE_TEXT,
                           format_ratio((double)n[i][1], (double)n[i][0]).text);
    }
    draw_analytic(app, canvas, y, columns, quantity, n[1]);
}

void costs_draw(const App *app, Canvas *canvas, Rect rect, Quantity selected) {
    Columns columns = columns_of(rect);
    draw_heads(app, canvas, rect.row, &columns);
    for (int i = 0; i < QUANTITY_COUNT; i++)
        draw_quantity(app, canvas, rect.row + 2 + i, &columns, (Quantity)i, i == (int)selected);
}

// ---- closed forms -------------------------------------------------------------------------------

void forms_title(const App *app, char *title, size_t size) {
    int p = app->timeline->n_prompt, g = app->step + 1;
    snprintf(title, size, _("closed forms · prompt p = %d, steps g = %d, t = p … n = p+g−1 = %d"), p, g,
             p + g - 1);
}

typedef struct Form {
    const char *words;
    Quantity quantity;
    bool recompute;
} Form;

// A form with its number, and whether that is what the Steps say.
static void draw_form(const App *app, Canvas *canvas, Rect line, const Form *form) {
    int y = line.row, x = line.column, end = line.column + line.n_columns;
    int64_t n = quantity_analytic(app->timeline, app->step, form->quantity, form->recompute);
    bool agrees = n == quantity_until(app->timeline, app->step, form->quantity, form->recompute);
    x += canvas_print(canvas, y, x, end - x, form->recompute ? ROLE_RECOMPUTE : ROLE_CACHED, "%s = %s",
                      _(form->words), quantity_format(form->quantity, n).text);
    canvas_print(canvas, y, x, end - x, agrees ? ROLE_GOOD : ROLE_BAD, agrees ? " ✓" : " ✗");
    if (end - x > 12)
        canvas_print(canvas, y, x + 2, end - x - 2, ROLE_DIM,
                     agrees ? _(" as counted") : _(" counted otherwise"));
}

// What is saved when the prompt is one token, which is how books put it.
static void draw_from_one(const App *app, Canvas *canvas, int y, Rect rect) {
    double n = app->timeline->n_prompt + app->step;
    const char *form = rect.n_columns >= WIDE
                           ? _("With p = 1: (n+1)/2 = %s fewer passes, (2n+1)/3 = %s fewer pairs, (n+2)/3 = "
                               "%s without masked ones")
                           : _("p=1: passes (n+1)/2=%s, pairs (2n+1)/3=%s, unmasked (n+2)/3=%s");
    canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_TEXT, form, format_ratio(n + 1, 2).text,
                 format_ratio(2 * n + 1, 3).text, format_ratio(n + 2, 3).text);
}

static double ratio_of(const Step *step, Quantity quantity) {
    return (double)quantity_of(step, quantity, true) / (double)quantity_of(step, quantity, false);
}

static double flops_a_byte(const Cost *cost) {
    return (double)cost->flops / (double)cost_bytes_read(cost);
}

// Why time and FLOPs are not saved alike.
static void explain(const App *app, char *text, size_t size, bool is_wide) {
    const Step *step = app_step(app);
    double flops = ratio_of(step, QUANTITY_FLOPS), time = ratio_of(step, QUANTITY_TIME);
    if (!step->recompute.counted)
        snprintf(text, size, _("Recomputation was not run: its figures are the formula's, without a time."));
    else if (step->phase == STEP_PREFILL)
        snprintf(text, size,
                 _("A prefill computes every row either way: the cache saves from the next step on."));
    else if (step->recompute.nanoseconds < 0 || step->cached.nanoseconds <= 0)
        snprintf(text, size, _("Time was not measured."));
    else if (time >= flops)
        snprintf(text, size, _("Time saves %.1f×, FLOPs %.1f×: softmax and norms are not among the FLOPs."),
                 time, flops);
    else if (is_wide)
        snprintf(text, size,
                 _("Time saves %.1f×, FLOPs %.1f×: decoding reads all weights for one row, %.1f FLOPs a byte "
                   "against %.1f: "
                   "memory-bound"),
                 time, flops, flops_a_byte(&step->cached), flops_a_byte(&step->recompute));
    else
        snprintf(text, size, _("Time %.1f× < FLOPs %.1f×: all weights are read for 1 row: memory-bound"),
                 time, flops);
}

void forms_draw(const App *app, Canvas *canvas, Rect rect) {
    static const Form FORMS[2][2] = {
        {{N_("cached p+g−1"), QUANTITY_PASSES, false},
         {N_("recomputed Σt = g(p+n)/2"), QUANTITY_PASSES, true}},
        {{N_("cached p² + Σt (t>p)"), QUANTITY_PAIRS, false}, {N_("recomputed Σt²"), QUANTITY_PAIRS, true}}};
    bool is_wide = rect.n_columns >= WIDE;
    int x = rect.column + (is_wide ? 18 : 8), middle = x + (is_wide ? 45 : 32),
        end = rect.column + rect.n_columns;
    for (int i = 0; i < 2; i++) {
        Quantity quantity = FORMS[i][0].quantity;
        canvas_print(canvas, rect.row + i, rect.column, x - rect.column - 1, ROLE_DIM, "%s",
                     _((is_wide ? QUANTITY_NAMES : QUANTITY_WORDS)[quantity]));
        draw_form(app, canvas, (Rect){rect.row + i, x, 1, middle - 1 - x}, &FORMS[i][0]);
        draw_form(app, canvas, (Rect){rect.row + i, middle, 1, end - middle}, &FORMS[i][1]);
    }
    draw_from_one(app, canvas, rect.row + 2, rect);
    char text[192];
    explain(app, text, sizeof text, is_wide);
    canvas_print(canvas, rect.row + 3, rect.column, rect.n_columns, ROLE_TEXT, "%s", text);
}
