// The main view: everything alive together, in one frame.
//
//     header
//     ┌ text ────────────────────────────┐
//     ├ attention ────────┬ row ─────────┤
//     ├ cache ────────────┼ compute ─────┤
//     ├ next token ───────┴──────────────┤
//     └ keys ────────────────────────────┘
#include "view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "panel.h"

// Rows of the horizontal lines, and the column of the vertical one.
typedef struct Layout {
    int top, attention, cache, candidates, bottom;
    int middle, right;
} Layout;

static Layout layout_of(const Canvas *canvas, const Config *config) {
    int bottom = canvas->n_rows - 1, spare = canvas->n_rows - VIEW_MIN_ROWS; // what goes beyond 80 × 24
    int n_text = 2 + spare / 8, n_candidates = 2 + spare / 4, n_cache = 5 + spare / 6;
    if (n_text > 6) n_text = 6;
    if (n_candidates > 5) n_candidates = 5;
    int n_lines = config->n_layers * (config->n_source > 0 ? 2 : 1) + 2 + (config->n_source > 0);
    int most_cache = n_lines > 7 ? n_lines : 7;
    if (n_cache > most_cache) n_cache = most_cache;
    Layout layout = {.top = 1, .bottom = bottom, .right = canvas->n_columns - 1};
    layout.attention = layout.top + n_text + 1;
    layout.candidates = bottom - n_candidates - 1;
    layout.cache = layout.candidates - n_cache - 1;
    layout.middle = canvas->n_columns * 11 / 20;
    if (layout.right - layout.middle > 70) layout.middle = layout.right - 70;
    return layout;
}

static void draw_line(Canvas *canvas, int row, const Layout *layout, const char *left, const char *middle,
                      const char *right) {
    for (int column = 1; column < layout->right; column++) canvas_print(canvas, row, column, 1, ROLE_FRAME, "─");
    canvas_print(canvas, row, 0, 1, ROLE_FRAME, "%s", left);
    canvas_print(canvas, row, layout->middle, 1, ROLE_FRAME, "%s", middle);
    canvas_print(canvas, row, layout->right, 1, ROLE_FRAME, "%s", right);
}

static void draw_frame(Canvas *canvas, const Layout *layout) {
    for (int row = layout->top; row < layout->bottom; row++) {
        canvas_print(canvas, row, 0, 1, ROLE_FRAME, "│");
        canvas_print(canvas, row, layout->right, 1, ROLE_FRAME, "│");
        if (row > layout->attention && row < layout->candidates)
            canvas_print(canvas, row, layout->middle, 1, ROLE_FRAME, "│");
    }
    draw_line(canvas, layout->top, layout, "┌", "─", "┐");
    draw_line(canvas, layout->attention, layout, "├", "┬", "┤");
    draw_line(canvas, layout->cache, layout, "├", "┼", "┤");
    draw_line(canvas, layout->candidates, layout, "├", "┴", "┤");
    draw_line(canvas, layout->bottom, layout, "└", "─", "┘");
}

__attribute__((format(printf, 5, 6))) static void draw_title(Canvas *canvas, int row, int column, int max_columns,
                                                             const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    canvas_print(canvas, row, column + 2, max_columns - 3, ROLE_TITLE, " %s ", text);
}

// Query heads that share a KV head are named together.
static void draw_attention_title(const App *app, Canvas *canvas, int row, int n_columns) {
    const Config *c = &app->timeline->config;
    int group = c->n_heads / c->n_kv_heads, kv_head = app->head / group;
    bool is_wide = n_columns > 60;
    char more[64] = "";
    if (group > 1 && !app->is_cross)
        snprintf(more, sizeof more, is_wide ? " · KV head %d for heads %d–%d" : " · KV head %d", kv_head, kv_head * group,
                 kv_head * group + group - 1);
    else if (is_wide)
        snprintf(more, sizeof more, " · heat is √weight");
    draw_title(canvas, row, 0, n_columns, "%s · layer %d head %d%s", app->is_cross ? "cross-attention" : "attention",
               app->layer, app->head, more);
}

static void draw_titles(const App *app, Canvas *canvas, const Layout *layout) {
    const Step *step = app_step(app);
    int left = layout->middle, right = layout->right - layout->middle;
    char kind[24];
    draw_title(canvas, layout->top, 0, left, "text");
    draw_attention_title(app, canvas, layout->attention, left);
    draw_title(canvas, layout->cache, 0, left, "KV cache · %d of %d slots · %s", step ? step->cache.length : 0,
               app->timeline->config.n_ctx, config_attention_kind(&app->timeline->config, kind));
    draw_title(canvas, layout->cache, layout->middle, right, "compute · this step");
    if (!step) {
        draw_title(canvas, layout->attention, layout->middle, right, "prompt");
        draw_title(canvas, layout->candidates, 0, left, "next token");
        return;
    }
    int last = step_n_src(step) - 1;
    const Token *token = &app->timeline->tokens[last];
    Label label = panel_label(canvas, token->text, token->id);
    draw_title(canvas, layout->attention, layout->middle, right, "row %d: what “%s” looks at", last, label.text);
    const Sampling *s = &app->timeline->sampling;
    if (s->temperature == 0)
        draw_title(canvas, layout->candidates, 0, left, "next token · greedy");
    else
        draw_title(canvas, layout->candidates, 0, layout->right,
                   "next token · temperature %g · top-k %d · top-p %g · seed %u", (double)s->temperature, s->top_k,
                   (double)s->top_p, s->seed);
}

