// One row of attention in numbers: what the last token looks at. When there are more tokens than lines, those
// with the largest weights, in the text's order, and what is left in one line.
#include "tui/views/main/panels.h"
#include "tui/widgets/attended.h"
#include "tui/widgets/token_label.h"

#include <assert.h>
#include <math.h>

enum { LABEL = 11, NUMBERS = 16, MOST_LINES = 64 };

// Writes the n tokens with the largest weights into top, in rising order.
static void largest(const AttendedRow *row, int n_src, int *top, int n) {
    assert(n > 0 && n_src >= n);
    int n_top = 0;
    for (int src = 0; src < n_src; src++) {
        if (n_top == n) {
            int least = 0;
            for (int i = 1; i < n; i++)
                if (attended_at(row, top[i]) < attended_at(row, top[least])) least = i;
            if (attended_at(row, src) <= attended_at(row, top[least])) continue;
            for (int i = least; i + 1 < n; i++) top[i] = top[i + 1];
            n_top--;
        }
        top[n_top++] = src;
    }
}

typedef struct Row {
    AttendedRow weights, scores;
    float longest; // of the weights shown: bars are drawn against it
} Row;

static void draw_line(const App *app, Canvas *canvas, Rect rect, int y, int src, const Row *row) {
    const Token *token = attended_token(app, src);
    Label label = token_label(canvas, token->text, token->id);
    bool is_itself = !app->is_cross && src == step_n_tokens(app_step(app)) - 1;
    canvas_print(canvas, y, rect.column, LABEL - 1, is_itself ? ROLE_CURRENT : ROLE_TEXT, "%s", label.text);
    canvas_bar(canvas, y, rect.column + LABEL, rect.n_columns - LABEL - NUMBERS, ROLE_CACHED,
               attended_at(&row->weights, src) / row->longest);
    int x = rect.column + rect.n_columns - NUMBERS + 1;
    if (row->scores.numbers)
        canvas_print(canvas, y, x, 8, ROLE_DIM, "%7.2f", (double)attended_at(&row->scores, src));
    canvas_print(canvas, y, x + 9, 6, ROLE_TEXT, "%.4f", (double)attended_at(&row->weights, src));
}

// Before the first pass there is no row to show: the prompt, token by token.
static void draw_prompt(const App *app, Canvas *canvas, Rect rect) {
    const Timeline *timeline = app->timeline;
    canvas_print(canvas, rect.row, rect.column, rect.n_columns, ROLE_DIM, "%s", _("position      id  token"));
    int n_shown = timeline->n_prompt < rect.n_rows - 1 ? timeline->n_prompt : rect.n_rows - 2;
    for (int i = 0; i < n_shown; i++) {
        const Token *token = &timeline->tokens[i];
        Label label = token_label(canvas, token->text, token->id);
        int y = rect.row + 1 + i;
        canvas_print(canvas, y, rect.column, 17, ROLE_DIM, "%-9d %6d", i, token->id);
        canvas_print(canvas, y, rect.column + 18, rect.n_columns - 18, ROLE_TEXT, "%s", label.text);
    }
    if (n_shown < timeline->n_prompt)
        canvas_print(canvas, rect.row + 1 + n_shown, rect.column, rect.n_columns, ROLE_DIM, _("and %d more"),
                     timeline->n_prompt - n_shown);
}

void panel_row_draw(const App *app, Canvas *canvas, Rect rect) {
    const Step *step = app_step(app);
    if (!step) {
        draw_prompt(app, canvas, rect);
        return;
    }
    Row row = {.weights = attended_last_row(app),
               .scores = attended_row(app, app->is_cross ? SITE_CROSS_SCORES : SITE_SCORES, app->head,
                                      step_n_tokens(step) - 1)};
    if (!row.weights.numbers) {
        attended_draw_missing(canvas, rect, _("attention weights"));
        return;
    }
    int x = rect.column + rect.n_columns - NUMBERS + 1;
    canvas_print(canvas, rect.row, rect.column, LABEL, ROLE_DIM, "src");
    if (row.scores.numbers) canvas_print(canvas, rect.row, x, 8, ROLE_DIM, "%7s", "q·k/√d");
    canvas_print(canvas, rect.row, x + 9, 6, ROLE_DIM, _("weight"));

    int n_src = attended_count(app), n_lines = rect.n_rows - 1, top[MOST_LINES] = {0};
    if (n_lines > MOST_LINES) n_lines = MOST_LINES;
    int n_shown = n_src <= n_lines ? n_src : n_lines - 1;
    largest(&row.weights, n_src, top, n_shown);
    double rest = 1;
    for (int i = 0; i < n_shown; i++) row.longest = fmaxf(row.longest, attended_at(&row.weights, top[i]));
    for (int i = 0; i < n_shown; i++) {
        draw_line(app, canvas, rect, rect.row + 1 + i, top[i], &row);
        rest -= attended_at(&row.weights, top[i]);
    }
    if (n_shown == n_src) return;
    int y = rect.row + 1 + n_shown;
    canvas_print(canvas, y, rect.column, rect.n_columns - NUMBERS, ROLE_DIM, _("and %d others"),
                 n_src - n_shown);
    canvas_print(canvas, y, x + 9, 6, ROLE_DIM, "%.4f", rest > 0 ? rest : 0);
}
