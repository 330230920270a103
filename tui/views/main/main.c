// The main view: everything alive together, in one frame.
//
//     ┌ text ────────────────────────────┐
//     ├ attention ────────┬ row ─────────┤
//     ├ cache ────────────┼ compute ─────┤
//     ├ next token ───────┴──────────────┤
//     └──────────────────────────────────┘
#include "tui/views/views.h"

#include <stdio.h>

#include "tui/screen/frame_lines.h"
#include "tui/views/main/panels.h"
#include "tui/widgets/token_label.h"

// Rows of the horizontal lines, and the column of the vertical one.
typedef struct Layout {
    int top, attention, cache, candidates, bottom;
    int middle, right;
} Layout;

static Layout layout_of(Rect inside, const Timeline *run) {
    int bottom = inside.row + inside.n_rows, spare = bottom + 1 - VIEW_MIN_ROWS; // what goes beyond 80 × 24
    int n_text = 2 + spare / 8, n_candidates = 2 + spare / 4, n_cache = 5 + spare / 6;
    if (n_text > 6) n_text = 6;
    if (n_candidates > 5) n_candidates = 5;
    int n_lines = run->config.n_layers * (run->n_source > 0 ? 2 : 1) + 2 + (run->n_source > 0);
    int most_cache = n_lines > 7 ? n_lines : 7;
    if (n_cache > most_cache) n_cache = most_cache;
    Layout layout = {.top = 1, .bottom = bottom, .right = inside.column + inside.n_columns + 1};
    layout.attention = layout.top + n_text + 1;
    layout.candidates = bottom - n_candidates - 1;
    layout.cache = layout.candidates - n_cache - 1;
    layout.middle = (layout.right + 1) * 11 / 20;
    if (layout.right - layout.middle > 70) layout.middle = layout.right - 70;
    return layout;
}

// Query heads that share a KV head are named together.
static void draw_attention_title(const App *app, Canvas *canvas, int row, int n_columns) {
    static const char *const SCALES[SCALE_COUNT] = {N_("√weight"), N_("weight"), N_("log weight")};
    const Config *c = &app->timeline->config;
    int group = c->n_heads / c->n_kv_heads, kv_head = app->head / group;
    bool is_wide = n_columns > 60;
    char more[64] = "";
    if (group > 1 && !app->is_cross)
        snprintf(more, sizeof more, is_wide ? _(" · KV head %d for heads %d–%d") : _(" · KV head %d"),
                 kv_head, kv_head * group, kv_head * group + group - 1);
    else if (is_wide)
        snprintf(more, sizeof more, _(" · heat is %s"), _(SCALES[app->scale]));
    frame_title(canvas, row, 2, n_columns - 3, _("%s · layer %d head %d%s"),
                app->is_cross ? _("cross-attention") : _("attention"), app->layer, app->head, more);
}

static void draw_titles(const App *app, Canvas *canvas, const Layout *layout) {
    const Step *step = app_step(app);
    int left = layout->middle, right = layout->right - layout->middle;
    char kind[24];
    draw_attention_title(app, canvas, layout->attention, left);
    frame_title(canvas, layout->cache, 2, left - 3, _("KV cache · %d of %d slots · %s"),
                step ? step->cache.length : 0, app->timeline->config.n_ctx,
                config_attention_kind(&app->timeline->config, kind));
    frame_title(canvas, layout->cache, layout->middle + 2, right - 3, _("compute · this step"));
    if (!step) {
        frame_title(canvas, layout->attention, layout->middle + 2, right - 3, _("prompt"));
        frame_title(canvas, layout->candidates, 2, left - 3, _("next token"));
        return;
    }
    int last = step_n_tokens(step) - 1;
    const Token *token = &app->timeline->tokens[last];
    Label label = token_label(canvas, token->text, token->id);
    frame_title(canvas, layout->attention, layout->middle + 2, right - 3, _("row %d: what “%s” looks at"),
                last, label.text);
    const Sampling *s = &app->timeline->sampling;
    if (s->temperature == 0)
        frame_title(canvas, layout->candidates, 2, left - 3, _("next token · greedy"));
    else
        frame_title(canvas, layout->candidates, 2, layout->right - 3,
                    _("next token · temperature %g · top-k %d · top-p %g · seed %u"), (double)s->temperature,
                    s->top_k, (double)s->top_p, s->seed);
}

// The space between two lines and two columns of the frame.
static Rect between(int row, int next_row, int column, int next_column) {
    return (Rect){row + 1, column + 2, next_row - row - 1, next_column - column - 3};
}

static void title(const App *app, const void *state, char *title, size_t size) {
    (void)state;
    snprintf(title, size, app->timeline->n_source > 0 ? _("source and text") : _("text"));
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    (void)state;
    Layout l = layout_of(inside, app->timeline);
    frame_line(canvas, inside, l.attention, l.middle, "┬");
    frame_line(canvas, inside, l.cache, l.middle, "┼");
    frame_line(canvas, inside, l.candidates, l.middle, "┴");
    frame_column(canvas, l.middle, l.attention, l.cache);
    frame_column(canvas, l.middle, l.cache, l.candidates);
    draw_titles(app, canvas, &l);
    panel_text_draw(app, canvas, between(l.top, l.attention, 0, l.right));
    panel_attention_draw(app, canvas, between(l.attention, l.cache, 0, l.middle));
    panel_row_draw(app, canvas, between(l.attention, l.cache, l.middle, l.right));
    panel_cache_draw(app, canvas, between(l.cache, l.candidates, 0, l.middle));
    panel_compute_draw(app, canvas, between(l.cache, l.candidates, l.middle, l.right));
    panel_candidates_draw(app, canvas, between(l.candidates, l.bottom, 0, l.right));
}

const View VIEW_MAIN = {
    .name = N_("main"),
    .help = N_("everything alive together"),
    .title = title,
    .draw = draw,
    .hints =
        {
            {{"step"}, N_("step")},
            {{"back"}, N_("back")},
            {{"play"}, N_("play")},
            {{"layer -1", "layer +1"}, N_("layer")},
            {{"head -1", "head +1"}, N_("head")},
        },
    .hint_word = view_hint_of_play,
};
