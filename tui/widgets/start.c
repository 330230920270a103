#include "tui/widgets/start.h"

#include <stdio.h>
#include <string.h>

#include "tui/app/view.h"

void start_draw(const App *app, Canvas *canvas, Rect rect, const Start *start) {
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
