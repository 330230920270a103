// The row's numbers of a stage: a heat strip for each head, and bars for what is one vector.
//
//     head 0  ░▒ - ▓=░  ...   min -1.02  max 2.11  norm 4.85
//   ▶ head 1  -░▒█≡ ░-  ...
//
//      2.11  ▂ ▅   █ ▁
//     -1.02   ▀ █ ▔
#include "tui/views/stages/stages_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- numbers of a Step --------------------------------------------------------------------------

// Heads that a site's numbers are divided into: 1 where they are not.
static int n_heads_of(const Config *config, SiteId site) {
    switch (SITES[site].shape) {
    case SITE_ROW_HEAD:
    case SITE_SOURCE_HEAD:
    case SITE_HEAD_ROW_KEY:
    case SITE_HEAD_ROW_SOURCE:
        return config->n_heads;
    case SITE_ROW_KV_HEAD:
        return config->n_kv_heads;
    default:
        return 1;
    }
}

int stages_own_head(const App *app, SiteId site) {
    const Config *c = &app->timeline->config;
    return app->head * n_heads_of(c, site) / c->n_heads;
}

const float *stages_vector(const Step *step, const Config *config, Stage stage, int row, int head, int *n) {
    SiteId site = stage.site;
    SiteShape shape = SITES[site].shape;
    int64_t size[3];
    PassShape pass = step_shape(step);
    int n_dims = site_shape(site, config, &pass, size);
    *n = (int)size[n_dims - 1];
    if (!step->sites[site]) return NULL;
    if (shape == SITE_HEAD_ROW_KEY || shape == SITE_HEAD_ROW_SOURCE)
        return step_head_row(step, config, site, stage.layer, head, row);
    if (shape == SITE_ROW_VOCAB) return row == step->n_rows - 1 ? step->sites[site] : NULL;
    const float *layer = step->sites[site] + stage.layer * site_size(site, config, &pass);
    return layer + ((int64_t)row * n_heads_of(config, site) + head) * *n;
}

void stages_count_in(Stats *stats, const float *numbers, int n) {
    for (int i = 0; i < n; i++) {
        double x = numbers[i];
        if (!isfinite(x)) continue; // masked
        if (stats->n == 0 || x < stats->min) stats->min = x;
        if (stats->n == 0 || x > stats->max) stats->max = x;
        stats->sum += x;
        stats->squares += x * x;
        stats->n++;
    }
}

double stages_largest(const Stats *stats) {
    double largest = fmax(fabs(stats->min), fabs(stats->max));
    return largest > 0 ? largest : 1;
}

Stats stages_row_stats(const Stop *stop) {
    Stats stats = {0};
    SiteId site = stop->stage.site;
    bool is_source = SITES[site].shape == SITE_SOURCE_HEAD; // which is of no row: all of it
    for (int i = 0; i < (is_source ? stop->app->timeline->n_source : 1); i++)
        for (int head = 0; head < n_heads_of(stop->config, site); head++) {
            int n;
            const float *v =
                stages_vector(stop->step, stop->config, stop->stage, is_source ? i : stop->row, head, &n);
            if (v) stages_count_in(&stats, v, n);
        }
    return stats;
}

Number stages_number(double value, int n_decimals) {
    Number number;
    double size = fabs(value);
    if (size < 0.5 * pow(10, -n_decimals)) value = 0; // without a sign
    if (size >= 1e5)
        snprintf(number.text, sizeof number.text, "%.0e", value);
    else
        snprintf(number.text, sizeof number.text, "%.*f",
                 size < 99.995   ? n_decimals
                 : size < 999.95 ? 1
                                 : 0,
                 value);
    return number;
}

// ---- strips -------------------------------------------------------------------------------------

Strip stages_strip(int n, int room) {
    Strip strip = {.per_cell = (n + room - 1) / room,
                   .width = room / n < 1   ? 1
                            : room / n < 4 ? room / n
                                           : 4};
    strip.n_cells = (n + strip.per_cell - 1) / strip.per_cell;
    return strip;
}

