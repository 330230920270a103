// The memory of a KV cache: the formula with every factor to be changed, what it comes to with MHA, GQA and
// MQA, how many tokens fit into a given memory, and the same formula for public models.
//
//     ┌ memory ──────────────────────────────┐
//     │ 2 ·[4 n_layers]· 6 n_kv_heads · ...  │
//     │ = 1,572,864 B = 1.57 MB              │
//     │ what the shown Step's cache has      │
//     ├ factors ─────────┬ MHA, GQA, MQA ────┤
//     │ n_layers ← 4 → ━●│ MHA  ███ 1.57 MB  │
//     ├ models ──────────┴───────────────────┤
//     └──────────────────────────────────────┘
#include "tui/views/memory/memory.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "core/decode/cost_formula.h"
#include "tui/app/command.h"
#include "tui/screen/frame_lines.h"
#include "tui/views/views.h"

enum { N_TERMS = 6, FACTOR_NAME = 12, FACTOR_VALUE = 15, KIND = 12, FIGURE = 11, RATIO = 7 };

static const Factor SELF[N_TERMS] = {FACTOR_LAYERS, FACTOR_KV_HEADS, FACTOR_D_HEAD,
                                     FACTOR_LENGTH, FACTOR_BATCH,    FACTOR_DTYPE},
                    CROSS[N_TERMS] = {FACTOR_LAYERS, FACTOR_HEADS, FACTOR_D_HEAD,
                                      FACTOR_SOURCE, FACTOR_BATCH, FACTOR_DTYPE};

static void title(const App *app, const void *state, char *title, size_t size) {
    const MemoryView *view = state;
    char name[128]; // a folder's, or what a trace says
    text_neutralise(name, sizeof name, text_from(memory_row_name(view, view->row)),
                    TEXT_LINE + (app->is_ascii ? TEXT_ASCII : 0));
    snprintf(title, size, _("memory · %s%s"), name, memory_is_changed(view) ? _(", changed") : "");
}

// ---- the formula --------------------------------------------------------------------------------

// How long the names in the formula are: "4 n_layers", "4 layers" or "4".
typedef enum Names { NAMES_NONE, NAMES_BARE, NAMES_FULL } Names;

static Formatted term(const MemoryView *view, Factor factor, Names names) {
    Formatted out;
    const char *name = FACTOR_NAMES[factor];
    if (names == NAMES_BARE && name[0] == 'n' && name[1] == '_') name += 2;
    if (factor == FACTOR_DTYPE)
        snprintf(out.text, sizeof out.text, "%g B", view->sizes.bits / 8.0);
    else
        snprintf(out.text, sizeof out.text, "%.15s%s%.10s", memory_factor_text(view, factor).text,
                 names ? " " : "", names ? name : "");
    return out;
}

static int product_width(const MemoryView *view, const Canvas *canvas, const Factor *factors, Names names) {
    int width = 3;
    for (int i = 0; i < N_TERMS; i++)
        width += 3 + canvas_text_width(canvas, text_from(term(view, factors[i], names).text));
    return width;
}

static void draw_product(const MemoryView *view, Canvas *canvas, int y, Rect inside, const char *sign,
                         const Factor *factors) {
    int x = inside.column, end = inside.column + inside.n_columns;
    Names names = NAMES_FULL;
    while (names > NAMES_NONE && product_width(view, canvas, factors, names) > inside.n_columns) names--;
    x += canvas_print(canvas, y, x, end - x, ROLE_TEXT, "%s 2 ", sign);
    for (int i = 0; i < N_TERMS; i++) {
        bool is_selected = view->factor == factors[i];
        x += canvas_print(canvas, y, x, end - x, ROLE_DIM, "·");
        canvas_target(canvas, "factor", (int)factors[i], -1);
        x += canvas_print(canvas, y, x, end - x, is_selected ? ROLE_CURSOR : ROLE_TEXT,
                          is_selected ? "[%s]" : " %s ", term(view, factors[i], names).text);
        canvas_target(canvas, NULL, -1, -1);
    }
}

static void draw_result(const MemoryView *view, Canvas *canvas, int y, Rect inside) {
    int64_t n_bytes = cache_sizes_bytes(&view->sizes);
    int x = inside.column, end = inside.column + inside.n_columns;
    x += canvas_print(canvas, y, x, end - x, ROLE_CACHED, "= %s B", format_grouped(n_bytes).text);
    if (n_bytes >= 1000)
        x += canvas_print(canvas, y, x, end - x, ROLE_CACHED, " = %s", format_bytes(n_bytes).text);
    canvas_print(canvas, y, x, end - x, ROLE_DIM, _("      %s B for each token of a sequence"),
                 format_grouped(cache_sizes_bytes_per_token(&view->sizes)).text);
}

