// The text's tokens with what the model thought of each, and the candidates of the shown Step with what
// sampling cut away. Side by side where there is room for both.
//
//     ┌ tokens ───────────────────────────────┐
//     │ pos    id  token   from    model p ... │
//     │ [7]   262  ␣girl   step 2   0.8412 ... │
//     ├ step 3: candidates for token 8 ───────┤
//     │  rank  token   logit  probability     │
//     │ ▶   1  ␣who     9.31  0.41 ████       │
//     │ ──── top-k 1 cuts here ────────────── │
//     └───────────────────────────────────────┘
#include "tui/views/tokens/tokens.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "tui/app/command.h"
#include "tui/app/command_argument.h"
#include "tui/screen/frame_lines.h"
#include "tui/views/views.h"

enum { SIDE_BY_SIDE = 160, TABLE_WIDTH = 96 };

static void title(const App *app, const void *state, char *title, size_t size) {
    (void)state;
    const Timeline *timeline = app->timeline;
    snprintf(title, size, _("tokens · %d of the prompt, %d generated"), timeline->n_prompt,
             timeline->n_tokens - timeline->n_prompt);
}

Label tokens_label(const Canvas *canvas, Text text, int id) {
    Label label = {""};
    size_t used = 0;
    while (text.bytes && text.n_bytes > 0 && text.bytes[0] == ' ' && used < 48) {
        used +=
            (size_t)snprintf(label.text + used, sizeof label.text - used, "%s", canvas->ascii ? "_" : "␣");
        text.bytes++, text.n_bytes--;
    }
    if (used > 0 && text.n_bytes == 0) return label;
    Label rest = token_label(canvas, text, id);
    Text all = {rest.text, strlen(rest.text)};
    canvas_neutralise(canvas, label.text + used, sizeof label.text - used, all);
    return label;
}

Formatted tokens_probability(float probability) {
    Formatted out;
    bool is_small = probability > 0 && probability < 0.00095F;
    snprintf(out.text, sizeof out.text, is_small ? "%.1e" : "%.4f", (double)probability);
    return out;
}

static void draw_title(const App *app, Canvas *canvas, int row, int column, int max_columns) {
    const Step *step = app_step(app);
    if (!step) {
        frame_title(canvas, row, column, max_columns, _("candidates"));
        return;
    }
    frame_title(canvas, row, column, max_columns, _("step %d: candidates for token %d"), step->index,
                step_n_tokens(step));
}

static int selected(const App *app, const Tokens *tokens) {
    return tokens->timeline == app->timeline ? tokens->candidate : 0;
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    int bottom = inside.row + inside.n_rows;
    if (inside.n_columns >= SIDE_BY_SIDE) {
        int middle = inside.column + TABLE_WIDTH + 1;
        frame_split(canvas, inside, middle, inside.row - 1);
        tokens_table_draw(app, canvas, (Rect){inside.row, inside.column, inside.n_rows, TABLE_WIDTH});
        Rect right = {inside.row, middle + 2, inside.n_rows, inside.column + inside.n_columns - middle - 2};
        draw_title(app, canvas, right.row, right.column - 1, right.n_columns);
        right.row += 2, right.n_rows -= 2;
        tokens_candidates_draw(app, canvas, right, selected(app, state));
        return;
    }
    int n_lines = tokens_candidates_lines(app), most = inside.n_rows * 3 / 5;
    int line = bottom - 1 - (n_lines < most ? n_lines : most);
    tokens_table_draw(app, canvas, (Rect){inside.row, inside.column, line - inside.row, inside.n_columns});
    frame_line(canvas, inside, line, 0, NULL);
    draw_title(app, canvas, line, 2, inside.n_columns);
    tokens_candidates_draw(app, canvas, (Rect){line + 1, inside.column, bottom - line - 1, inside.n_columns},
                           selected(app, state));
}

// ---- commands -----------------------------------------------------------------------------------

static bool run_candidate(App *app, const char *argument, Error *err) {
    Tokens *tokens = view_state(app, &VIEW_TOKENS);
    const Step *step = app_step(app);
    int candidate = selected(app, tokens);
    if (!step || step->n_candidates == 0)
        return error_set(err, "there are no candidates yet: `step` runs a pass");
    if (!argument_rank(&candidate, step->n_candidates, argument, "candidate", err)) return false;
    *tokens = (Tokens){candidate, app->timeline};
    return true;
}

static bool run_branch(App *app, const char *argument, Error *err) {
    const Step *step = app_step(app);
    int index = selected(app, view_state(app, &VIEW_TOKENS));
    if (!app_check_idle(app, "a branch", err)) return false;
    if (!app_check_step(app, err)) return false;
    if (*argument && !argument_rank(&index, step->n_candidates, argument, "candidate", err)) return false;
    Candidate choice = step->candidates[index];
    if (step_chose(step, choice.id))
        return error_set(err,
                         "the text goes on with this token already: select another candidate, or `branch N`");
    int at = app->step, n_before = session_n_branches(app->session);
    if (!session_branch(app->session, at, &choice, err)) return false;
    app_show_timeline(app, at);
    bool is_new = session_n_branches(app->session) > n_before;
    app_say(app,
            is_new ? _("a new branch, %d in all: `step` goes on from here, `branches` lists them")
                   : _("this branch was there already, one of %d"),
            session_n_branches(app->session));
    return true;
}

static const Command COMMANDS[] = {
    {"candidate", "N | +N | -N", N_("select a candidate for the next token"), .run = run_candidate},
    {"branch", "[N]", N_("go on from here with the selected candidate, or number N"), .run = run_branch},
    {0},
};

static const Key KEYS[] = {
    {"Up", "candidate -1"},
    {"Down", "candidate +1"},
    {"Enter", "branch"},
    {0},
};

// ---- the table ----------------------------------------------------------------------------------

static void reset(const App *app, void *state) {
    (void)app;
    *(Tokens *)state = (Tokens){0};
}

static bool describe(const App *app, const void *state, cJSON *document, cJSON *screen) {
    (void)document;
    return cJSON_AddNumberToObject(screen, "candidate", selected(app, state));
}

const View VIEW_TOKENS = {
    .name = N_("tokens"),
    .help = N_("every token's probability and entropy, all candidates, what sampling cut away"),
    .state_size = sizeof(Tokens),
    .reset = reset,
    .describe = describe,
    .title = title,
    .draw = draw,
    .commands = COMMANDS,
    .keys = KEYS,
    .hints =
        {
            {{"step"}, N_("step")},
            {{"back"}, N_("back")},
            {{"candidate -1", "candidate +1"}, N_("candidate")},
            {{"branch"}, N_("branch")},
        },
};