void stages_draw_strip(const Stop *stop, Canvas *canvas, int y, int x, const Strip *strip, Vector v) {
    const float *numbers = v.numbers;
    if (!numbers) return;
    for (int cell = 0; cell < strip->n_cells; cell++) {
        float value = 0;
        for (int i = cell * strip->per_cell; i < (cell + 1) * strip->per_cell && i < v.n; i++)
            if (isfinite(numbers[i]) && fabsf(numbers[i]) > fabsf(value)) value = numbers[i];
        canvas_signed_heat(canvas, y, x + cell * strip->width, strip->width, value / v.largest,
                           stop->app->scale);
    }
}

void stages_draw_strip_legend(Canvas *canvas, int y, int x, int room, const Strip *strip) {
    static const double SAMPLES[] = {-0.9, -0.4, -0.1, 0.1, 0.3, 0.9};
    int end = x + room;
    if (room < 20) return;
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _("below 0 "));
    for (int i = 0; i < 6; i++) canvas_signed_heat(canvas, y, x++, 1, SAMPLES[i], SCALE_ROOT);
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _(" above"));
    if (strip->per_cell > 1)
        canvas_print(canvas, y, x, end - x, ROLE_DIM,
                     end - x < 30 ? _(", largest of %d") : _(", a cell is the largest of %d"),
                     strip->per_cell);
}

// Lines: one for each head, and those of the numbers beside it.
enum { HEAD_LABEL = 10, COLUMN = 8 };

typedef struct Strips {
    Rect rect;
    Strip strip;
    int n_columns; // of numbers: the norm, or min, max and norm
    double largest;
} Strips;

static void draw_head_strip(const Stop *stop, Canvas *canvas, int y, const Strips *strips, int head) {
    int n, x = strips->rect.column, end = x + strips->rect.n_columns;
    const float *v = stages_vector(stop->step, stop->config, stop->stage, stop->row, head, &n);
    bool is_own = head == stages_own_head(stop->app, stop->stage.site);
    int group = stop->config->n_heads / n_heads_of(stop->config, stop->stage.site);
    canvas_target(canvas, "head", head * group, -1);
    canvas_print(canvas, y, x, 1, ROLE_KEY, is_own ? "▶" : " ");
    canvas_print(canvas, y, x + 2, HEAD_LABEL - 3, is_own ? ROLE_TEXT : ROLE_DIM,
                 group > 1 ? "KV %d" : _("head %d"), head);
    stages_draw_strip(stop, canvas, y, x + HEAD_LABEL, &strips->strip, (Vector){v, n, strips->largest});
    Stats stats = {0};
    stages_count_in(&stats, v, n);
    const double shown[] = {sqrt(stats.squares), stats.max, stats.min}; // from the right
    for (int i = 0; i < strips->n_columns; i++)
        canvas_print_right(canvas, y, end - i * COLUMN, is_own ? ROLE_TEXT : ROLE_DIM,
                           stages_number(shown[i], 2).text);
    canvas_target(canvas, NULL, -1, -1);
}

// Returns the lines used.
static int draw_head_strips(const Stop *stop, Canvas *canvas, Rect rect, double largest) {
    static const char *const NAMES[] = {N_("norm"), N_("max"), N_("min")};
    int n_heads = n_heads_of(stop->config, stop->stage.site), n_shown = rect.n_rows - 2;
    if (n_shown > n_heads) n_shown = n_heads;
    if (n_shown < 1) return 0;
    int own = stages_own_head(stop->app, stop->stage.site), first = own - n_shown / 2;
    first = first < 0 ? 0 : first > n_heads - n_shown ? n_heads - n_shown : first;
    Strips strips = {.rect = rect, .n_columns = rect.n_columns >= 70 ? 3 : 1, .largest = largest};
    strips.strip =
        stages_strip(stop->config->d_head, rect.n_columns - HEAD_LABEL - strips.n_columns * COLUMN);
    canvas_print(canvas, rect.row, rect.column + HEAD_LABEL, 40, ROLE_DIM, "d_head 0 … %d",
                 stop->config->d_head - 1);
    for (int i = 0; i < strips.n_columns; i++)
        canvas_print_right(canvas, rect.row, rect.column + rect.n_columns - i * COLUMN, ROLE_DIM,
                           _(NAMES[i]));
    for (int i = 0; i < n_shown; i++) draw_head_strip(stop, canvas, rect.row + 1 + i, &strips, first + i);
    int y = rect.row + 1 + n_shown, x = rect.column + HEAD_LABEL;
    stages_draw_strip_legend(canvas, y, x, rect.n_columns - HEAD_LABEL, &strips.strip);
    return n_shown + 2;
}