// The two ways' agreement, at the right end of the header. Returns its width.
static int draw_agreement(const App *app, Canvas *canvas) {
    const Step *step = app_step(app);
    char text[80];
    Role role = ROLE_GOOD;
    if (!step) return 0;
    const Agreement *agreement = &step->agreement;
    if (!agreement->measured) {
        snprintf(text, sizeof text, "not recomputed");
        role = ROLE_DIM;
    } else if (agreement->same_choice) {
        snprintf(text, sizeof text, "cached = recomputed  max|Δ| %.1e", (double)agreement->max_abs_logit_difference);
    } else {
        snprintf(text, sizeof text, "cached ≠ recomputed  max|Δ| %.1e", (double)agreement->max_abs_logit_difference);
        role = ROLE_BAD;
    }
    return canvas_print_right(canvas, 0, canvas->n_columns - 1, role, text) + 2;
}

// What is going on, in the longest words that fit max_columns.
static void describe_step(const App *app, const Canvas *canvas, int max_columns, char *text, size_t size) {
    const Step *step = app_step(app);
    if (app->is_waiting) {
        int n = snprintf(text, size, "computing %d%% ", worker_percent(app->worker));
        if (app->n_wanted) n += snprintf(text + n, size - (size_t)n, "and %d more ", app->n_wanted);
        snprintf(text + n, size - (size_t)n, "· Esc stops");
    } else if (!step) {
        snprintf(text, size, "%d prompt tokens", app->timeline->n_prompt);
    } else {
        static const char *const WORDS[2][3] = {
            [STEP_PREFILL] = {"step %d/%d · prefill · %d rows", "step %d/%d · prefill %d", "step %d/%d"},
            [STEP_DECODE] = {"step %d/%d · decode · position %d", "step %d/%d · decode %d", "step %d/%d"},
        };
        int number = step->phase == STEP_PREFILL ? step->n_rows : step->first_position;
        for (int i = 0; i < 3; i++) {
            snprintf(text, size, WORDS[step->phase][i], step->index + 1, app->timeline->n_steps, number);
            if (canvas_text_width(canvas, text_from(text)) <= max_columns) break;
        }
    }
}

static void draw_header(const App *app, Canvas *canvas) {
    const Config *c = &app->timeline->config;
    char doing[96], sizes[128], kind[24];
    snprintf(sizes, sizeof sizes, " · %s %s · %d layers × %d heads × %d", c->architecture, config_attention_kind(c, kind),
             c->n_layers, c->n_heads, c->d_head);
    int end = canvas->n_columns - draw_agreement(app, canvas), x = 1;
    x += canvas_print(canvas, 0, x, end - x, ROLE_BRAND, "kvstep");
    x += 2 + canvas_text(canvas, 0, x + 2, end - x - 2, ROLE_TEXT, text_from(c->name));
    describe_step(app, canvas, end - x - 3, doing, sizeof doing);
    int room = end - x - 4 - canvas_text_width(canvas, text_from(doing));
    if (canvas_text_width(canvas, text_from(sizes)) >= room) // no room for all of it: the kind of attention alone
        snprintf(sizes, sizeof sizes, " · %s", config_attention_kind(c, kind));
    if (canvas_text_width(canvas, text_from(sizes)) < room)
        x += canvas_text(canvas, 0, x, end - x, ROLE_DIM, text_from(sizes));
    canvas_print(canvas, 0, x + 3, end - x - 3, app->is_waiting ? ROLE_NEW : ROLE_TEXT, "%s", doing);
}

static void draw_hints(const App *app, Canvas *canvas, const Layout *layout) {
    static const struct {
        const char *keys, *what;
    } HINTS[] = {{"→", "step"},   {"←", "back"}, {"Space", "play"}, {"↑↓", "layer"},
                 {"[ ]", "head"}, {"?", "help"}, {"q", "quit"}};
    int x = 2, end = layout->right - 1, row = layout->bottom;
    if (app->message[0]) {
        canvas_print(canvas, row, x, end - x, app->is_error ? ROLE_BAD : ROLE_TEXT, " ");
        x += 1 + canvas_text(canvas, row, x + 1, end - x - 2, app->is_error ? ROLE_BAD : ROLE_TEXT, text_from(app->message));
        canvas_print(canvas, row, x, 1, ROLE_TEXT, " ");
        return;
    }
    for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; i++) {
        x += canvas_print(canvas, row, x, end - x, ROLE_KEY, " %s", HINTS[i].keys);
        bool stops = app->is_playing && strcmp(HINTS[i].what, "play") == 0;
        x += canvas_print(canvas, row, x, end - x, ROLE_DIM, " %s ", stops ? "stop" : HINTS[i].what);
    }
}

// The space between two lines and two columns of the frame.
static Rect inside(int row, int next_row, int column, int next_column) {
    return (Rect){row + 1, column + 2, next_row - row - 1, next_column - column - 3};
}

static void draw(const App *app, Canvas *canvas) {
    Layout l = layout_of(canvas, &app->timeline->config);
    draw_frame(canvas, &l);
    draw_titles(app, canvas, &l);
    draw_header(app, canvas);
    draw_hints(app, canvas, &l);
    panel_text_draw(app, canvas, inside(l.top, l.attention, 0, l.right));
    panel_attention_draw(app, canvas, inside(l.attention, l.cache, 0, l.middle));
    panel_row_draw(app, canvas, inside(l.attention, l.cache, l.middle, l.right));
    panel_cache_draw(app, canvas, inside(l.cache, l.candidates, 0, l.middle));
    panel_compute_draw(app, canvas, inside(l.cache, l.candidates, l.middle, l.right));
    panel_candidates_draw(app, canvas, inside(l.candidates, l.bottom, 0, l.right));
}

const View VIEW_MAIN = {draw};
