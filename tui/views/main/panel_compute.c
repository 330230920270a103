// What the step cost with the cache and without it, counted and measured, and how the two have grown.
#include "tui/views/main/panels.h"
#include "tui/widgets/attended.h"

#include <math.h>

#include "tui/widgets/quantity.h"

// Columns of a line: a label, a figure for each way, their ratio.
typedef struct Columns {
    int label, figure;
} Columns;

static Columns columns_of(Rect rect) {
    return rect.n_columns >= 46 ? (Columns){13, 11} : (Columns){7, 9};
}

typedef struct Figures {
    const char *label;
    Formatted cached, recompute, ratio;
} Figures;

static void draw_figures(Canvas *canvas, Rect rect, const Figures *f) {
    Columns columns = columns_of(rect);
    int first_end = rect.column + columns.label + columns.figure - 1, second_end = first_end + columns.figure;
    canvas_print(canvas, rect.row, rect.column, columns.label, ROLE_DIM, "%s", f->label);
    canvas_print_right(canvas, rect.row, first_end, ROLE_CACHED, f->cached.text);
    canvas_print_right(canvas, rect.row, second_end, ROLE_RECOMPUTE, f->recompute.text);
    canvas_print_right(canvas, rect.row, second_end + 7, ROLE_TEXT, f->ratio.text);
}

static void draw_quantity(const App *app, Canvas *canvas, Rect rect, const char *label, Quantity quantity,
                          bool so_far) {
    int64_t n[2];
    for (int i = 0; i < 2; i++)
        n[i] = so_far ? quantity_until(app->timeline, app->step, quantity, i == 1)
                      : quantity_of(app_step(app), quantity, i == 1);
    draw_figures(canvas, rect,
                 &(Figures){label, quantity_format(quantity, n[0]), quantity_format(quantity, n[1]),
                            format_ratio((double)n[1], (double)n[0])});
}

// A curve of FLOPs over the last steps, in eighths of a line; both ways on the scale of the larger one.
static void draw_curve(const App *app, Canvas *canvas, int y, Rect rect, bool recompute) {
    static const char *const EIGHTHS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    Step *const *steps = app->timeline->steps;
    int label = columns_of(rect).label, x = rect.column + label + 1, room = rect.n_columns - label - 1,
        n = app->step + 1 < room ? app->step + 1 : room;
    double most = 1;
    for (int i = app->step - n + 1; i <= app->step; i++)
        most = fmax(most, fmax((double)quantity_of(steps[i], QUANTITY_FLOPS, true),
                               (double)quantity_of(steps[i], QUANTITY_FLOPS, false)));
    Role role = recompute ? ROLE_RECOMPUTE : ROLE_CACHED;
    canvas_print(canvas, y, rect.column, label, ROLE_DIM, recompute ? _("recomp.") : _("cached"));
    for (int i = 0; i < n; i++) {
        double share = (double)quantity_of(steps[app->step - n + 1 + i], QUANTITY_FLOPS, recompute) / most;
        canvas_print(canvas, y, x + i, 1, role, "%s", EIGHTHS[(int)(share * 7 + 0.5)]);
    }
}

void panel_compute_draw(const App *app, Canvas *canvas, Rect rect) {
    const Step *step = app_step(app);
    if (!step) {
        canvas_print(canvas, rect.row, rect.column, rect.n_columns, ROLE_DIM,
                     _("With the cache and without it:"));
        canvas_print(canvas, rect.row + 1, rect.column, rect.n_columns, ROLE_DIM,
                     _("FLOPs, bytes read and time."));
        return;
    }
    if (quantity_until(app->timeline, app->step, QUANTITY_FLOPS, false) == NOT_MEASURED ||
        quantity_until(app->timeline, app->step, QUANTITY_FLOPS, true) == NOT_MEASURED) {
        attended_draw_missing(canvas, rect, _("costs"));
        return;
    }
    int end = rect.row + rect.n_rows;
    draw_figures(canvas, rect,
                 &(Figures){"", format_words(_("cached")),
                            format_words(step->recompute.counted ? _("recomp.") : _("formula")),
                            format_words(_("saved"))});
    rect.row++;
    draw_quantity(app, canvas, rect, "FLOPs", QUANTITY_FLOPS, false), rect.row++;
    draw_quantity(app, canvas, rect, _("read"), QUANTITY_BYTES, false), rect.row++;
    draw_quantity(app, canvas, rect, _("time"), QUANTITY_TIME, false), rect.row++;
    draw_quantity(app, canvas, rect, _("so far"), QUANTITY_FLOPS, true), rect.row++;
    if (rect.row < end) draw_curve(app, canvas, rect.row++, rect, true);
    if (rect.row < end) draw_curve(app, canvas, rect.row, rect, false);
}
