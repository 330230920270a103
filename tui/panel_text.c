// The text so far, each token tinted by the weight that the row at hand gives it. The last lines when it is long.
#include "panel.h"

#include <stdio.h>

#define LEAST_TINT 0.03f // smaller weights would tint the whole text

Label panel_label(const Canvas *canvas, Text text, int id) {
    Label label;
    if (!text.bytes) {
        snprintf(label.text, sizeof label.text, "#%d", id);
        return label;
    }
    while (text.n_bytes > 0 && text.bytes[0] == ' ') text.bytes++, text.n_bytes--;
    if (text.n_bytes == 0) text = text_from(canvas->ascii ? "_" : "␣");
    text_neutralise(label.text, sizeof label.text, text, TEXT_LINE + (canvas->ascii ? TEXT_ASCII : 0));
    return label;
}

const float *panel_last_row(const App *app) {
    const Step *step = app_step(app);
    return step_head_row(step, &app->timeline->config, SITE_ATTENTION, app->layer, app->head, step->n_rows - 1);
}

static Role role_of(const App *app, int position) {
    const Token *token = &app->timeline->tokens[position];
    const Step *step = app_step(app);
    Role plain = token->generated ? ROLE_TEXT : ROLE_PROMPT;
    if (!step) return plain;
    int last = step_n_src(step) - 1;
    if (position > last + 1) return ROLE_FREE; // a token of a later step
    if (position == last + 1) return ROLE_CHOICE;
    if (position == last) return ROLE_CURRENT;
    float weight = panel_last_row(app)[position];
    return weight < LEAST_TINT ? plain : (Role)(ROLE_HEAT + canvas_heat_level(weight));
}

// What is drawn for a token: its text as it stands, or #id with a space.
static Text text_of(const Token *token, char buffer[16]) {
    if (token->text.bytes) return token->text;
    snprintf(buffer, 16, "#%d ", token->id);
    return text_from(buffer);
}

// Walks the tokens line by line; draws those whose line is at or after first_line. Returns the number of lines.
static int flow(const App *app, Canvas *canvas, Rect rect, int first_line, bool draw) {
    int line = 0, column = 0;
    for (int position = 0; position < app->timeline->n_tokens; position++) {
        char buffer[16];
        Text text = text_of(&app->timeline->tokens[position], buffer);
        int width = canvas_text_width(canvas, text);
        if (column > 0 && column + width > rect.n_columns) line++, column = 0;
        if (draw && line >= first_line && line < first_line + rect.n_rows)
            canvas_text(canvas, rect.row + line - first_line, rect.column + column, rect.n_columns - column,
                        role_of(app, position), text);
        column += width;
    }
    return line + 1;
}

void panel_text_draw(const App *app, Canvas *canvas, Rect rect) {
    int n_lines = flow(app, canvas, rect, 0, false);
    flow(app, canvas, rect, n_lines > rect.n_rows ? n_lines - rect.n_rows : 0, true);
}
