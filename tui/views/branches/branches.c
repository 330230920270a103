// The branches of the text: what each goes on with, and where it leaves the one it came from.
//
//     ▶ 0  12 tokens  Once upon a time, there was a little girl ...
//       1   9 tokens  ............................very ...              from step 7 on
#include "tui/app/view.h"

#include <stdio.h>

#include "tui/widgets/panel.h"

enum { LABEL = 16 };

static void title(const App *app, char *title, size_t size) {
    int n = app->session ? session_n_branches(app->session) : 1;
    snprintf(title, size, n == 1 ? _("branches · this text alone so far") : _("branches · %d so far"), n);
}

static void draw_tokens(Canvas *canvas, int row, int x, int end, const Timeline *branch, int first,
                        int fork) {
    for (int i = first; i < branch->n_tokens && x < end; i++) {
        const Token *token = &branch->tokens[i];
        Role role = i == fork ? ROLE_CHOICE : i < fork ? ROLE_DIM : ROLE_TEXT;
        x += token->text.bytes ? canvas_text(canvas, row, x, end - x, role, token->text)
                               : canvas_print(canvas, row, x, end - x, role, "#%d ", token->id);
    }
}

static void draw_branch(const App *app, Canvas *canvas, Rect inside, int row, int index) {
    const Timeline *branch = session_branch_at(app->session, index);
    bool is_open = branch == app->timeline, is_selected = index == app->branch;
    int fork = is_open ? branch->n_prompt : timeline_n_common(branch, app->timeline),
        end = inside.column + inside.n_columns;
    canvas_target(canvas, "switch", index, -1);
    canvas_print(canvas, row, inside.column, 2, ROLE_NEW, is_open ? "▶" : " ");
    canvas_print(canvas, row, inside.column + 2, LABEL - 3, is_selected ? ROLE_CURSOR : ROLE_KEY,
                 _("%2d %5d tok"), index, branch->n_tokens);
    int first = fork > 12 ? fork - 12 : 0; // some words before the fork
    int x = inside.column + LABEL;
    if (first > 0) x += canvas_print(canvas, row, x, end - x, ROLE_DIM, "…");
    draw_tokens(canvas, row, x, end, branch, first, is_open ? -1 : fork);
    canvas_target(canvas, NULL, -1, -1);
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    int row = inside.row, width = inside.n_columns;
    if (!app->session) {
        canvas_print(canvas, row, inside.column, width, ROLE_TEXT,
                     _("A trace has one branch: the text that was recorded."));
        return;
    }
    int n = session_n_branches(app->session), n_lines = inside.n_rows - 4;
    int first = app->branch < n_lines ? 0 : app->branch - n_lines + 1;
    for (int i = first; i < n && i - first < n_lines; i++) draw_branch(app, canvas, inside, row++, i);
    row++;
    canvas_print(canvas, row++, inside.column, width, ROLE_DIM,
                 _("▶ is the one that is shown; the marked token is where another leaves it."));
    canvas_print(canvas, row, inside.column, width, ROLE_DIM,
                 _("A new one: go to a step, select a candidate in view 7 (tokens), Enter."));
}

const View VIEW_BRANCHES = {.name = N_("branches"),
                            .help = N_("the texts so far that began alike"),
                            .title = title,
                            .draw = draw,
                            .hints = {{{"select -1", "select +1"}, N_("branch")},
                                      {{"switch"}, N_("go there")},
                                      {{"close"}, N_("close")}}};
