// What the panels and the views share: labels of tokens, which attention is shown, what stands there before the first pass.
#include "panel.h"

#include <stdio.h>

Label panel_label(const Canvas *canvas, Text text, int id) {
    Label label;
    if (!text.bytes) {
        snprintf(label.text, sizeof label.text, "#%d", id);
        return label;
    }
    while (text.n_bytes > 0 && text.bytes[0] == ' ') text.bytes++, text.n_bytes--;
    if (text.n_bytes > 0 && !text_is_clean(text)) { // part of a character: its bytes
        int n = 0;
        for (size_t i = 0; i < text.n_bytes && i < 4; i++)
            n += snprintf(label.text + n, sizeof label.text - (size_t)n, "\\x%02X", (unsigned char)text.bytes[i]);
        return label;
    }
    if (text.n_bytes == 0) text = text_from(canvas->ascii ? "_" : "␣");
    canvas_neutralise(canvas, label.text, sizeof label.text, text);
    return label;
}

void panel_start_draw(const App *app, Canvas *canvas, Rect rect) {
    static const char *const LINES[] = {" runs the whole prompt: the prefill", " again runs one token: a decode step"};
    char key[16];
    int y = rect.row + 1, x = rect.column + 1, end = rect.column + rect.n_columns;
    keys_label(&app->keys, app->view, "step", 1, key, sizeof key);
    canvas_print(canvas, y, x, end - x, ROLE_TEXT, "No pass has run yet.");
    for (int i = 0; i < 2 && y + 2 + i < rect.row + rect.n_rows; i++) {
        int used = canvas_print(canvas, y + 2 + i, x, end - x, ROLE_KEY, "%s", key);
        canvas_print(canvas, y + 2 + i, x + used, end - x - used, ROLE_DIM, "%s", LINES[i]);
    }
}

SiteId panel_weights_site(const App *app) {
    return app->is_cross ? SITE_CROSS_ATTENTION : SITE_ATTENTION;
}

int panel_n_src(const App *app) {
    return app->is_cross ? app->timeline->config.n_source : step_n_src(app_step(app));
}

const Token *panel_src(const App *app, int src) {
    return app->is_cross ? &app->timeline->source[src] : &app->timeline->tokens[src];
}

int panel_visible(const App *app, int position, int *first) {
    int window = config_window(&app->timeline->config, app->layer);
    *first = app->is_cross ? 0 : config_first_visible(window, position);
    return app->is_cross ? app->timeline->config.n_source : position + 1 - *first;
}

const float *panel_last_row(const App *app) {
    const Step *step = app_step(app);
    return step_head_row(step, &app->timeline->config, panel_weights_site(app), app->layer, app->head, step->n_rows - 1);
}
