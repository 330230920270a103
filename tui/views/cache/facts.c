// What stands under the table of slots: vectors counted, the memory formula, cross-attention's cache.
#include "tui/views/cache/cache_internal.h"

#include <stdio.h>

#include "core/decode/cost_formula.h"
#include "tui/screen/format.h"
#include "tui/widgets/panel.h"
#include "tui/widgets/slots.h"

static const int TALL = MEMORY_ROWS; // lines that let a block say more

// ---- vectors: a key or a value of one token in one layer and KV head ----------------------------

typedef struct Vectors {
    int64_t stored, read; // with the cache
    int64_t computed;     // without one; of them `read` again
} Vectors;

static int64_t per_slot(const Config *c) {
    return 2 * (int64_t)c->n_layers * c->n_kv_heads;
}

static Vectors vectors_of(const App *app, int first_step, int last_step) {
    Vectors sum = {0};
    for (int i = first_step; i <= last_step; i++) {
        const Step *step = app->timeline->steps[i];
        sum.stored += step->n_rows * per_slot(&app->timeline->config);
        sum.read += step_first_token(step) * per_slot(&app->timeline->config);
    }
    sum.computed = sum.stored + sum.read;
    return sum;
}

// All digits, as long as they fit.
static Formatted figure(int64_t n) {
    return n < 10000000 ? format_grouped(n) : format_count((double)n);
}

static void draw_vectors(Canvas *canvas, int y, int x, const SlotTable *table, const char *label, Vectors v) {
    char waste[16];
    double share = 100 * (double)v.read / (double)v.computed;
    snprintf(waste, sizeof waste, share < 99.95 ? "%.1f%%" : "%.2f%%",
             share < 99.99 ? share : 99.99); // never all of it
    canvas_print(canvas, y, x, SLOT_LABEL - 1, ROLE_DIM, "%s", label);
    canvas_print_right(canvas, y, table->cached + 11, ROLE_NEW, figure(v.stored).text);
    canvas_print_right(canvas, y, table->cached + 25, ROLE_STORED, figure(v.read).text);
    canvas_print_right(canvas, y, table->recompute + 10, ROLE_RECOMPUTE, figure(v.computed).text);
    canvas_print_right(canvas, y, table->recompute + 20, ROLE_WASTE, figure(v.read).text);
    canvas_print_right(canvas, y, table->recompute + 28, ROLE_WASTE, waste);
}

// What became of the slot that is looked at.
static void draw_story(const App *app, Canvas *canvas, int y, Rect rect) {
    int slot = app_row(app);
    const Step *from = app_step_of_row(app, slot);
    const Token *token = &app->timeline->tokens[slot];
    Label label = panel_label(canvas, token->text, token->id);
    if (!from) return;
    int n_read = app->step - from->index;
    char text[192];
    snprintf(text, sizeof text,
             _("slot %d “%s”: stored in step %d, read back %d×; recomputation computed it %d×"), slot,
             label.text, from->index, n_read, n_read + 1);
    if (canvas_text_width(canvas, text_from(text)) > rect.n_columns)
        snprintf(text, sizeof text,
                 _("slot %d: stored in step %d, read back %d×; recomputation computed it %d×"), slot,
                 from->index, n_read, n_read + 1);
    canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_TEXT, "%s", text);
}

void cache_counts_title(const App *app, char *title, size_t size) {
    const Step *step = app_step(app);
    const Config *c = &app->timeline->config;
    snprintf(title, size, _("vectors · %d slot%s × %d layer%s × %d KV head%s × 2 (K, V) = %s stored"),
             step->n_rows, step->n_rows == 1 ? "" : "s", c->n_layers, c->n_layers == 1 ? "" : "s",
             c->n_kv_heads, c->n_kv_heads == 1 ? "" : "s", format_grouped(step->n_rows * per_slot(c)).text);
}

