#include "tui/widgets/matrix.h"

#include <stdio.h>

#include "tui/widgets/attended.h"
#include "tui/widgets/token_label.h"

enum {
    MOST_WIDE = 8,
    MOST_WIDE_IN_PANEL = 4,
    LARGE_PANEL = 100,
    MOST_HIGH = 3,
    MOST_HEAD = 6,
    LEAST_LABEL = 7,
    N_LABEL = 8,
    N_WIDE_LABEL = 13
};

static int clamp(int n, int least, int most) {
    return n > most ? most : n < least ? least : n;
}

int matrix_cursor_src(const App *app, int src) {
    int n_src = attended_count(app);
    return src < n_src ? src : n_src - 1;
}

Mask matrix_mask(const App *app, int position, int src) {
    int first, n_visible = attended_span(app, position, &first);
    return src < first ? MASK_WINDOW : src >= first + n_visible ? MASK_LATER : MASK_NONE;
}

int matrix_src(const Matrix *m, int i) {
    if (i == 0 || m->first_src == 0) return i;
    return i == 1 ? MATRIX_GAP : m->first_src + i - 2;
}

// ---- layout -------------------------------------------------------------------------------------

// The main view's matrix is small unless its panel is large.
static bool is_large(const Matrix *m) {
    return m->has_cursor || m->rect.n_columns >= LARGE_PANEL;
}

// What the tokens of the newest rows need, within limits.
static int label_columns(const App *app, const Canvas *canvas, int n_positions, int n_columns) {
    int longest = 0;
    for (int i = clamp(n_positions - 64, 0, n_positions); i < n_positions; i++) {
        Label label = token_label(canvas, app->timeline->tokens[i].text, app->timeline->tokens[i].id);
        int n = canvas_text_width(canvas, text_from(label.text));
        if (n > longest) longest = n;
    }
    return clamp(longest, LEAST_LABEL, n_columns < 70 ? N_LABEL : N_WIDE_LABEL);
}

// The src that the cursor's row looks at most.
static int favourite(const App *app, int position, int n_src) {
    AttendedRow row = attended_row(app, attended_site(app), app->head, position);
    int most = 0;
    for (int src = 1; src < n_src; src++)
        if (attended_at(&row, src) > attended_at(&row, most)) most = src;
    return most;
}

// Which columns are shown: those around the cursor. On src 0, which is shown anyway, those that the cursor's
// row ends with; of a source, those around what the row looks at most.
static void lay_out_columns(const App *app, Matrix *m) {
    int room = m->rect.n_columns - m->label;
    m->width = clamp(room / m->n_src, 2, is_large(m) ? MOST_WIDE : MOST_WIDE_IN_PANEL);
    m->n_columns = clamp(room / m->width, 1, m->n_src);
    int n_moving = m->n_columns - 2, middle = m->src > 0      ? m->src
                                              : app->is_cross ? favourite(app, m->row, m->n_src)
                                                              : m->row;
    if (m->n_columns == m->n_src || middle < m->n_columns * 2 / 3 || n_moving < 1) return;
    m->first_src = clamp(middle - n_moving / 2, 2, m->n_src - n_moving);
}

// A column of two cells has no room for a label but downwards.
static int head_lines(const App *app, const Canvas *canvas, const Matrix *m) {
    int longest = 1, most = clamp(m->rect.n_rows / 5, 1, MOST_HEAD);
    if (m->width >= 4 || !m->has_cursor) return 1;
    for (int i = 0; i < m->n_columns; i++) {
        int src = matrix_src(m, i);
        if (src == MATRIX_GAP) continue;
        Label label = token_label(canvas, attended_token(app, src)->text, attended_token(app, src)->id);
        int n = canvas_text_width(canvas, text_from(label.text));
        if (n > longest) longest = n;
    }
    return longest < most ? longest : most;
}

Matrix matrix_of(const App *app, const Canvas *canvas, Rect rect, const int *cursor_src) {
    bool has_cursor = cursor_src;
    int n_positions = step_n_tokens(app_step(app));
    Matrix m = {
        .rect = rect, .has_cursor = has_cursor, .n_positions = n_positions, .n_src = attended_count(app)};
    m.row = has_cursor ? app_row(app) : n_positions - 1;
    m.src = has_cursor ? matrix_cursor_src(app, *cursor_src) : 0;
    m.n_digits = has_cursor ? snprintf(NULL, 0, "%d", n_positions - 1) : 0;
    m.label =
        2 + (has_cursor ? m.n_digits + 1 : 0) + label_columns(app, canvas, n_positions, rect.n_columns) + 1;
    lay_out_columns(app, &m);
    m.n_head = head_lines(app, canvas, &m);
    int room = rect.n_rows - m.n_head;
    m.height = is_large(&m) ? clamp(room / n_positions, 1, clamp(m.width / 2, 1, MOST_HIGH)) : 1;
    m.n_rows = clamp(room / m.height, 0, n_positions);
    m.first_row = clamp(m.row - m.n_rows / 2, 0, n_positions - m.n_rows);
    return m;
}

// ---- drawing ------------------------------------------------------------------------------------