// The cache that is really there, against the formula at its length.
static void draw_real(const App *app, Canvas *canvas, int y, Rect inside) {
    const Step *step = app_step(app);
    const Config *c = &app->timeline->config;
    int x = inside.column, end = inside.column + inside.n_columns;
    if (!step) {
        canvas_print(canvas, y, x, end - x, ROLE_DIM,
                     _("The cache here is still empty: %s runs the prefill."),
                     app->session ? "n" : _("a step"));
        return;
    }
    const CacheFacts *cache = &step->cache;
    bool equal = cache->bytes == cache_bytes_formula(c, cache->length) &&
                 cache->cross_bytes == cross_cache_bytes_formula(c, app->timeline->n_source);
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, _("measured, step %d: "), step->index);
    x += canvas_print(canvas, y, x, end - x, ROLE_TEXT, "%s B ",
                      format_grouped(cache->bytes + cache->cross_bytes).text);
    x += canvas_print(canvas, y, x, end - x, equal ? ROLE_GOOD : ROLE_BAD, equal ? "=" : "≠");
    bool is_close = cache->cross_bytes && inside.n_columns < 100;
    const char *product = is_close ? "%s2·%d·%d·%d·%d·1·4 B" : "%s2 · %d · %d · %d · %d · 1 · 4 B";
    x += canvas_print(canvas, y, x, end - x, ROLE_DIM, product, " ", c->n_layers, c->n_kv_heads, c->d_head,
                      cache->length);
    if (cache->cross_bytes)
        canvas_print(canvas, y, x, end - x, ROLE_DIM, product, " + ", c->n_layers, c->n_heads, c->d_head,
                     app->timeline->n_source);
}

// ---- the factors --------------------------------------------------------------------------------

// Where the value stands between the least and the largest that keys lead to.
static void draw_slider(Canvas *canvas, int y, int x, int n_columns, double share) {
    int at = (int)(share * (n_columns - 1) + 0.5);
    for (int i = 0; i < n_columns; i++)
        canvas_print(canvas, y, x + i, 1, i <= at ? ROLE_CACHED : ROLE_FRAME, "%s",
                     i < at    ? "━"
                     : i == at ? "●"
                               : "─");
}

static void draw_arrow(Canvas *canvas, int y, int x, const char *command, const char *arrow) {
    canvas_target(canvas, command, -1, -1);
    canvas_print(canvas, y, x, 2, ROLE_CURSOR, " %s", arrow);
    canvas_target(canvas, NULL, -1, -1);
}

static void draw_factor(const MemoryView *view, Canvas *canvas, int y, Rect rect, Factor factor) {
    bool is_selected = view->factor == factor;
    int value_end = rect.column + FACTOR_NAME + FACTOR_VALUE;
    canvas_target(canvas, "factor", (int)factor, -1);
    Role role = is_selected ? ROLE_CURSOR : ROLE_TEXT;
    canvas_print(canvas, y, rect.column, value_end - rect.column, role, "%-*s", FACTOR_NAME + FACTOR_VALUE,
                 FACTOR_NAMES[factor]);
    canvas_print_right(canvas, y, value_end, role, memory_factor_text(view, factor).text);
    int slider = value_end + 3, room = rect.column + rect.n_columns - slider;
    if (room > 2) draw_slider(canvas, y, slider, room < 48 ? room : 48, memory_factor_share(view, factor));
    canvas_target(canvas, NULL, -1, -1);
    if (!is_selected) return;
    draw_arrow(canvas, y, rect.column + FACTOR_NAME - 2, "less", "←");
    draw_arrow(canvas, y, value_end, "more", "→");
}

// ---- what it comes to ---------------------------------------------------------------------------

// A line of the comparison: a bar between what it is and how much.
static void draw_kind(const MemoryView *view, Canvas *canvas, int y, Rect rect, const CacheSizes *row,
                      double share, Formatted figure, const char *ratio) {
    char kind[24];
    bool is_own = row->n_kv_heads == view->sizes.n_kv_heads;
    int end = rect.column + rect.n_columns;
    canvas_print(canvas, y, rect.column, 1, ROLE_NEW, is_own ? "▶" : " ");
    canvas_print(canvas, y, rect.column + 2, KIND - 2, is_own ? ROLE_TEXT : ROLE_DIM, "%s",
                 attention_kind(row->n_heads, row->n_kv_heads, kind));
    canvas_bar(canvas, y, rect.column + KIND, rect.n_columns - KIND - FIGURE - RATIO,
               is_own ? ROLE_CACHED : ROLE_DIM, share);
    canvas_print_right(canvas, y, end - RATIO, is_own ? ROLE_TEXT : ROLE_DIM, figure.text);
    canvas_print_right(canvas, y, end, is_own ? ROLE_TEXT : ROLE_DIM, ratio);
}