void cache_counts_draw(const App *app, Canvas *canvas, Rect rect, const SlotTable *table) {
    int y = rect.row, x = rect.column;
    canvas_print_right(canvas, y, table->cached + 11, ROLE_DIM, _("stored □"));
    canvas_print_right(canvas, y, table->cached + 25, ROLE_DIM, _("read back ■"));
    canvas_print_right(canvas, y, table->recompute + 10, ROLE_DIM, _("computed"));
    canvas_print_right(canvas, y, table->recompute + 20, ROLE_DIM, _("again ▨"));
    canvas_print_right(canvas, y, table->recompute + 28, ROLE_DIM, _("waste"));
    draw_vectors(canvas, y + 1, x, table, _("this step"), vectors_of(app, app->step, app->step));
    draw_vectors(canvas, y + 2, x, table, _("so far"), vectors_of(app, 0, app->step));
    draw_story(app, canvas, y + 3, rect);
}

// ---- memory -------------------------------------------------------------------------------------

// Which query heads share a KV head.
void cache_memory_title(const App *app, char *title, size_t size) {
    const Config *c = &app->timeline->config;
    int group = c->n_heads / c->n_kv_heads, last = c->n_kv_heads - 1;
    char out[24];
    const char *kind = config_attention_kind(c, out);
    if (group == 1)
        snprintf(title, size, _("memory · %s: a KV head for each head"), kind);
    else if (last == 0)
        snprintf(title, size, _("memory · %s: KV head 0 for all heads, 0–%d"), kind, c->n_heads - 1);
    else
        snprintf(title, size, _("memory · %s: KV head 0 for heads 0–%d, %s%d for %d–%d"), kind, group - 1,
                 last > 1 ? "… " : "", last, last * group, c->n_heads - 1);
}

// "43,008 B = 2 · 4 n_layers · ...": the first of three forms that fits.
static void draw_formula(Canvas *canvas, int y, Rect rect, const char *const forms[3], int64_t bytes,
                         int64_t formula, const int factors[4]) {
    char text[160];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, _(forms[i]), format_grouped(bytes).text, bytes == formula ? "=" : "≠",
                 factors[0], factors[1], factors[2], factors[3]);
        if (canvas_text_width(canvas, text_from(text)) <= rect.n_columns) break;
    }
    canvas_print(canvas, y, rect.column, rect.n_columns, bytes == formula ? ROLE_TEXT : ROLE_BAD, "%s", text);
}

static void draw_full(const App *app, Canvas *canvas, int y, int x, int end) {
    const Step *step = app_step(app);
    const Config *c = &app->timeline->config;
    char text[96];
    double share = (double)step->cache.length / c->n_ctx;
    snprintf(text, sizeof text, _(" %.1f%% of %s"), 100 * share,
             format_bytes(cache_bytes_formula(c, c->n_ctx)).text);
    int width = canvas_text_width(canvas, text_from(text));
    for (int i = x; i < end - width; i++) canvas_print(canvas, y, i, 1, ROLE_FREE, "·");
    canvas_bar(canvas, y, x, end - width - x, ROLE_STORED, share);
    canvas_print_right(canvas, y, end, ROLE_TEXT, text);
}

static void draw_measured(const App *app, Canvas *canvas, Rect rect, int y) {
    const CacheFacts *cache = &app_step(app)->cache;
    bool equal = cache->bytes == cache->bytes_formula;
    int x = rect.column, end = x + rect.n_columns;
    x += canvas_print(canvas, y, x, end - x, equal ? ROLE_GOOD : ROLE_BAD, _("%s measured %s B"),
                      equal ? "=" : "≠", format_grouped(cache->bytes).text);
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, " · ");
    x += canvas_print(canvas, y, x, end - x, ROLE_TEXT, _("%s B a token"),
                      format_grouped(cache->bytes_per_token).text);
    if (rect.n_rows < TALL) draw_full(app, canvas, y, x + 3, end);
}

// With room: how many slots, and what sharing KV heads saves.
static void draw_slots_used(const App *app, Canvas *canvas, Rect rect, int y) {
    const CacheFacts *cache = &app_step(app)->cache;
    const Config *c = &app->timeline->config;
    int x = rect.column, end = x + rect.n_columns, group = c->n_heads / c->n_kv_heads;
    x +=
        canvas_print(canvas, y, x, end - x, ROLE_TEXT, _("%d of %d slots (n_ctx) "), cache->length, c->n_ctx);
    if (cache->capacity < c->n_ctx)
        x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _("· %d allocated "), cache->capacity);
    if (group > 1)
        x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _("· a KV head for each head: %d× the bytes "),
                          group);
    if (end - x > 30) draw_full(app, canvas, y, x, end);
}

