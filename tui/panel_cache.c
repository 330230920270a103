// The KV cache: a line for each layer, a cell for each slot (or for several, when there are many), and its bytes by the
// formula with this step's numbers in it.
#include "panel.h"

#include "format.h"

enum { LABEL = 9 };

// Draws slots 0 ... length-1, those from first_new on as new; then free room, as far as the capacity goes.
static void draw_slots(const App *app, Canvas *canvas, int y, int x, int n_columns, int per_cell) {
    const Step *step = app_step(app);
    int length = step ? step->cache.length : 0, first_new = step ? step->first_position : 0;
    int capacity = step ? step->cache.capacity : app->timeline->config.n_ctx;
    for (int i = 0; i < n_columns && i * per_cell < capacity; i++) {
        int last = i * per_cell + per_cell - 1;
        if (last >= length) last = length - 1;
        bool is_free = i * per_cell >= length, is_new = !is_free && last >= first_new;
        canvas_print(canvas, y, x + i, 1,
                     is_free  ? ROLE_FREE
                     : is_new ? ROLE_NEW
                              : ROLE_STORED,
                     "%s",
                     is_free  ? "·"
                     : is_new ? "□"
                              : "■");
    }
}

// How many slots a cell stands for, so that all that are in use fit.
static int slots_per_cell(const App *app, int n_columns) {
    const Step *step = app_step(app);
    return step && step->cache.length > n_columns ? (step->cache.length + n_columns - 1) / n_columns : 1;
}

static void draw_formula(const App *app, Canvas *canvas, int y, Rect rect) {
    const Step *step = app_step(app);
    const Config *c = &app->timeline->config;
    if (!step) {
        canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_DIM, "empty: %s B for each token to come",
                     format_grouped(cache_bytes_formula(c, 1)).text);
        return;
    }
    bool equal = step->cache.bytes == step->cache.bytes_formula;
    const char *wide = "%s B %s 2 · %d layers · %d kv heads · %d · %d tokens · 4 B";
    const char *narrow = "%s B %s 2·%d·%d·%d·%d·4";
    canvas_print(canvas, y, rect.column, rect.n_columns, equal ? ROLE_TEXT : ROLE_BAD, rect.n_columns >= 60 ? wide : narrow,
                 format_grouped(step->cache.bytes).text, equal ? "=" : "≠", c->n_layers, c->n_kv_heads, c->d_head,
                 step->cache.length);
}

static void draw_legend(Canvas *canvas, int y, Rect rect, int per_cell) {
    int x = rect.column, end = rect.column + rect.n_columns;
    x += canvas_print(canvas, y, x, end - x, ROLE_NEW, "□");
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, " new ");
    x += canvas_print(canvas, y, x, end - x, ROLE_STORED, "■");
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, " read back");
    if (per_cell > 1) canvas_print(canvas, y, x, end - x, ROLE_DIM, ", %d slots a cell", per_cell);
}

void panel_cache_draw(const App *app, Canvas *canvas, Rect rect) {
    int n_layers = app->timeline->config.n_layers, room = rect.n_rows - 1;
    // the legend has a line where the layers leave one, or do not fit anyway
    bool has_legend = room > n_layers || room < n_layers;
    int n_lines = room - has_legend, half = (rect.n_columns - LABEL) / 2;
    if (n_lines > n_layers) n_lines = n_layers;
    int first = app->layer < n_lines ? 0 : app->layer - n_lines + 1, per_cell = slots_per_cell(app, half - 3);
    for (int i = 0; i < n_lines; i++) {
        int y = rect.row + i, x = rect.column + LABEL, layer = first + i;
        canvas_print(canvas, y, rect.column, LABEL - 1, layer == app->layer ? ROLE_TEXT : ROLE_DIM, "layer %d", layer);
        canvas_print(canvas, y, x, 1, ROLE_DIM, "K");
        draw_slots(app, canvas, y, x + 2, half - 3, per_cell);
        canvas_print(canvas, y, x + half, 1, ROLE_DIM, "V");
        draw_slots(app, canvas, y, x + half + 2, half - 3, per_cell);
    }
    if (has_legend) draw_legend(canvas, rect.row + rect.n_rows - 2, rect, per_cell);
    draw_formula(app, canvas, rect.row + rect.n_rows - 1, rect);
}
