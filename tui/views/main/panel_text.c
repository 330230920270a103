// The text so far, each token tinted by the weight that the row at hand gives it. The last lines when it is
// long.
#include "tui/views/main/panels.h"
#include "tui/widgets/attended.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LEAST_TINT 0.03f // smaller weights would tint the whole text

static Role tint(const App *app, float weight, Role plain) {
    return weight < LEAST_TINT ? plain : (Role)(ROLE_HEAT + canvas_heat_level(weight, app->scale));
}

static Role role_of(const App *app, int position) {
    const Token *token = &app->timeline->tokens[position];
    const Step *step = app_step(app);
    Role plain = token->generated ? ROLE_TEXT : ROLE_PROMPT;
    if (!step) return plain;
    int last = step_n_tokens(step) - 1;
    if (position > last + 1) return ROLE_FREE; // a token of a later step
    if (position == last + 1) return ROLE_CHOICE;
    if (position == last) return ROLE_CURRENT;
    if (app->is_cross) return plain;
    AttendedRow row = attended_last_row(app);
    return tint(app, attended_at(&row, position), plain);
}

// What is drawn at once: a token, or the tokens that spell one character between them.
typedef struct Piece {
    Text text;
    int n_tokens;
    char bytes[64];
} Piece;

static void take_piece(const Timeline *timeline, int position, Piece *piece) {
    const Token *tokens = timeline->tokens;
    piece->n_tokens = 1;
    piece->text = tokens[position].text;
    if (!piece->text.bytes) {
        snprintf(piece->bytes, sizeof piece->bytes, "#%d ", tokens[position].id);
        piece->text = text_from(piece->bytes);
        return;
    }
    size_t n = 0;
    for (int i = position; i < timeline->n_tokens && tokens[i].text.bytes; i++) {
        if (n + tokens[i].text.n_bytes > sizeof piece->bytes) return;
        memcpy(piece->bytes + n, tokens[i].text.bytes, tokens[i].text.n_bytes);
        n += tokens[i].text.n_bytes;
        if (text_complete((Text){piece->bytes, n}) < n) continue;
        piece->text = (Text){piece->bytes, n};
        piece->n_tokens = i - position + 1;
        return;
    }
}

// Walks the text line by line and draws what falls into the rectangle when its first line is first_line.
// Returns the line of the token at `wanted`.
static int flow(const App *app, Canvas *canvas, Rect rect, int first_line, int wanted) {
    Piece piece;
    int line = 0, column = 0, wanted_line = 0;
    for (int position = 0; position < app->timeline->n_tokens; position += piece.n_tokens) {
        take_piece(app->timeline, position, &piece);
        int width = canvas_text_width(canvas, piece.text);
        if (column > 0 && column + width > rect.n_columns) line++, column = 0;
        if (line >= first_line && line < first_line + rect.n_rows)
            canvas_text(canvas, rect.row + line - first_line, rect.column + column, rect.n_columns - column,
                        role_of(app, position + piece.n_tokens - 1), piece.text);
        column += width;
        if (position <= wanted) wanted_line = line;
    }
    return wanted_line;
}

// What the encoder has read, in the first line.
static void draw_source(const App *app, Canvas *canvas, Rect rect) {
    int x = canvas_print(canvas, rect.row, rect.column, rect.n_columns, ROLE_DIM, _("source  "));
    for (int i = 0; i < app->timeline->n_source && x < rect.n_columns; i++) {
        const Token *token = &app->timeline->source[i];
        Role role = ROLE_PROMPT;
        if (app->is_cross && app_step(app)) {
            AttendedRow row = attended_last_row(app);
            role = tint(app, attended_at(&row, i), ROLE_PROMPT);
        }
        if (token->text.bytes)
            x += canvas_text(canvas, rect.row, rect.column + x, rect.n_columns - x, role, token->text);
        else
            x += canvas_print(canvas, rect.row, rect.column + x, rect.n_columns - x, role, "#%d ", token->id);
    }
}

void panel_text_draw(const App *app, Canvas *canvas, Rect rect) {
    if (app->timeline->n_source > 0 && rect.n_rows > 1) {
        draw_source(app, canvas, rect);
        rect.row++, rect.n_rows--;
    }
    const Step *step = app_step(app);
    int newest = step ? step_n_tokens(step) : app->timeline->n_tokens - 1;
    int line = flow(app, canvas, rect, INT_MAX - rect.n_rows, newest); // draws nothing yet
    flow(app, canvas, rect, line < rect.n_rows ? 0 : line - rect.n_rows + 1, newest);
}
