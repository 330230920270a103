// The branches of the text: what each goes on with, and where it leaves the one it came from.
//
//     ▶ 0  12 tokens  Once upon a time, there was a little girl ...
//       1   9 tokens  ............................very ...
#include <stdio.h>

#include "tui/app/command.h"
#include "tui/app/command_argument.h"
#include "tui/views/views.h"

enum { LABEL = 16 };

typedef struct Branches {
    int selected;
} Branches;

static void title(const App *app, const void *state, char *title, size_t size) {
    (void)state;
    int n = app->session ? session_n_branches(app->session) : 1;
    snprintf(title, size, n == 1 ? _("branches · this text alone so far") : _("branches · %d so far"), n);
}

static void draw_tokens(Canvas *canvas, Rect line, const Timeline *branch, int first, int fork) {
    int row = line.row, x = line.column, end = line.column + line.n_columns;
    for (int i = first; i < branch->n_tokens && x < end; i++) {
        const Token *token = &branch->tokens[i];
        Role role = i == fork ? ROLE_CHOICE : i < fork ? ROLE_DIM : ROLE_TEXT;
        x += token->text.bytes ? canvas_text(canvas, row, x, end - x, role, token->text)
                               : canvas_print(canvas, row, x, end - x, role, "#%d ", token->id);
    }
}

static void draw_branch(const App *app, Canvas *canvas, Rect inside, int row, int index, bool is_selected) {
    const Timeline *branch = session_branch_at(app->session, index);
    bool is_open = branch == app->timeline;
    int fork = is_open ? branch->n_prompt : timeline_n_common(branch, app->timeline),
        end = inside.column + inside.n_columns;
    canvas_target(canvas, "switch", index, -1);
    canvas_print(canvas, row, inside.column, 2, ROLE_NEW, is_open ? "▶" : " ");
    canvas_print(canvas, row, inside.column + 2, LABEL - 3, is_selected ? ROLE_CURSOR : ROLE_KEY,
                 _("%2d %5d tok"), index, branch->n_tokens);
    int first = fork > 12 ? fork - 12 : 0; // some words before the fork
    int x = inside.column + LABEL;
    if (first > 0) x += canvas_print(canvas, row, x, end - x, ROLE_DIM, "…");
    draw_tokens(canvas, (Rect){row, x, 1, end - x}, branch, first, is_open ? -1 : fork);
    canvas_target(canvas, NULL, -1, -1);
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    int row = inside.row, width = inside.n_columns;
    if (!app->session) {
        canvas_print(canvas, row, inside.column, width, ROLE_TEXT,
                     _("A trace has one branch: the text that was recorded."));
        return;
    }
    int n = session_n_branches(app->session), n_lines = inside.n_rows - 4;
    int selected = ((const Branches *)state)->selected,
        first = selected < n_lines ? 0 : selected - n_lines + 1;
    for (int i = first; i < n && i - first < n_lines; i++)
        draw_branch(app, canvas, inside, row++, i, i == selected);
    row++;
    canvas_print(canvas, row++, inside.column, width, ROLE_DIM,
                 _("▶ is the one that is shown; the marked token is where another leaves it."));
    canvas_print(canvas, row, inside.column, width, ROLE_DIM,
                 _("A new one: go to a step, select a candidate in view 7 (tokens), Enter."));
}

static void reset(const App *app, void *state) {
    (void)app;
    *(Branches *)state = (Branches){0};
}

static void select_shown(const App *app, void *state) {
    Branches *branches = state;
    for (int i = 0; app->session && i < session_n_branches(app->session); i++)
        if (session_branch_at(app->session, i) == app->timeline) branches->selected = i;
}

// ---- commands -----------------------------------------------------------------------------------

static bool run_branches(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    view_open(app, &VIEW_BRANCHES);
    return true;
}

static bool run_select(App *app, const char *argument, Error *err) {
    Branches *branches = view_state(app, &VIEW_BRANCHES);
    if (!app->session) return error_set(err, "a trace has one branch");
    return argument_index(&branches->selected, session_n_branches(app->session), argument, "branch", err);
}

static bool run_switch(App *app, const char *argument, Error *err) {
    const Branches *branches = view_state(app, &VIEW_BRANCHES);
    if (!app_check_idle(app, "another branch", err)) return false;
    int n = session_n_branches(app->session), index = branches->selected;
    if (*argument && !argument_index(&index, n, argument, "branch", err)) return false;
    if (index >= n) return error_set(err, "there is no branch %d: they go from 0 to %d", index, n - 1);
    session_switch(app->session, index);
    app_show_timeline(app, session_timeline(app->session)->n_steps - 1);
    view_open(app, app->tab); // from the list of branches
    app_say(app, "branch %d, %d in all", index, n);
    return true;
}

static const Command COMMANDS[] = {
    {"branches", NULL, N_("the list of branches"), .run = run_branches},
    {"select", "N | +N | -N", N_("select a branch in the list"), .run = run_select},
    {"switch", "[N]", N_("go to the selected branch, or number N"), .run = run_switch},
    {0},
};

static const Key KEYS[] = {
    {"Up", "select -1"}, {"Down", "select +1"}, {"Enter", "switch"}, {"Escape", "close"}, {"q", "close"}, {0},
};

const View VIEW_BRANCHES = {
    .name = N_("branches"),
    .help = N_("the texts so far that began alike"),
    .state_size = sizeof(Branches),
    .reset = reset,
    .open = select_shown,
    .title = title,
    .draw = draw,
    .commands = COMMANDS,
    .keys = KEYS,
    .hints =
        {
            {{"select -1", "select +1"}, N_("branch")},
            {{"switch"}, N_("go there")},
            {{"close"}, N_("close")},
        },
};
