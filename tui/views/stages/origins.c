// Numbers that are one for each src: scores and weights, under the tokens that they belong to.
//
//                    Once   upon      a   time  girl
//     head 2
//       scores       0.09  -1.40   0.32   1.20  2.01
//     ▶ masked       0.09  -1.40   0.32     −∞    −∞
//       attention
//
//     head 0         ...
#include "tui/views/stages/stages_internal.h"

#include <math.h>
#include <string.h>

enum { LABEL = 10, WIDE = 7, NARROW = 6 };

Label stages_column_label(const Stop *stop, const Canvas *canvas, bool is_cross, int column) {
    const Timeline *timeline = stop->app->timeline;
    const Token *token =
        is_cross ? &timeline->source[column] : &timeline->tokens[stop->step->keys[column].place.token];
    return token_label(canvas, token->text, token->id);
}

bool stages_sees(const Stop *stop, bool is_cross, int column) {
    Place row = stop->step->rows[stop->row];
    row.token = app_masked_as(stop->app, stop->position);
    return is_cross ||
           place_sees(row, stop->step->keys[column].place, config_window(stop->config, stop->stage.layer));
}

bool stages_is_own(const Stop *stop, bool is_cross, int column) {
    return !is_cross && stop->step->keys[column].place.token == stop->position;
}

Window stages_window(int n, int room, int focus) {
    Window window = {.n = n, .n_places = room < n ? room : n, .first = 0, .last = n - 1};
    if (room >= n) return window;
    if (room < 4) { // no room for gaps
        window.first = focus - room + 1 > 0 ? focus - room + 1 : 0;
        window.last = window.first + room - 1;
    } else if (focus < room - 1) { // from the first on
        window.last = room - 2;
    } else {
        window.last = focus;
        window.first = focus - (room - 2 - (focus < n - 1)) + 1;
    }
    return window;
}

int stages_window_at(const Window *window, int place) {
    bool has_before = window->first > 0 && window->n_places >= 4, has_after = window->last < window->n - 1;
    if (has_after && window->n_places >= 4 && place == window->n_places - 1) return GAP_AFTER;
    if (!has_before) return window->first + place;
    return place == 0 ? 0 : place == 1 ? GAP_BEFORE : window->first + place - 2;
}

int stages_gap(const Window *window, int gap, int *first) {
    *first = gap == GAP_BEFORE ? 1 : window->last + 1;
    return gap == GAP_BEFORE ? window->first - 1 : window->n - 1 - window->last;
}

// ---- the table ----------------------------------------------------------------------------------

typedef struct Table {
    const Stop *stop;
    Canvas *canvas;
    int x;
    bool is_cross;
    int cell; // columns for a number and a blank: fewer where that lets more of them stand
    Window window;
} Table;

static void draw_tokens(const Table *table, int y) {
    for (int i = 0; i < table->window.n_places; i++) {
        int src = stages_window_at(&table->window, i), end = table->x + LABEL + (i + 1) * table->cell;
        if (src < 0) {
            canvas_print_right(table->canvas, y, end, ROLE_DIM, "…");
            continue;
        }
        Label label = stages_column_label(table->stop, table->canvas, table->is_cross, src);
        int width = canvas_text_width(table->canvas, text_from(label.text));
        bool is_own = stages_is_own(table->stop, table->is_cross, src);
        int room = width < table->cell - 1 ? width : table->cell - 1;
        canvas_print(table->canvas, y, end - room, room, is_own ? ROLE_CURRENT : ROLE_TEXT, "%s", label.text);
    }
}

// One number on its heat. A hidden one has none: its score is still there before the mask, in brackets.
static void draw_cell(const Table *table, int y, int place, SiteId site, double value, double largest) {
    int src = stages_window_at(&table->window, place), end = table->x + LABEL + (place + 1) * table->cell;
    bool is_visible = stages_sees(table->stop, table->is_cross, src);
    bool is_weight = SITE_WEIGHTS & SITE_BIT(site);
    if (!is_visible && !isfinite(value)) {
        canvas_print_right(table->canvas, y, end, ROLE_MASKED, table->canvas->ascii ? "-inf" : "−∞");
        return;
    }
    if (!is_visible && is_weight) {
        canvas_print_right(table->canvas, y, end, ROLE_MASKED, "·");
        return;
    }
    int level = canvas_heat_level(fabs(value) / largest, table->stop->app->scale);
    Role role = !is_visible ? ROLE_MASKED : (Role)((value < 0 ? ROLE_COOL : ROLE_HEAT) + level);
    int n_decimals = is_weight ? 3 : 2;
    Number number = stages_number(value, n_decimals);
    while ((int)strlen(number.text) >= table->cell && n_decimals > 0)
        number = stages_number(value, --n_decimals);
    canvas_print(table->canvas, y, end - table->cell + 1, table->cell - 1, role, "%*s", table->cell - 1,
                 number.text);
}

static void draw_row(const Table *table, int y, SiteId site, int head, double largest) {
    const Stop *stop = table->stop;
    int n;
    const float *v =
        stages_vector(stop->step, stop->config, (Stage){site, stop->stage.layer}, stop->row, head, &n);
    if (!v) {
        canvas_print(table->canvas, y, table->x + LABEL + 1, 20, ROLE_DIM, _("not recorded"));
        return;
    }
    for (int i = 0; i < table->window.n_places; i++) {
        int src = stages_window_at(&table->window, i);
        if (src >= 0) draw_cell(table, y, i, site, v[src], largest);
    }
}

