// What the panels and the views share: labels of tokens, which attention is shown, what stands there before
// the first pass.
#include "tui/widgets/panel.h"

#include <stdio.h>
#include <string.h>

#include "tui/app/view.h"

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
            n += snprintf(label.text + n, sizeof label.text - (size_t)n, "\\x%02X",
                          (unsigned char)text.bytes[i]);
        return label;
    }
    if (text.n_bytes == 0) text = text_from(canvas->ascii ? "_" : "␣");
    canvas_neutralise(canvas, label.text, sizeof label.text, text);
    return label;
}

void panel_start_draw(const App *app, Canvas *canvas, Rect rect, const Start *start) {
    char key[16];
    int x = rect.column + 1, y = rect.row + 1, width = rect.n_columns - 2, end = rect.row + rect.n_rows;
    keys_label(&app->keys, app->view->name, "step", 1, key, sizeof key);
    canvas_print(canvas, y, x, width, ROLE_TEXT, "%s", _(start->now));
    for (int i = 0; i < 2 && y + 2 + i < end; i++) {
        int used = canvas_print(canvas, y + 2 + i, x, width, ROLE_KEY, "%s", key);
        canvas_print(canvas, y + 2 + i, x + used, width - used, ROLE_DIM, i ? _(" again %s") : " %s",
                     _(i ? start->then : start->first));
    }
    y += 5;
    for (const char *line = _(start->more); line && y < end; y++) {
        size_t n = strcspn(line, "\n");
        canvas_text(canvas, y, x, width, ROLE_DIM, (Text){line, n});
        line = line[n] ? line + n + 1 : NULL;
    }
}

SiteId panel_weights_site(const App *app) {
    return app->is_cross ? SITE_CROSS_ATTENTION : SITE_ATTENTION;
}

int panel_n_src(const App *app) {
    return app->is_cross ? app->timeline->n_source : step_n_tokens(app_step(app));
}

const Token *panel_src(const App *app, int src) {
    return app->is_cross ? &app->timeline->source[src] : &app->timeline->tokens[src];
}

int panel_visible(const App *app, int position, int *first) {
    int window = config_window(&app->timeline->config, app->layer);
    int masked_as = app_masked_as(app, position);
    *first = app->is_cross ? 0 : place_first_seen(window, masked_as);
    return app->is_cross ? app->timeline->n_source : masked_as + 1 - *first;
}

const float *panel_last_row(const App *app) {
    const Step *step = app_step(app);
    return step_head_row(step, &app->timeline->config, panel_weights_site(app), app->layer, app->head,
                         step->n_rows - 1);
}
