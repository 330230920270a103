// The list of models: this one and the known public ones. On the left what a publisher states, with the
// model's whole context in its own type; on the right the same formula at the length, batch and type chosen
// above, with a bar on a scale where every power of ten is one step.
//
//       model         context    takes │  a token  256 tokens  1 MB      10 MB     100 MB
//       the above                      │ 6.14 kB      1.57 MB  █▌
//     ▶ story             256  1.57 MB │ 6.14 kB      1.57 MB  █▌
//       GPT-2 small     1,024  75.5 MB │  147 kB      37.7 MB  ███████████████▎
#include <math.h>
#include <stdio.h>

#include "tui/screen/frame_lines.h"
#include "tui/views/memory/memory.h"

// Columns where what stands in them ends; 0: there is no room for it.
typedef struct Columns {
    int name, kind, type, context, own, line, per_token, here, bar, n_bar;
} Columns;

static Columns columns_of(Rect rect) {
    bool is_wide = rect.n_columns >= 100;
    Columns c = {.name = rect.column + 2};
    int x = c.name + 17;
    if (is_wide) c.kind = x, c.type = x + 11, x += 17;
    int gap = is_wide ? 2 : 0;
    c.context = x + 8 + gap;
    c.own = c.context + 9 + gap;
    c.line = c.own + 1;
    c.per_token = c.line + 9 + gap;
    c.here = c.per_token + 10 + gap;
    c.bar = c.here + 2;
    c.n_bar = rect.column + rect.n_columns - c.bar;
    return c;
}

// The powers of ten between which all bars lie.
typedef struct Axis {
    double least, most;
} Axis;

// A model at the length, batch and type that are chosen.
static CacheSizes sizes_here(const MemoryView *view, int row) {
    CacheSizes sizes = memory_row_sizes(view, row);
    sizes.length = view->sizes.length;
    sizes.batch = view->sizes.batch;
    sizes.bits = view->sizes.bits;
    return sizes;
}

static Axis axis_of(const MemoryView *view) {
    double least = (double)cache_sizes_bytes(&view->sizes), most = least;
    for (int row = 0; row <= N_KNOWN_MODELS; row++) {
        CacheSizes sizes = sizes_here(view, row);
        least = fmin(least, (double)cache_sizes_bytes(&sizes));
        most = fmax(most, (double)cache_sizes_bytes(&sizes));
    }
    Axis axis = {floor(log10(least)), ceil(log10(most))};
    if (axis.most <= axis.least) axis.most = axis.least + 1;
    return axis;
}

