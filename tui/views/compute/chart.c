// Costs over the steps, both ways in one chart: the cached way is solid, what recomputation costs more is
// dotted.
//
//     68.8 M │              ⣀⣀⣀⣀ recomputed
//            │      ⣤⣤⣤⣤⣤⣤⣤⣤⣿⣿⣿⣿
//            │⣀⣀⣀⣀⣀⣀⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
//          0 │▃▃▃▃▃▃▄▄▄▄▄▄▄▄▅▅▅▅ cached
//       step  0     1       2
//
// With more steps than columns a column is the last of several steps. Steps after the shown one are dim.
#include "tui/views/compute/compute_internal.h"

#include <stdio.h>

enum { MARGIN = 9, NAME = 11, WIDEST = 8, PART = 8 }; // PART: levels of a cell

typedef struct Chart {
    const App *app;
    Quantity quantity;
    bool sums;
    Rect plot;
    int width;     // columns of a step
    int n_columns; // that are drawn
    double most;   // cost at the top
} Chart;

static int step_of_column(const Chart *chart, int column) {
    int n_steps = chart->app->timeline->n_steps;
    return chart->n_columns >= n_steps ? column / chart->width
                                       : (int)((int64_t)(column + 1) * n_steps / chart->n_columns) - 1;
}

static int column_of_step(const Chart *chart, int step) {
    int column = 0;
    while (column + 1 < chart->n_columns && step_of_column(chart, column) < step) column++;
    return column;
}

static double cost_at(const Chart *chart, int step, bool recompute) {
    const Timeline *timeline = chart->app->timeline;
    return (double)(chart->sums ? quantity_until(timeline, step, chart->quantity, recompute)
                                : quantity_of(timeline->steps[step], chart->quantity, recompute));
}

static int levels(const Chart *chart, double cost) {
    return (int)(cost / chart->most * chart->plot.n_rows * PART + 0.5);
}