// Cross-attention's K or V: a strip for each source token, of the head that is looked at.
static void draw_source_strips(const Stop *stop, Canvas *canvas, Rect rect, double largest) {
    int n_lines = rect.n_rows - 2;
    if (n_lines < 1) return;
    bool is_stored = stop->step->index > 0;
    Window window = stages_window(stop->app->timeline->n_source, n_lines, stop->app->timeline->n_source - 1);
    Strip strip = stages_strip(stop->config->d_head, rect.n_columns - HEAD_LABEL - 2);
    canvas_print(canvas, rect.row, rect.column, rect.n_columns, ROLE_DIM, _("head %d   d_head 0 … %d"),
                 stop->app->head, stop->config->d_head - 1);
    for (int i = 0; i < window.n_places; i++) {
        int src = stages_window_at(&window, i), y = rect.row + 1 + i, n, first;
        if (src < 0) {
            canvas_print(canvas, y, rect.column + 2, 40, ROLE_DIM, _("… %d more"),
                         stages_gap(&window, src, &first));
            continue;
        }
        Label label = stages_column_label(stop, canvas, true, src);
        const float *v = stages_vector(stop->step, stop->config, stop->stage, src, stop->app->head, &n);
        canvas_print(canvas, y, rect.column, 1, is_stored ? ROLE_STORED : ROLE_NEW, is_stored ? "■" : "□");
        canvas_print(canvas, y, rect.column + 2, HEAD_LABEL - 3, ROLE_TEXT, "%s", label.text);
        stages_draw_strip(stop, canvas, y, rect.column + HEAD_LABEL, &strip, (Vector){v, n, largest});
    }
    stages_draw_strip_legend(canvas, rect.row + 1 + window.n_places, rect.column + HEAD_LABEL,
                             rect.n_columns - HEAD_LABEL, &strip);
}

// ---- bars ---------------------------------------------------------------------------------------

enum { AXIS_LABEL = 10, MOST_BAR_ROWS = 9 };

