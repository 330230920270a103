// The attention matrix in the main view: its newest rows, see matrix.h.
#include "tui/views/main/panels.h"
#include "tui/widgets/legend.h"
#include "tui/widgets/matrix.h"
#include "tui/widgets/start.h"

enum { LEAST_ROWS_FOR_LEGEND = 12 };

void panel_attention_draw(const App *app, Canvas *canvas, Rect rect) {
    static const Start START = {N_("No pass has run yet."), N_("runs the whole prompt: the prefill"),
                                N_("runs one token: a decode step"),
                                N_("Each step runs twice: with the cache,\n"
                                   "and without it, from the start. Both\n"
                                   "say the same; compare what they cost.")};
    if (!app_step(app)) {
        start_draw(app, canvas, rect, &START);
        return;
    }
    if (rect.n_rows >= LEAST_ROWS_FOR_LEGEND) {
        rect.n_rows--;
        legend_draw_line(app, canvas, (Rect){rect.row + rect.n_rows, rect.column, 1, rect.n_columns});
    }
    Matrix matrix = matrix_of(app, canvas, rect, NULL);
    matrix_draw(app, canvas, &matrix);
}