// One column, from the floor up. height: cached and recomputed, in levels. Where recomputation costs no more,
// a dotted cell says how much.
static void draw_column(const Chart *chart, Canvas *canvas, int x, const int height[2], bool is_later) {
    static const char *const SOLID[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const DOTTED[] = {"⣀", "⣀", "⣤", "⣤", "⣶", "⣶", "⣿", "⣿"};
    Role cached = is_later ? ROLE_DIM : ROLE_CACHED, recompute = is_later ? ROLE_DIM : ROLE_RECOMPUTE;
    int floor = chart->plot.row + chart->plot.n_rows - 1, most = height[height[1] > height[0]];
    for (int i = 0; i * PART < most; i++) {
        bool is_solid = i * PART < height[0], is_mark = height[1] <= height[0] && (height[1] - 1) / PART == i;
        int part = (is_solid && !is_mark ? height[0] : height[1]) - i * PART,
            level = part < PART ? part - 1 : PART - 1;
        if (is_solid && !is_mark)
            canvas_print(canvas, floor - i, x, 1, cached, "%s", SOLID[level]);
        else if (level >= 0)
            canvas_print(canvas, floor - i, x, 1, recompute, "%s", DOTTED[level]);
    }
}

static void draw_columns(const Chart *chart, Canvas *canvas) {
    double sum[2] = {0, 0};
    for (int column = 0, done = 0; column < chart->n_columns; column++) {
        int step = step_of_column(chart, column), height[2];
        for (; done <= step; done++)
            for (int way = 0; way < 2; way++) {
                double cost =
                    (double)quantity_of(chart->app->timeline->steps[done], chart->quantity, way == 1);
                sum[way] = chart->sums ? sum[way] + cost : cost;
            }
        for (int way = 0; way < 2; way++) height[way] = levels(chart, sum[way]);
        canvas_target(canvas, "goto", step, -1);
        draw_column(chart, canvas, chart->plot.column + column, height, step > chart->app->step);
        canvas_target(canvas, NULL, -1, -1);
    }
}

static void draw_scale(const Chart *chart, Canvas *canvas) {
    int end = chart->plot.column - 1, floor = chart->plot.row + chart->plot.n_rows - 1;
    for (int y = chart->plot.row; y <= floor; y++) canvas_print(canvas, y, end, 1, ROLE_FRAME, "│");
    for (int i = 0; i < 3; i++) {
        int y = chart->plot.row + (chart->plot.n_rows - 1) * i / 2;
        double cost = chart->most * (floor + 1 - y) / chart->plot.n_rows; // of the row's upper edge
        if (y == floor) cost = 0;
        canvas_print_right(canvas, y, end - 1, ROLE_DIM,
                           quantity_format(chart->quantity, (int64_t)(cost + 0.5)).text);
    }
}

// Numbers of steps under the columns: the first, the last, and the shown one.
static void draw_steps(const Chart *chart, Canvas *canvas) {
    int y = chart->plot.row + chart->plot.n_rows, last = chart->app->timeline->n_steps - 1,
        shown = chart->app->step;
    const int steps[] = {0, last, shown};
    canvas_print_right(canvas, y, chart->plot.column - 1, ROLE_DIM, _("step"));
    for (int i = 0; i < 3; i++) {
        char number[16];
        int x = chart->plot.column + column_of_step(chart, steps[i]),
            shown_x = chart->plot.column + column_of_step(chart, shown);
        int width = snprintf(number, sizeof number, "%d", steps[i]),
            far = x > shown_x ? x - shown_x : shown_x - x;
        if (i < 2 && far <= width + 4) continue;
        canvas_target(canvas, "goto", steps[i], -1);
        canvas_print(canvas, y, x, width, i == 2 ? ROLE_CURSOR : ROLE_DIM, "%s", number);
        canvas_target(canvas, NULL, -1, -1);
    }
}

// The two ways' names at the ends of their curves, one above the other.
static void draw_names(const Chart *chart, Canvas *canvas) {
    static const char *const NAMES[] = {N_("cached"), N_("recomputed")};
    static const Role ROLES[] = {ROLE_CACHED, ROLE_RECOMPUTE};
    int last = chart->app->timeline->n_steps - 1, floor = chart->plot.row + chart->plot.n_rows - 1, y[2];
    for (int way = 0; way < 2; way++) {
        int height = levels(chart, cost_at(chart, last, way == 1));
        y[way] = floor - (height > 0 ? (height - 1) / PART : 0);
    }
    int lower = y[0] >= y[1] ? 0 : 1;
    if (y[0] == y[1] && y[lower] < floor)
        y[lower]++;
    else if (y[0] == y[1])
        y[1 - lower]--;
    for (int way = 0; way < 2; way++)
        canvas_print(canvas, y[way], chart->plot.column + chart->n_columns + 1, NAME - 1, ROLES[way], "%s",
                     _(NAMES[way]));
}

void chart_title(Quantity quantity, bool sums, char *title, size_t size) {
    snprintf(title, size, _("%s %s · █ cached ⣿ recomputed"), _(QUANTITY_NAMES[quantity]),
             sums ? _("so far") : _("of each step"));
}

void chart_draw(const App *app, Canvas *canvas, Rect rect, Quantity quantity, bool sums) {
    Chart chart = {.app = app, .quantity = quantity, .sums = sums};
    int n_steps = app->timeline->n_steps;
    chart.plot = (Rect){rect.row, rect.column + MARGIN, rect.n_rows - 1, rect.n_columns - MARGIN - NAME};
    chart.width = chart.plot.n_columns / n_steps < WIDEST ? chart.plot.n_columns / n_steps : WIDEST;
    chart.n_columns = chart.width > 0 ? chart.width * n_steps : chart.plot.n_columns;
    for (int i = 0; i < n_steps; i++)
        for (int way = 0; way < 2; way++) {
            double cost = (double)quantity_of(app->timeline->steps[i], chart.quantity, way == 1);
            if (cost < 0) {
                canvas_print(canvas, rect.row + 1, rect.column, rect.n_columns, ROLE_DIM,
                             _("Recomputation was not run: there is no time to draw."));
                return;
            }
            if (!sums && cost > chart.most) chart.most = cost;
        }
    for (int way = 0; way < 2 && sums; way++) {
        double cost = cost_at(&chart, n_steps - 1, way == 1);
        if (cost > chart.most) chart.most = cost;
    }
    if (!(chart.most > 0)) return;
    draw_scale(&chart, canvas);
    draw_columns(&chart, canvas);
    draw_steps(&chart, canvas);
    draw_names(&chart, canvas);
}