// One line of bars: `part` of it, from the axis on.
static void draw_bar_cell(Canvas *canvas, int y, int x, int n_columns, double part, bool is_below) {
    static const char *const UP[] = {"", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const DOWN[] = {"", "▔", "▔", "▀", "▀", "▀", "▀", "█", "█"}; // all that fonts have
    int eighths = part >= 1 ? 8 : (int)(8 * part + 0.5);
    if (!(part > 0)) return;
    for (int i = 0; i < n_columns; i++)
        canvas_print(canvas, y, x + i, 1, is_below ? ROLE_BELOW : ROLE_ABOVE, "%s",
                     (is_below ? DOWN : UP)[eighths]);
}

// How the numbers lie on the chart.
typedef struct Chart {
    Strip columns;
    double unit;      // of a line
    int n_up, n_down; // lines above and below the axis
    int x, axis;      // the first column, and the first line below the axis
} Chart;

static Chart chart_of(Rect rect, const Stats *stats, int n, int n_lines) {
    double above = fmax(stats->max, 0), below = fmax(-stats->min, 0);
    Chart chart = {.columns = stages_strip(n, rect.n_columns - AXIS_LABEL), .x = rect.column + AXIS_LABEL};
    chart.unit = above + below > 0 ? (above + below) / (n_lines - 1) : 1;
    chart.n_up = (int)ceil(above / chart.unit),
    chart.n_down = (int)ceil(below / chart.unit); // together at most n_lines
    chart.axis = rect.row + chart.n_up;
    return chart;
}

// Where there is more than one number to a column it shows the highest and the lowest.
static void draw_column(Canvas *canvas, const Chart *chart, int column, const float *v, int n) {
    int first = column * chart->columns.per_cell, end = first + chart->columns.per_cell,
        width = chart->columns.width;
    double high = 0, low = 0;
    for (int i = first; i < end && i < n; i++)
        if (isfinite(v[i])) high = fmax(high, v[i]), low = fmin(low, v[i]);
    int x = chart->x + column * width;
    for (int i = 0; i < chart->n_up; i++)
        draw_bar_cell(canvas, chart->axis - 1 - i, x, width, high / chart->unit - i, false);
    for (int i = 0; i < chart->n_down; i++)
        draw_bar_cell(canvas, chart->axis + i, x, width, -low / chart->unit - i, true);
}

int stages_draw_bars(const Stop *stop, Canvas *canvas, Rect rect, const float *numbers, int n, int width) {
    Stats stats = {0};
    stages_count_in(&stats, numbers, n);
    int n_lines = rect.n_rows - 2 < 2 * MOST_BAR_ROWS ? rect.n_rows - 2 : 2 * MOST_BAR_ROWS;
    if (n_lines < 2 || stats.n == 0) return 0;
    Chart chart = chart_of(rect, &stats, n, n_lines);
    if (width > 0) chart.columns.width = width;
    int x = chart.x, y = chart.axis + chart.n_down, room = rect.n_columns - AXIS_LABEL;
    for (int i = 0; i < chart.columns.n_cells; i++) draw_column(canvas, &chart, i, numbers, n);
    if (chart.n_up > 0)
        canvas_print_right(canvas, rect.row, x - 1, ROLE_DIM, stages_number(stats.max, 2).text);
    if (chart.n_down > 0)
        canvas_print_right(canvas, y - 1, x - 1, ROLE_DIM, stages_number(stats.min, 2).text);
    stages_draw_strip(stop, canvas, y, x, &chart.columns, (Vector){numbers, n, stages_largest(&stats)});
    int used = canvas_print(canvas, y + 1, x, room, ROLE_DIM, "0 … %d", n - 1);
    if (chart.columns.per_cell > 1)
        used += canvas_print(canvas, y + 1, x + used, room - used, ROLE_DIM, _(", a column: %d numbers"),
                             chart.columns.per_cell);
    Strip one = {.per_cell = 1};
    if (room - used > 24) stages_draw_strip_legend(canvas, y + 1, x + used + 3, room - used - 3, &one);
    return y + 2 - rect.row;
}

// The largest logits and their tokens.
static void draw_candidates(const Stop *stop, Canvas *canvas, Rect rect) {
    const Step *step =
        stop->app->timeline->steps[stop->step->index]; // numbers computed once more have no candidates
    if (rect.n_rows < 1) return;
    canvas_print(canvas, rect.row, rect.column, AXIS_LABEL - 1, ROLE_DIM, _("largest"));
    int x = rect.column + AXIS_LABEL, end = rect.column + rect.n_columns;
    for (int i = 0; i < step->n_candidates; i++) {
        Label label = token_label(canvas, step->candidate_texts[i], step->candidates[i].id);
        Number logit = stages_number(step->candidates[i].logit, 2);
        int width = canvas_text_width(canvas, text_from(label.text)) + (int)strlen(logit.text) + 1;
        if (x + width > end) break;
        bool is_choice = step_chose(step, step->candidates[i].id);
        x +=
            canvas_print(canvas, rect.row, x, end - x, is_choice ? ROLE_CHOICE : ROLE_TEXT, "%s", label.text);
        x += canvas_print(canvas, rect.row, x, end - x, ROLE_DIM, " %s", logit.text) + 3;
    }
}

void stages_draw_numbers(const Stop *stop, Canvas *canvas, Rect rect) {
    Stats stats = stages_row_stats(stop);
    double largest = stages_largest(&stats);
    SiteShape shape = SITES[stop->stage.site].shape;
    if (shape == SITE_SOURCE_HEAD) {
        draw_source_strips(stop, canvas, rect, largest);
        return;
    }
    if (shape == SITE_ROW_HEAD || shape == SITE_ROW_KV_HEAD) {
        int used = 1 + draw_head_strips(stop, canvas, rect, largest);
        rect.row += used, rect.n_rows -= used;
        if (rect.n_rows < 6) return;
        canvas_print(canvas, rect.row++, rect.column, rect.n_columns, ROLE_DIM,
                     shape == SITE_ROW_HEAD ? _("▶ head %d") : _("▶ KV head %d"),
                     stages_own_head(stop->app, stop->stage.site));
        rect.n_rows--;
    }
    int n;
    const float *v = stages_vector(stop->step, stop->config, stop->stage, stop->row,
                                   stages_own_head(stop->app, stop->stage.site), &n);
    int used = v ? 1 + stages_draw_bars(stop, canvas, rect, v, n, 0) : 0;
    if (shape == SITE_ROW_VOCAB && v)
        draw_candidates(stop, canvas,
                        (Rect){rect.row + used, rect.column, rect.n_rows - used, rect.n_columns});
}
