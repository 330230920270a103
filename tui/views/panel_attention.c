// The attention matrix in the main view: its newest rows, see matrix.h.
#include "matrix.h"
#include "panel.h"

void panel_attention_draw(const App *app, Canvas *canvas, Rect rect) {
    if (!app_step(app)) {
        const char *lines[] = {"No pass has run yet.", "", "→ runs the whole prompt: the prefill",
                               "→ again runs one token: a decode step"};
        for (int i = 0; i < 4 && i + 1 < rect.n_rows; i++)
            canvas_print(canvas, rect.row + 1 + i, rect.column + 1, rect.n_columns - 2, i ? ROLE_DIM : ROLE_TEXT, "%s",
                         lines[i]);
        return;
    }
    Matrix matrix = matrix_of(app, canvas, rect, false);
    matrix_draw(app, canvas, &matrix);
}