static void draw_comparison(const MemoryView *view, Canvas *canvas, Rect rect, int spacing) {
    CacheSizes rows[3];
    char ratio[32];
    int n = cache_sizes_comparison(&view->sizes, rows), y = rect.row, end = rect.column + rect.n_columns;
    int64_t most_bytes = cache_sizes_self_bytes(&rows[0]),
            most_tokens = cache_sizes_max_tokens(&rows[n - 1], view->memory);
    canvas_print(canvas, y, rect.column, rect.n_columns, ROLE_DIM, _("%s tokens%s take"),
                 format_grouped(view->sizes.length).text, view->sizes.source_length ? _(" of text") : "");
    canvas_print_right(canvas, y++, end, ROLE_DIM, _("of MHA"));
    for (int i = 0; i < n; i++, y += spacing) {
        int64_t n_bytes = cache_sizes_self_bytes(&rows[i]), group = rows[i].n_heads / rows[i].n_kv_heads;
        snprintf(ratio, sizeof ratio, "%s%lld", group > 1 ? "1/" : "", (long long)group);
        draw_kind(view, canvas, y, rect, &rows[i], (double)n_bytes / (double)most_bytes,
                  format_bytes(n_bytes), ratio);
    }
    canvas_target(canvas, "factor", FACTOR_MEMORY, -1);
    canvas_print(canvas, y++, rect.column, rect.n_columns, ROLE_DIM, _("tokens that fit into %s%s"),
                 format_bytes(view->memory).text, view->sizes.batch > 1 ? _(", each") : "");
    canvas_target(canvas, NULL, -1, -1);
    for (int i = 0; i < n; i++, y += spacing) {
        int64_t tokens = cache_sizes_max_tokens(&rows[i], view->memory),
                group = rows[i].n_heads / rows[i].n_kv_heads;
        Formatted figure = tokens < 1000000000 ? format_grouped(tokens) : format_count((double)tokens);
        snprintf(ratio, sizeof ratio, "%lld×", (long long)group);
        draw_kind(view, canvas, y, rect, &rows[i], most_tokens ? (double)tokens / (double)most_tokens : 0,
                  figure, ratio);
    }
}

// ---- all of it ----------------------------------------------------------------------------------

static void draw_titles(const MemoryView *view, Canvas *canvas, Rect inside, int row, int middle) {
    frame_title(canvas, row, 2, middle - 3, _("factors"));
    frame_title(canvas, row, middle + 2, inside.n_columns + 2 - middle, _("%s query head%s: MHA, GQA, MQA"),
                format_grouped(view->sizes.n_heads).text, view->sizes.n_heads == 1 ? "" : "s");
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    const MemoryView *view = state;
    int y = inside.row, bottom = inside.row + inside.n_rows,
        middle = inside.column + inside.n_columns * 19 / 40;
    int is_tall = inside.n_rows >= 48, spacing = is_tall ? 2 : 1, right = inside.column + inside.n_columns;
    y += is_tall;
    draw_product(view, canvas, y++, inside, " ", SELF);
    if (memory_has_factor(view, FACTOR_SOURCE)) draw_product(view, canvas, y++, inside, "+", CROSS);
    draw_result(view, canvas, y++, inside);
    y += is_tall;
    draw_real(app, canvas, y++, inside);
    y += is_tall;
    int first_line = y++;
    Rect factors = {y, inside.column, 0, middle - 1 - inside.column},
         kinds = {y, middle + 2, 0, right - middle - 2};
    for (int i = 0; i < FACTOR_MODEL; i++) {
        if (!memory_has_factor(view, (Factor)i)) continue;
        draw_factor(view, canvas, y, factors, (Factor)i);
        y += spacing;
    }
    draw_comparison(view, canvas, kinds, spacing);
    frame_line(canvas, inside, first_line, middle, "┬");
    frame_line(canvas, inside, y, middle, "┴");
    frame_column(canvas, middle, first_line, y);
    draw_titles(view, canvas, inside, first_line, middle);
    memory_models_draw(view, canvas, (Rect){y, inside.column, bottom - y, inside.n_columns});
}

// ---- commands -----------------------------------------------------------------------------------

static void take_row(App *app, MemoryView *view, int row) {
    memory_take_row(view, row);
    if (row == 0)
        app_say(app, "the sizes of this model, %s", memory_row_name(view, 0));
    else
        app_say(app, "the sizes of %s, from %s", KNOWN_MODELS[row - 1].name, KNOWN_MODELS[row - 1].reference);
}

static bool run_sizes(App *app, const char *argument, Error *err) {
    int row;
    if (!memory_find_row(argument, &row, err)) return false;
    take_row(app, view_state(app, &VIEW_MEMORY), row);
    return true;
}