// The largest |number| of a site for this row: of one head, or (-1) of all.
static double largest_of(const Stop *stop, SiteId site, int only_head) {
    Stats stats = {0};
    for (int head = 0; head < stop->config->n_heads; head++) {
        int n;
        const float *v =
            stages_vector(stop->step, stop->config, (Stage){site, stop->stage.layer}, stop->row, head, &n);
        if (v && (only_head < 0 || only_head == head)) stages_count_in(&stats, v, n);
    }
    return SITE_WEIGHTS & SITE_BIT(site) ? 1 : stages_largest(&stats);
}

// The head that is looked at, from its scores to its weights: one line under the other. Returns the lines
// used.
static int draw_way(const Table *table, int y) {
    static const SiteId SELF[] = {SITE_SCORES, SITE_MASKED_SCORES, SITE_ATTENTION};
    static const SiteId CROSS[] = {SITE_CROSS_SCORES, SITE_CROSS_ATTENTION};
    static const char *const WORDS[2][3] = {{N_("scores"), N_("masked"), N_("softmax")},
                                            {N_("scores"), N_("softmax"), ""}};
    int n = table->is_cross ? 2 : 3, head = table->stop->app->head;
    canvas_print(table->canvas, y, table->x, LABEL, ROLE_TITLE, _("head %d"), head);
    draw_tokens(table, y);
    for (int i = 0; i < n; i++) {
        SiteId site = table->is_cross ? CROSS[i] : SELF[i];
        bool is_own = site == table->stop->stage.site;
        int stage = stages_find(table->stop->app->timeline, site, table->stop->stage.layer);
        canvas_target(table->canvas, "stage", stage + 1, -1);
        canvas_print(table->canvas, y + 1 + i, table->x, 1, ROLE_KEY, is_own ? "▶" : " ");
        canvas_print(table->canvas, y + 1 + i, table->x + 2, LABEL - 2, is_own ? ROLE_TEXT : ROLE_DIM, "%s",
                     _(WORDS[table->is_cross][i]));
        draw_row(table, y + 1 + i, site, head, largest_of(table->stop, site, head));
        canvas_target(table->canvas, NULL, -1, -1);
    }
    return n + 1;
}

// Returns the lines used.
static int draw_heads(const Table *table, int y, int n_lines) {
    const Stop *stop = table->stop;
    int n_heads = stop->config->n_heads, n_shown = n_lines - 1 < n_heads ? n_lines - 1 : n_heads;
    if (n_shown < 1) return 0;
    int first = stop->app->head - n_shown / 2;
    first = first < 0 ? 0 : first > n_heads - n_shown ? n_heads - n_shown : first;
    canvas_print(table->canvas, y, table->x, LABEL, ROLE_TITLE,
                 n_shown < n_heads ? _("of %d heads") : _("all heads"), n_heads);
    draw_tokens(table, y);
    double largest = largest_of(stop, stop->stage.site, -1);
    for (int i = 0; i < n_shown; i++) {
        int head = first + i;
        bool is_own = head == stop->app->head;
        canvas_target(table->canvas, "head", head, -1);
        canvas_print(table->canvas, y + 1 + i, table->x, 1, ROLE_KEY, is_own ? "▶" : " ");
        canvas_print(table->canvas, y + 1 + i, table->x + 2, LABEL - 2, is_own ? ROLE_TEXT : ROLE_DIM,
                     _("head %d"), head);
        draw_row(table, y + 1 + i, stop->stage.site, head, largest);
        canvas_target(table->canvas, NULL, -1, -1);
    }
    return n_shown + 1;
}

int stages_focus(const Stop *stop, bool is_cross) {
    int n = stop->step->n_keys, last = step_column_of(stop->step, stop->position);
    if (is_cross) { // of a source, what is looked at most
        Stage stage = {SITE_CROSS_ATTENTION, stop->stage.layer};
        const float *weights = stages_vector(stop->step, stop->config, stage, stop->row, stop->app->head, &n);
        last = 0;
        for (int src = 1; weights && src < n; src++)
            if (weights[src] > weights[last]) last = src;
    }
    return last + 2 < n ? last + 2 : n - 1; // and a little of what follows
}

void stages_draw_sources(const Stop *stop, Canvas *canvas, Rect rect) {
    SiteId site = stop->stage.site;
    bool is_cross = SITES[site].shape == SITE_HEAD_ROW_SOURCE;
    int n, room = rect.n_columns - LABEL, y = rect.row, end = rect.row + rect.n_rows;
    const float *v = stages_vector(stop->step, stop->config, stop->stage, stop->row, stop->app->head, &n);
    int cell = n * WIDE <= room ? WIDE : NARROW;
    Table table = {stop,     canvas, rect.column,
                   is_cross, cell,   stages_window(n, room / cell, stages_focus(stop, is_cross))};
    int n_heads = stop->config->n_heads;
    if (end - y >= (stages_is_product(site) ? n_heads + 7 : 4)) y += draw_way(&table, y) + 1;
    y += draw_heads(&table, y, end - y) + 1;
    if (end - y < 6) return;
    canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_DIM, _("▶ head %d, all %d %s"), stop->app->head,
                 n, is_cross ? _("source tokens") : "src");
    stages_draw_bars(stop, canvas, (Rect){y + 1, rect.column, end - y - 1, rect.n_columns}, v, n,
                     table.window.n_places == n ? cell : 0);
}