// "1 kB", "10 kB", "100 kB", "1 MB"
static void power_text(int power, char out[16]) {
    static const char *const UNITS[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    snprintf(out, 16, "%d %s", (int)pow(10, power % 3), UNITS[power / 3 < 6 ? power / 3 : 6]);
}

static void draw_axis(Canvas *canvas, int y, const Columns *c, Axis axis) {
    double step = c->n_bar / (axis.most - axis.least);
    int free_from = c->bar;
    for (int power = (int)axis.least; power <= (int)axis.most; power++) {
        char text[16];
        power_text(power, text);
        int x = c->bar + (int)((power - axis.least) * step + 0.5),
            width = canvas_text_width(canvas, text_from(text)) + 1;
        if (x < free_from || x + width > c->bar + c->n_bar + 1) continue;
        canvas_print(canvas, y, x, 1, ROLE_FRAME, "│");
        canvas_print(canvas, y, x + 1, width - 1, ROLE_DIM, "%s", text);
        free_from = x + width + 2;
    }
}

static void draw_head(const MemoryView *view, Canvas *canvas, int y, const Columns *c, Axis axis) {
    char here[40];
    canvas_print(canvas, y, c->name, 16, ROLE_DIM, _("model"));
    if (c->kind) canvas_print(canvas, y, c->kind, 10, ROLE_DIM, _("attention"));
    if (c->type) canvas_print(canvas, y, c->type, 5, ROLE_DIM, _("type"));
    canvas_print_right(canvas, y, c->context, ROLE_DIM, _("context"));
    canvas_print_right(canvas, y, c->own, ROLE_DIM, _("takes"));
    snprintf(here, sizeof here, _("at %s"),
             view->sizes.length < 10000 ? format_grouped(view->sizes.length).text
                                        : format_count((double)view->sizes.length).text);
    canvas_print_right(canvas, y, c->per_token, ROLE_DIM, _("a token"));
    canvas_print_right(canvas, y, c->here, ROLE_DIM, here);
    draw_axis(canvas, y, c, axis);
}

static void draw_here(Canvas *canvas, int y, const Columns *c, Axis axis, const CacheSizes *sizes,
                      Role role) {
    int64_t n_bytes = cache_sizes_bytes(sizes);
    double share = (log10((double)n_bytes) - axis.least) / (axis.most - axis.least);
    canvas_print(canvas, y, c->line, 1, ROLE_FRAME, "│");
    canvas_print_right(canvas, y, c->per_token, ROLE_DIM,
                       format_bytes(cache_sizes_bytes_per_token(sizes)).text);
    canvas_print_right(canvas, y, c->here, ROLE_TEXT, format_bytes(n_bytes).text);
    canvas_bar(canvas, y, c->bar, c->n_bar, role, fmax(share, 0.125 / c->n_bar));
}

static void draw_row(const MemoryView *view, Canvas *canvas, int y, const Columns *c, Axis axis, int row) {
    CacheSizes own = memory_row_sizes(view, row), here = sizes_here(view, row);
    bool is_it = row == view->row, is_selected = is_it && view->factor == FACTOR_MODEL;
    Role role = is_it ? ROLE_TEXT : ROLE_DIM;
    char kind[24], name[80];
    snprintf(name, sizeof name, is_selected ? "[%.70s]" : "%.72s", memory_row_name(view, row));
    canvas_target(canvas, "sizes", row, -1);
    canvas_print(canvas, y, c->name - 2, 1, ROLE_NEW, is_it ? "▶" : " ");
    canvas_text(canvas, y, c->name - is_selected, 17, is_selected ? ROLE_CURSOR : ROLE_TEXT, text_from(name));
    if (c->kind)
        canvas_print(canvas, y, c->kind, 10, role, "%s", attention_kind(own.n_heads, own.n_kv_heads, kind));
    if (c->type)
        canvas_print(canvas, y, c->type, 5, role, "%s", row == 0 ? "f32" : KNOWN_MODELS[row - 1].dtype);
    canvas_print_right(canvas, y, c->context, role, format_grouped(own.length).text);
    canvas_print_right(canvas, y, c->own, ROLE_TEXT, format_bytes(cache_sizes_bytes(&own)).text);
    draw_here(canvas, y, c, axis, &here, row == 0 ? ROLE_CACHED : ROLE_STORED);
    canvas_target(canvas, NULL, -1, -1);
}

// Left of the line what publishers state, right of it what is chosen.
static void draw_title(const MemoryView *view, Canvas *canvas, Rect rect, const Columns *c, int first,
                       int n_shown) {
    const CacheSizes *s = &view->sizes;
    char which[40] = "";
    bool is_wide = rect.n_columns >= 100;
    if (n_shown <= N_KNOWN_MODELS)
        snprintf(which, sizeof which, _(" %d to %d of %d"), first + 1, first + n_shown, N_KNOWN_MODELS + 1);
    canvas_print(canvas, rect.row, c->line, 1, ROLE_FRAME, "┬");
    frame_title(canvas, rect.row, rect.column, c->line - rect.column - 1, _("models%s · %s"), which,
                is_wide ? _("whole context, own type") : _("own context"));
    frame_title(canvas, rect.row, c->line + 2, rect.column + rect.n_columns - c->line - 2,
                is_wide ? _("all at %s tokens, batch %s, %g B · log scale")
                        : _("%s tokens × %s, %g B · log scale"),
                format_grouped(s->length).text, format_grouped(s->batch).text, s->bits / 8.0);
}

// What there is to know beside the numbers, where room is left.
static void draw_notes(Canvas *canvas, int y, Rect rect) {
    static const char *const NOTES[] = {
        N_("The 2 is for K and V. Query heads that share a KV head share its cache: n_heads alone changes no "
           "byte."),
        N_("kB, MB, GB are powers of 1000. Weights and working memory come on top, as do the scales of 8-bit "
           "and 4-bit "
           "numbers."),
    };
    for (int i = 0; i < 2 && y + i < rect.row + rect.n_rows; i++)
        canvas_print(canvas, y + i, rect.column, rect.n_columns, ROLE_DIM, "%s", _(NOTES[i]));
}

void memory_models_draw(const MemoryView *view, Canvas *canvas, Rect rect) {
    Columns columns = columns_of(rect);
    Axis axis = axis_of(view);
    int n = N_KNOWN_MODELS + 1, room = rect.n_rows - 3, n_shown = n < room ? n : room;
    int first = view->row - n_shown / 2;
    if (first > n - n_shown) first = n - n_shown;
    if (first < 0) first = 0;
    int y = rect.row + 1;
    draw_title(view, canvas, rect, &columns, first, n_shown);
    draw_head(view, canvas, y++, &columns, axis);
    canvas_print(canvas, y, columns.name, 16, ROLE_CURRENT, _("these sizes"));
    draw_here(canvas, y++, &columns, axis, &view->sizes, ROLE_CACHED);
    for (int i = 0; i < n_shown; i++) draw_row(view, canvas, y++, &columns, axis, first + i);
    draw_notes(canvas, y + 1, rect);
}