static bool run_factor(App *app, const char *argument, Error *err) {
    MemoryView *view = view_state(app, &VIEW_MEMORY);
    Text name = {argument, strcspn(argument, " ")};
    const char *value = argument + name.n_bytes + strspn(argument + name.n_bytes, " ");
    Factor factor = view->factor;
    if (strcmp(argument, "+1") == 0 || strcmp(argument, "-1") == 0) {
        do factor = (Factor)((factor + (*argument == '+' ? 1 : N_FACTORS - 1)) % N_FACTORS);
        while (!memory_has_factor(view, factor));
        value = "";
    } else if (!memory_find_factor(view, name, &factor, err)) {
        return false;
    }
    view->factor = factor;
    if (!*value) return true;
    return factor == FACTOR_MODEL ? run_sizes(app, value, err)
                                  : memory_set_from_text(view, factor, value, err);
}

// Makes the selected factor the next larger (by > 0) or smaller useful number.
static bool change(App *app, int by, Error *err) {
    MemoryView *view = view_state(app, &VIEW_MEMORY);
    if (view->factor == FACTOR_MODEL) {
        int row = view->row + by;
        if (row >= 0 && row <= N_KNOWN_MODELS) take_row(app, view, row);
        return true;
    }
    int64_t next = memory_next(view, view->factor, by);
    if (next != memory_factor(view, view->factor)) return memory_set(view, view->factor, next, err);
    app_say(app, "%s goes no further by keys; the command `factor %s VALUE` sets any value",
            FACTOR_NAMES[view->factor], FACTOR_NAMES[view->factor]);
    return true;
}

static bool run_more(App *app, const char *argument, Error *err) {
    (void)argument;
    return change(app, 1, err);
}

static bool run_less(App *app, const char *argument, Error *err) {
    (void)argument;
    return change(app, -1, err);
}

static bool offer_known_models(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    if (index >= N_KNOWN_MODELS) return false;
    snprintf(out, CHOICE_BYTES, "%s", KNOWN_MODELS[index].name);
    return true;
}

static const Command COMMANDS[] = {
    {"factor", "N | +N | -N | NAME VALUE", N_("select a factor of the memory formula, or set it"),
     .run = run_factor},
    {"more", NULL, N_("make the selected factor larger"), .run = run_more},
    {"less", NULL, N_("make the selected factor smaller"), .run = run_less},
    {"sizes", "[MODEL | N]", N_("the memory formula for this model, or for a known one"), .run = run_sizes,
     .choices = offer_known_models},
    {0},
};

static const Key KEYS[] = {
    {"Up", "factor -1"}, {"Down", "factor +1"}, {"Right", "more"}, {"Left", "less"}, {"r", "sizes"}, {0},
};

// ---- the table ----------------------------------------------------------------------------------

static void reset(const App *app, void *state) {
    memory_reset(state, app->timeline);
}

static bool describe(const App *app, const void *state, cJSON *document, cJSON *screen) {
    const MemoryView *view = state;
    const CacheSizes *sizes = &view->sizes;
    const struct {
        const char *name;
        double number;
    } numbers[] = {
        {"layers", (double)sizes->n_layers},
        {"heads", (double)sizes->n_heads},
        {"kv_heads", (double)sizes->n_kv_heads},
        {"d_head", (double)sizes->d_head},
        {"tokens", (double)sizes->length},
        {"sequences", (double)sizes->batch},
        {"bytes_per_number", sizes->bits / 8.0},
        {"bytes_per_token", (double)cache_sizes_bytes_per_token(sizes)},
        {"bytes", (double)cache_sizes_bytes(sizes)},
        {"budget", (double)view->memory},
        {"tokens_that_fit", (double)cache_sizes_max_tokens(sizes, view->memory)},
    };
    cJSON *memory = cJSON_AddObjectToObject(document, "memory");
    bool ok = memory;
    (void)app, (void)screen;
    for (size_t i = 0; ok && i < sizeof numbers / sizeof *numbers; i++)
        ok = cJSON_AddNumberToObject(memory, numbers[i].name, numbers[i].number);
    return ok;
}

const View VIEW_MEMORY = {
    .name = N_("memory"),
    .help = N_("the formula of the cache's memory with factors to change, large models, what fits"),
    .state_size = sizeof(MemoryView),
    .reset = reset,
    .describe = describe,
    .title = title,
    .draw = draw,
    .commands = COMMANDS,
    .keys = KEYS,
    .hints =
        {
            {{"factor -1", "factor +1"}, N_("factor")},
            {{"less", "more"}, N_("value")},
            {{"sizes"}, N_("own sizes")},
            {{"step"}, N_("step")},
        },
};
