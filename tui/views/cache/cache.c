// The cache, slot by slot, with what recomputation would do beside it; then counts, bytes, and
// cross-attention's own cache.
//
//     ┌ cache · 7 of 256 slots · MHA ─────┐
//     │ with the cache    without a cache │
//     ├ vectors ──────────────────────────┤
//     ├ memory ───────────────────────────┤
//     ├ cross-attention ──────────────────┤    of an encoder-decoder
//     └───────────────────────────────────┘
#include "tui/views/views.h"

#include <stdio.h>

#include "core/decode/cost_formula.h"
#include "tui/screen/format.h"
#include "tui/screen/frame_lines.h"
#include "tui/views/cache/cache_internal.h"
#include "tui/widgets/attended.h"
#include "tui/widgets/start.h"

static void title(const App *app, const void *state, char *title, size_t size) {
    (void)state;
    const Step *step = app_step(app);
    const Config *c = &app->timeline->config;
    char kind[24];
    snprintf(title, size, _("cache · %d of %d slots · %s"), step ? step->cache.length : 0, c->n_ctx,
             config_attention_kind(c, kind));
}

static void draw_empty(const App *app, Canvas *canvas, Rect inside) {
    const Config *c = &app->timeline->config;
    char more[128];
    snprintf(more, sizeof more, _("%s B a token = 2 (K, V) · %d n_layers · %d n_kv_heads · %d d_head · 4 B"),
             format_grouped(cache_bytes_formula(c, 1)).text, c->n_layers, c->n_kv_heads, c->d_head);
    Start start = {_("The cache is empty."), _("runs the prefill: it stores K and V of all prompt tokens"),
                   _("runs a decode step: one token's are stored, all others read back"), more};
    start_draw(app, canvas, inside, &start);
}

typedef void MakeTitle(const App *app, char *title, size_t size);

// A titled line above the next block; returns where the block is drawn.
static Rect block(const App *app, Canvas *canvas, Rect inside, int *y, int n_rows, MakeTitle *make_title) {
    char text[128];
    make_title(app, text, sizeof text);
    frame_line(canvas, inside, *y, 0, NULL);
    frame_title(canvas, *y, inside.column, inside.n_columns, "%s", text);
    Rect rect = {*y + 1, inside.column, n_rows, inside.n_columns};
    *y += 1 + n_rows;
    return rect;
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    (void)state;
    bool has_cross = app->timeline->n_source > 0;
    int n_memory = inside.n_rows < 28 ? MEMORY_ROWS - 1 : MEMORY_ROWS;
    int n_facts = 2 + COUNTS_ROWS + n_memory + (has_cross ? 1 + CROSS_ROWS : 0);
    if (!app_step(app)) {
        draw_empty(app, canvas, inside);
        return;
    }
    if (!step_has(app_step(app), FACT_CACHE)) {
        attended_draw_missing(canvas, inside, _("the cache"));
        return;
    }
    Rect rect = inside;
    rect.n_rows -= n_facts;
    SlotTable table = slot_table(app, rect);
    slot_table_draw(app, canvas, &table);
    int y = rect.row + rect.n_rows;
    cache_counts_draw(app, canvas, block(app, canvas, inside, &y, COUNTS_ROWS, cache_counts_title), &table);
    cache_memory_draw(app, canvas, block(app, canvas, inside, &y, n_memory, cache_memory_title));
    if (has_cross)
        cache_cross_draw(app, canvas, block(app, canvas, inside, &y, CROSS_ROWS, cache_cross_title), &table);
}

static const Key KEYS[] = {
    {"PageUp", "row -1"},
    {"PageDown", "row +1"},
    {0},
};

const View VIEW_CACHE = {
    .name = N_("cache"),
    .help = N_("every slot, with what recomputation would do beside it; the bytes"),
    .title = title,
    .draw = draw,
    .keys = KEYS,
    .hints =
        {
            {{"step"}, N_("step")},
            {{"back"}, N_("back")},
            {{"layer -1", "layer +1"}, N_("layer")},
            {{"row -1", "row +1"}, N_("slot")},
        },
};