void cache_memory_draw(const App *app, Canvas *canvas, Rect rect) {
    static const char *const FORMS[] = {
        N_("%s B %s 2 (K, V) · %d n_layers · %d n_kv_heads · %d d_head · %d length · 4 B a number"),
        "%s B %s 2 · %d n_layers · %d n_kv_heads · %d d_head · %d length · 4 B",
        "%s B %s 2·%d n_layers·%d n_kv_heads·%d d_head·%d length·4 B"};
    const Config *c = &app->timeline->config;
    const CacheFacts *cache = &app_step(app)->cache;
    draw_formula(canvas, rect.row, rect, FORMS, cache->bytes, cache->bytes_formula,
                 (int[]){c->n_layers, c->n_kv_heads, c->d_head, cache->length});
    draw_measured(app, canvas, rect, rect.row + 1);
    if (rect.n_rows >= TALL) draw_slots_used(app, canvas, rect, rect.row + 2);
}

// ---- cross-attention ----------------------------------------------------------------------------

void cache_cross_title(const App *app, char *title, size_t size) {
    const Config *c = &app->timeline->config;
    Formatted n = format_grouped(2 * (int64_t)c->n_layers * c->n_heads * app->timeline->n_source);
    if (app->step == 0)
        snprintf(title, size, _("cross-attention · %s vectors stored in this step, for all others"), n.text);
    else
        snprintf(title, size, _("cross-attention · filled in step 0: %s vectors read, or computed again"),
                 n.text);
}

// The source's tokens above their slots, as far as a slot's columns go.
static void draw_source(const App *app, Canvas *canvas, int y, int x, int n_columns, const SlotLine *line) {
    for (int i = 0; i * line->width < n_columns && i * line->per_cell < app->timeline->n_source; i++) {
        const Token *token = &app->timeline->source[i * line->per_cell];
        Label label = panel_label(canvas, token->text, token->id);
        canvas_print(canvas, y, x + i * line->width, line->width, ROLE_DIM, "%s", label.text);
    }
}

void cache_cross_draw(const App *app, Canvas *canvas, Rect rect, const SlotTable *table) {
    static const char *const FORMS[] = {
        N_("%s B %s 2 (K, V) · %d n_layers · %d n_heads · %d d_head · %d n_source · 4 B, filled in step 0"),
        "%s B %s 2 · %d n_layers · %d n_heads · %d d_head · %d n_source · 4 B",
        "%s B %s 2·%d n_layers·%d n_heads·%d d_head·%d n_source·4 B"};
    const Config *c = &app->timeline->config;
    const Step *step = app_step(app);
    int ways[] = {table->cached, table->recompute}, room = table->way_width - 3;
    canvas_print(canvas, rect.row, rect.column, SLOT_LABEL - 1, ROLE_DIM, _("source"));
    canvas_print(canvas, rect.row + 1, rect.column, SLOT_LABEL - 1, ROLE_DIM, _("layer %d"), app->layer);
    for (int i = 0; i < 2; i++) {
        SlotLine line = slot_line(app->timeline->n_source, step->index == 0 ? 0 : app->timeline->n_source,
                                  app->timeline->n_source, c->n_heads, room);
        draw_source(app, canvas, rect.row, ways[i] + 2, room, &line);
        for (int k = 0; k < 2; k++) {
            canvas_print(canvas, rect.row + 1 + k, ways[i], 1, ROLE_TEXT, k == 0 ? "K" : "V");
            slot_line_draw(app, canvas, rect.row + 1 + k, ways[i] + 2, room, &line, i == 1);
        }
    }
    draw_formula(canvas, rect.row + 3, rect, FORMS, step->cache.cross_bytes, step->cache.cross_bytes_formula,
                 (int[]){c->n_layers, c->n_heads, c->d_head, app->timeline->n_source});
}