static void draw_head(const App *app, Canvas *canvas, const Matrix *m) {
    int last = m->rect.row + m->n_head - 1;
    const char *corner = m->label - 3 >= 9 ? "row \\ src" : "row\\src";
    canvas_print(canvas, last, m->rect.column + 2, m->label - 3, ROLE_DIM, "%s", corner);
    for (int i = 0; i < m->n_columns; i++) {
        int src = matrix_src(m, i), x = m->rect.column + m->label + i * m->width;
        if (src == MATRIX_GAP) {
            canvas_print(canvas, last, x, m->width, ROLE_DIM, "…");
            continue;
        }
        const Token *token = attended_token(app, src);
        Label label = token_label(canvas, token->text, token->id);
        bool is_new = !app->is_cross && app_is_new_row(app, src);
        Role role = m->has_cursor && src == m->src ? ROLE_CURSOR
                    : is_new && app->marks_changes ? ROLE_CHANGED
                    : is_new && !m->has_cursor     ? ROLE_TEXT
                                                   : ROLE_DIM;
        if (m->has_cursor) canvas_target(canvas, "cursor", m->row, src);
        if (m->n_head > 1)
            canvas_print_down(canvas, last + 1, x, m->n_head, role, label.text);
        else
            canvas_print(canvas, last, x, m->width - (m->width > 2), role, "%s", label.text);
        canvas_target(canvas, NULL, -1, -1);
    }
    if (matrix_src(m, m->n_columns - 1) < m->n_src - 1)
        canvas_print(canvas, last, m->rect.column + m->label + m->n_columns * m->width, 1, ROLE_DIM, "…");
}

void matrix_draw_new(const App *app, Canvas *canvas, int y, int x) {
    canvas_print(canvas, y, x, 1, app->marks_changes ? ROLE_CHANGED : ROLE_TEXT, "%s",
                 app->marks_changes ? "+" : "▸");
}

static void draw_label(const App *app, Canvas *canvas, const Matrix *m, int y, int position, bool is_new) {
    const Token *token = &app->timeline->tokens[position];
    Label label = token_label(canvas, token->text, token->id);
    int x = m->rect.column, end = x + m->label - 1;
    Role role = is_new ? ROLE_TEXT : ROLE_DIM;
    if (is_new && app->marks_changes) role = ROLE_CHANGED;
    if (is_new) matrix_draw_new(app, canvas, y, x);
    x += 2;
    if (m->has_cursor) {
        canvas_target(canvas, "cursor", position, m->src);
        x += 1 + canvas_print(canvas, y, x, m->n_digits, ROLE_DIM, "%*d", m->n_digits, position);
    }
    canvas_print(canvas, y, x, end - x, position == m->row ? ROLE_CURRENT : role, "%s", label.text);
    canvas_target(canvas, NULL, -1, -1);
}

void matrix_draw_masked(Canvas *canvas, int y, int x, int n_columns, Mask mask) {
    for (int i = 0; i < n_columns; i++)
        canvas_print(canvas, y, x + i, 1, ROLE_MASKED, "%s", mask == MASK_LATER ? "╱" : "╲");
}

// A weight on its own cell, where there is room for both.
static void draw_number(Canvas *canvas, int y, int x, const Matrix *m, float weight) {
    if (weight < 0.005F) return;
    int line = y + (m->height - 1) / 2, before = (m->width - 2) / 2, after = m->width - before - 3;
    char text[8];
    snprintf(text, sizeof text, "%.2f", (double)weight);
    Role role = (Role)canvas_cell(canvas, line, x)->role;
    canvas_print(canvas, line, x, m->width, role, "%*s%s%*s", before, "", text[0] == '0' ? text + 1 : "1.0",
                 after, "");
}

typedef struct MatrixCell {
    int position, src;
    float weight;
    bool is_new; // its row is of the shown step
} MatrixCell;

static void draw_cell(const App *app, Canvas *canvas, int y, int x, const Matrix *m, const MatrixCell *cell) {
    int position = cell->position, src = cell->src;
    Mask mask = matrix_mask(app, position, src);
    bool is_cursor = m->has_cursor && position == m->row && src == m->src;
    if (m->has_cursor) canvas_target(canvas, "cursor", position, src);
    for (int line = y; line < y + m->height; line++) {
        if (mask != MASK_NONE)
            matrix_draw_masked(canvas, line, x, m->width, mask);
        else
            (cell->is_new ? canvas_heat : canvas_dim_heat)(canvas, line, x, m->width, cell->weight,
                                                           app->scale);
    }
    int n_free = m->width - (is_cursor ? 2 : 0); // between the cursor's brackets
    if (mask == MASK_NONE && m->height > 1 && n_free >= 3) draw_number(canvas, y, x, m, cell->weight);
    for (int line = y; is_cursor && line < y + m->height; line++) {
        canvas_print(canvas, line, x, 1, ROLE_CURSOR, "[");
        canvas_print(canvas, line, x + m->width - 1, 1, ROLE_CURSOR, "]");
    }
    canvas_target(canvas, NULL, -1, -1);
}

static void draw_row(const App *app, Canvas *canvas, const Matrix *m, int y, int position) {
    AttendedRow row = attended_row(app, attended_site(app), app->head, position);
    bool is_new = app_is_new_row(app, position);
    draw_label(app, canvas, m, y + (m->height - 1) / 2, position, is_new);
    if (!row.step) return;
    Rect cells = {y, m->rect.column + m->label, 1, m->n_columns * m->width};
    if (!row.numbers) {
        attended_draw_missing(canvas, cells, _("attention weights"));
        return;
    }
    for (int i = 0; i < m->n_columns; i++) {
        int src = matrix_src(m, i), x = m->rect.column + m->label + i * m->width;
        if (src == MATRIX_GAP) continue;
        MatrixCell cell = {position, src, attended_at(&row, src), is_new};
        draw_cell(app, canvas, y, x, m, &cell);
    }
}

void matrix_draw(const App *app, Canvas *canvas, const Matrix *m) {
    draw_head(app, canvas, m);
    int top = m->rect.row + m->n_head;
    for (int i = 0; i < m->n_rows; i++) draw_row(app, canvas, m, top + i * m->height, m->first_row + i);
}
