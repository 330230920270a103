#include "tui/app/frame.h"

#include <stdio.h>
#include <string.h>

#include "tui/app/program.h"
#include "tui/screen/frame_lines.h"

// Columns of words in the language at hand.
static int words_width(const Canvas *canvas, const char *words) {
    return canvas_text_width(canvas, text_from(_(words)));
}

// The tabs end at the frame's right corner; where a title needs the room, all but the open one are numbers
// alone.
static void draw_tabs(const App *app, Canvas *canvas, int title_width) {
    const View *const *views = app->program->views;
    int n_tabs = app->program->n_tabs, wide = 0;
    for (int i = 0; i < n_tabs; i++) wide += words_width(canvas, views[i]->name) + 4;
    bool is_wide = wide + title_width + 6 <= canvas->n_columns;
    int width = is_wide ? wide : 0;
    for (int i = 0; i < n_tabs && !is_wide; i++)
        width += 3 + (app->view == views[i] ? 1 + words_width(canvas, views[i]->name) : 0);
    int x = canvas->n_columns - 2 - width;
    for (int i = 0; i < n_tabs; i++) {
        bool is_open = app->view == views[i];
        const char *name = is_open || is_wide ? _(views[i]->name) : "";
        canvas_target(canvas, "view", i + 1, -1);
        x += canvas_print(canvas, 1, x, width, is_open ? ROLE_TAB : ROLE_DIM, *name ? " %d %s " : " %d ",
                          i + 1, name);
        canvas_target(canvas, NULL, -1, -1);
    }
}

static int draw_title(const App *app, Canvas *canvas) {
    char title[160] = "";
    app->view->title(app, view_state_shown(app), title, sizeof title);
    return canvas_print(canvas, 1, 2, canvas->n_columns - 30, ROLE_TITLE, " %s ", title);
}

// ---- the header ---------------------------------------------------------------------------------

// What rounding makes of a logit stays far below this; what a wrong cache makes, far above.
static const float MOST_ROUNDING = 1e-2f;

// The two ways' agreement, at the right end of the header. Returns its width.
static int draw_agreement(const App *app, Canvas *canvas) {
    const Step *step = app_step(app);
    char text[80];
    if (!step) return 0;
    const Comparison *comparison = &step->comparison;
    bool compared = step_has(step, FACT_COMPARISON);
    const char *format =
        canvas->n_columns < 100 ? _("cached %s recomputed Δ %.0e") : _("cached %s recomputed  max|Δ| %.1e");
    bool agrees = comparison->same_choice && comparison->max_abs_logit_difference < MOST_ROUNDING;
    snprintf(text, sizeof text, format, agrees ? "=" : "≠", (double)comparison->max_abs_logit_difference);
    if (!compared) snprintf(text, sizeof text, _("not recomputed"));
    Role role = !compared ? ROLE_DIM : agrees ? ROLE_GOOD : ROLE_BAD;
    return canvas_print_right(canvas, 0, canvas->n_columns - 1, role, text) + 2;
}

// What is going on, in the longest words that fit max_columns.
static void describe_step(const App *app, const Canvas *canvas, int max_columns, char *text, size_t size) {
    const Step *step = app_step(app);
    if (app->is_waiting) {
        int n = snprintf(text, size, "%s %d%% ", worker_doing(app->worker), worker_percent(app->worker));
        if (app->n_wanted) n += snprintf(text + n, size - (size_t)n, _("and %d more "), app->n_wanted);
        snprintf(text + n, size - (size_t)n, _("· Esc stops"));
    } else if (!step) {
        snprintf(text, size, _("%d prompt token%s"), app->timeline->n_prompt,
                 app->timeline->n_prompt == 1 ? "" : "s");
    } else {
        static const char *const ONE = N_("step %d/%d · prefill · %d row"),
                                 *const WORDS[2][3] = {
                                     [STEP_PREFILL] = {N_("step %d/%d · prefill · %d rows"),
                                                       N_("step %d/%d · prefill %d"), N_("step %d/%d")},
                                     [STEP_DECODE] = {N_("step %d/%d · decode · position %d"),
                                                      N_("step %d/%d · decode %d"), N_("step %d/%d")},
                                 };
        int number = step->phase == STEP_PREFILL ? step->n_rows : step_first_token(step);
        for (int i = 0; i < 3; i++) {
            bool is_one = i == 0 && step->phase == STEP_PREFILL && number == 1;
            snprintf(text, size, is_one ? _(ONE) : _(WORDS[step->phase][i]), step->index,
                     app->timeline->n_steps - 1, number);
            if (canvas_text_width(canvas, text_from(text)) <= max_columns) break;
        }
    }
}

