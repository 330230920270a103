// The KV cache: a line for each layer, a cell for each slot, and its bytes by the formula with this step's
// numbers in it. A cell is as many glyphs wide as there are KV heads, so GQA and MQA are seen to be
// smaller; where that does not fit a glyph stands for a slot or for several. An encoder-decoder has a second
// line for each layer: cross-attention's own cache.
#include "tui/views/main/panels.h"

#include <stdio.h>

#include "core/decode/cost_formula.h"
#include "tui/screen/format.h"
#include "tui/widgets/slots.h"

enum { LABEL = 9, LEAST_LEGEND = 17, SHORT_LEGEND = 12 };

// A layer's keys and values beside each other.
static void draw_layer(const App *app, Canvas *canvas, Rect rect, const char *label, Role role,
                       const SlotLine *line) {
    int y = rect.row, x = rect.column + LABEL, half = (rect.n_columns - LABEL) / 2;
    canvas_print(canvas, y, rect.column, LABEL - 1, role, "%s", label);
    canvas_print(canvas, y, x, 1, ROLE_DIM, "K");
    slot_line_draw(app, canvas, (Rect){y, x + 2, 1, half - 3}, line, false);
    canvas_print(canvas, y, x + half, 1, ROLE_DIM, "V");
    slot_line_draw(app, canvas, (Rect){y, x + half + 2, 1, half - 3}, line, false);
}

// Returns its columns.
static int draw_formula(const App *app, Canvas *canvas, int y, Rect rect) {
    const Step *step = app_step(app);
    const Config *c = &app->timeline->config;
    if (!step) {
        canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_DIM,
                     _("empty: %s B for each token to come"), format_grouped(cache_bytes_formula(c, 1)).text);
        return rect.n_columns;
    }
    if (!step_has(step, FACT_CACHE)) {
        canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_DIM, _("%s: not recorded"), _("the cache"));
        return rect.n_columns;
    }
    bool equal = step->cache.bytes == step->cache.bytes_formula;
    const char *wide = _("%s B %s 2 · %d layers · %d kv heads · %d · %d tokens · 4 B");
    const char *narrow = "%s B %s 2·%d·%d·%d·%d·4";
    return canvas_print(canvas, y, rect.column, rect.n_columns, equal ? ROLE_TEXT : ROLE_BAD,
                        rect.n_columns >= 60 ? wide : narrow, format_grouped(step->cache.bytes).text,
                        equal ? "=" : "≠", c->n_layers, c->n_kv_heads, c->d_head, step->cache.length);
}

static void draw_cross_formula(const App *app, Canvas *canvas, int y, Rect rect) {
    const Step *step = app_step(app);
    const Config *c = &app->timeline->config;
    int64_t bytes = step ? step->cache.cross_bytes : cross_cache_bytes_formula(c, app->timeline->n_source);
    bool equal = bytes == cross_cache_bytes_formula(c, app->timeline->n_source);
    canvas_print(canvas, y, rect.column, rect.n_columns, equal ? ROLE_TEXT : ROLE_BAD,
                 rect.n_columns >= 60 ? _("%s B %s 2 · %d layers · %d heads · %d · %d source · 4 B, once")
                                      : _("cross %s B %s 2·%d·%d·%d·%d·4, once"),
                 format_grouped(bytes).text, equal ? "=" : "≠", c->n_layers, c->n_heads, c->d_head,
                 app->timeline->n_source);
}

static void draw_legend(Canvas *canvas, int y, Rect rect, const SlotLine *line) {
    int x = rect.column, end = rect.column + rect.n_columns;
    x += canvas_print(canvas, y, x, end - x, ROLE_NEW, "□");
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _(" new "));
    x += canvas_print(canvas, y, x, end - x, ROLE_STORED, "■");
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM,
                      rect.n_columns < LEAST_LEGEND ? _(" read") : _(" read back"));
    if (line->per_cell > 1)
        canvas_print(canvas, y, x, end - x, ROLE_DIM, _(", %d slots a cell"), line->per_cell);
    if (line->width > 1)
        canvas_print(canvas, y, x, end - x, ROLE_DIM, _(", %d KV heads a slot"), line->width);
}

void panel_cache_draw(const App *app, Canvas *canvas, Rect rect) {
    const Config *c = &app->timeline->config;
    const Step *step = app_step(app);
    bool has_cross = app->timeline->n_source > 0;
    int per_layer = has_cross ? 2 : 1, n_formulas = has_cross ? 2 : 1, room = rect.n_rows - n_formulas;
    // the legend has a line where the layers leave one, or do not fit anyway
    bool has_legend = room > per_layer * c->n_layers || room < per_layer * c->n_layers;
    int n_shown = (room - has_legend) / per_layer, columns = (rect.n_columns - LABEL) / 2 - 3;
    if (n_shown > c->n_layers) n_shown = c->n_layers;
    int first = app->layer < n_shown ? 0 : app->layer - n_shown + 1;
    SlotLine line = slot_line(step ? step->cache.length : 0, step ? step_first_token(step) : 0,
                              step ? step->cache.capacity : c->n_ctx, c->n_kv_heads, columns);
    SlotLine cross =
        slot_line(step ? app->timeline->n_source : 0, step && step->index == 0 ? 0 : app->timeline->n_source,
                  app->timeline->n_source, c->n_heads, columns);
    for (int i = 0; i < n_shown; i++) {
        int layer = first + i;
        Role role = layer == app->layer ? ROLE_TEXT : ROLE_DIM;
        Rect at = {rect.row + i * per_layer, rect.column, 1, rect.n_columns};
        char label[LABEL + 8];
        snprintf(label, sizeof label, _("layer %d"), layer);
        draw_layer(app, canvas, at, label, role, &line);
        at.row++;
        if (has_cross) draw_layer(app, canvas, at, _("  cross"), role, &cross);
    }
    if (has_legend) draw_legend(canvas, rect.row + room - 1, rect, &line);
    int used = 2 + draw_formula(app, canvas, rect.row + room, rect);
    Rect beside = {rect.row + room, rect.column + used, 1, rect.n_columns - used};
    if (!has_legend && beside.n_columns >= SHORT_LEGEND) draw_legend(canvas, beside.row, beside, &line);
    if (has_cross) draw_cross_formula(app, canvas, rect.row + room + 1, rect);
}
