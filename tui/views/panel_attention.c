// The attention matrix in the main view: its newest rows, see matrix.h.
#include "matrix.h"
#include "panel.h"

void panel_attention_draw(const App *app, Canvas *canvas, Rect rect) {
    if (!app_step(app)) {
        panel_start_draw(app, canvas, rect);
        return;
    }
    Matrix matrix = matrix_of(app, canvas, rect, false);
    matrix_draw(app, canvas, &matrix);
}
