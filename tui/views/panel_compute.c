// What the step cost with the cache and without it, counted and measured, and how the two have grown.
#include "panel.h"

#include <math.h>

#include "tui/format.h"

// Columns of a line: a label, a figure for each way, their ratio.
typedef struct Columns {
    int label, figure;
} Columns;

static Columns columns_of(Rect rect) {
    return rect.n_columns >= 46 ? (Columns){13, 11} : (Columns){7, 9};
}

static void draw_figures(Canvas *canvas, int y, Rect rect, const char *label, Formatted cached, Formatted recompute,
                         Formatted ratio) {
    Columns columns = columns_of(rect);
    int first_end = rect.column + columns.label + columns.figure - 1, second_end = first_end + columns.figure;
    canvas_print(canvas, y, rect.column, columns.label, ROLE_DIM, "%s", label);
    canvas_print_right(canvas, y, first_end, ROLE_CACHED, cached.text);
    canvas_print_right(canvas, y, second_end, ROLE_RECOMPUTE, recompute.text);
    canvas_print_right(canvas, y, second_end + 7, ROLE_TEXT, ratio.text);
}

// A curve of FLOPs over the last steps, in eighths of a line; both ways on the scale of the larger one.
static void draw_curve(const App *app, Canvas *canvas, int y, Rect rect, bool recompute) {
    static const char *const EIGHTHS[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    int label = columns_of(rect).label, x = rect.column + label + 1, room = rect.n_columns - label - 1,
        n = app->step + 1 < room ? app->step + 1 : room;
    double most = 1;
    for (int i = app->step - n + 1; i <= app->step; i++)
        most = fmax(most,
                    fmax((double)app->timeline->steps[i]->recompute.flops, (double)app->timeline->steps[i]->cached.flops));
    Role role = recompute ? ROLE_RECOMPUTE : ROLE_CACHED;
    canvas_print(canvas, y, rect.column, label, ROLE_DIM, recompute ? "recomp." : "cached");
    for (int i = 0; i < n; i++) {
        const Step *step = app->timeline->steps[app->step - n + 1 + i];
        double share = (double)(recompute ? step->recompute.flops : step->cached.flops) / most;
        canvas_print(canvas, y, x + i, 1, role, "%s", EIGHTHS[(int)(share * 7 + 0.5)]);
    }
}

void panel_compute_draw(const App *app, Canvas *canvas, Rect rect) {
    const Step *step = app_step(app);
    if (!step) return;
    const Cost *a = &step->cached, *b = &step->recompute;
    double a_total = 0, b_total = 0;
    int64_t a_bytes = cost_bytes_read(a), b_bytes = cost_bytes_read(b);
    for (int i = 0; i <= app->step; i++) {
        a_total += (double)app->timeline->steps[i]->cached.flops;
        b_total += (double)app->timeline->steps[i]->recompute.flops;
    }
    int y = rect.row, end = rect.row + rect.n_rows;
    draw_figures(canvas, y++, rect, "", (Formatted){"cached"}, b->counted ? (Formatted){"recomp."} : (Formatted){"formula"},
                 (Formatted){"saved"});
    draw_figures(canvas, y++, rect, "FLOPs", format_count((double)a->flops), format_count((double)b->flops),
                 format_ratio((double)b->flops, (double)a->flops));
    draw_figures(canvas, y++, rect, "read", format_bytes(a_bytes), format_bytes(b_bytes),
                 format_ratio((double)b_bytes, (double)a_bytes));
    draw_figures(canvas, y++, rect, "time", format_time(a->nanoseconds), format_time(b->nanoseconds),
                 format_ratio((double)b->nanoseconds, (double)a->nanoseconds));
    draw_figures(canvas, y++, rect, "so far", format_count(a_total), format_count(b_total), format_ratio(b_total, a_total));
    if (y < end) draw_curve(app, canvas, y++, rect, true);
    if (y < end) draw_curve(app, canvas, y, rect, false);
}