static void draw_header(const App *app, Canvas *canvas) {
    const Config *c = &app->timeline->config;
    char doing[96], sizes[128], kind[24];
    int end = canvas->n_columns - draw_agreement(app, canvas), x = 1;
    x += canvas_print(canvas, 0, x, end - x, ROLE_BRAND, "kvstep");
    x += 2 + canvas_text(canvas, 0, x + 2, end - x - 2, ROLE_TEXT, text_from(c->name));
    x += canvas_print(canvas, 0, x, end - x, ROLE_DIM, " · %s", config_attention_kind(c, kind));
    describe_step(app, canvas, end - x - 3, doing, sizeof doing);
    snprintf(sizes, sizeof sizes, _(" · %s · %d layers × %d heads × %d"), c->architecture, c->n_layers,
             c->n_heads, c->d_head);
    if (canvas_text_width(canvas, text_from(sizes)) + canvas_text_width(canvas, text_from(doing)) <
        end - x - 4)
        x += canvas_text(canvas, 0, x, end - x, ROLE_DIM, text_from(sizes));
    canvas_print(canvas, 0, x + 3, end - x - 3, app->is_waiting ? ROLE_NEW : ROLE_TEXT, "%s", doing);
}

// ---- the foot -----------------------------------------------------------------------------------

typedef struct HintText {
    char keys[N_HINT_COMMANDS][16]; // the first key of each command; "" where it has none
    int n_columns;                  // of the whole; 0 without a key
} HintText;

static const char *hint_word(const App *app, const Hint *hint) {
    const View *view = app->view;
    const char *word =
        view->hint_word ? view->hint_word(app, view_state_shown(app), hint->commands[0]) : NULL;
    return _(word ? word : hint->word);
}

static HintText hint_text(const App *app, const Canvas *canvas, const Hint *hint) {
    HintText text = {.n_columns = 0};
    for (int i = 0; i < N_HINT_COMMANDS && hint->commands[i]; i++) {
        keys_label(&app->keys, app->view->name, hint->commands[i], 1, text.keys[i], sizeof text.keys[i]);
        if (text.keys[i][0]) text.n_columns += 1 + canvas_text_width(canvas, text_from(text.keys[i]));
    }
    if (text.n_columns > 0) text.n_columns += 2 + canvas_text_width(canvas, text_from(hint_word(app, hint)));
    return text;
}

// Draws the hint if it fits before column `end`; returns its columns. A key is clicked for its own command,
// the word for the last one.
static int draw_hint(const App *app, Canvas *canvas, int x, int end, const Hint *hint) {
    HintText text = hint_text(app, canvas, hint);
    int row = canvas->n_rows - 1, first = x;
    if (x + text.n_columns > end || text.n_columns == 0) return 0;
    for (int i = 0; i < N_HINT_COMMANDS && hint->commands[i]; i++) {
        canvas_target(canvas, hint->commands[i], -1, -1);
        if (text.keys[i][0]) x += canvas_print(canvas, row, x, end - x, ROLE_KEY, " %s", text.keys[i]);
    }
    x += canvas_print(canvas, row, x, end - x, ROLE_DIM, " %s ", hint_word(app, hint));
    canvas_target(canvas, NULL, -1, -1);
    return x - first;
}

static void draw_hints(const App *app, Canvas *canvas) {
    const Program *program = app->program;
    int x = 2, end = canvas->n_columns - 2, n_last = 0, used = 1;
    bool has_tab = program_has_tab(program, app->view);
    for (const Hint *hint = program->hints_last; has_tab && hint->word; hint++)
        n_last += hint_text(app, canvas, hint).n_columns;
    if (app->lesson) x += program->lesson->draw_way_back(app, canvas, x, end - n_last);
    for (int i = 0; i < N_HINTS && app->view->hints[i].word; i++)
        x += draw_hint(app, canvas, x, end - n_last, &app->view->hints[i]);
    for (const Hint *hint = program->hints; has_tab && hint->word && used > 0; hint++)
        x += used = draw_hint(app, canvas, x, end - n_last, hint);
    for (const Hint *hint = program->hints_last; has_tab && hint->word; hint++)
        x += draw_hint(app, canvas, x, end, hint);
}

static void draw_message(const App *app, Canvas *canvas) {
    int row = canvas->n_rows - 1, end = canvas->n_columns - 2;
    Role role = app->is_error ? ROLE_BAD : ROLE_TEXT;
    int x = 2 + canvas_print(canvas, row, 2, 1, role, " ");
    x += canvas_text(canvas, row, x, end - x - 1, role, text_from(app->message));
    canvas_print(canvas, row, x, 1, role, " ");
}

Rect frame_draw(const App *app, Canvas *canvas) {
    Rect inside = frame_box(canvas, (Rect){1, 0, canvas->n_rows - 1, canvas->n_columns});
    draw_tabs(app, canvas, draw_title(app, canvas));
    draw_header(app, canvas);
    if (app->message[0])
        draw_message(app, canvas);
    else
        draw_hints(app, canvas);
    return inside;
}
