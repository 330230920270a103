#include "tui/app/draw.h"

#include "tui/app/frame.h"
#include "tui/app/program.h"

void app_draw_view(const App *app, Canvas *canvas) {
    canvas_clear(canvas);
    if (canvas->n_rows < VIEW_MIN_ROWS || canvas->n_columns < VIEW_MIN_COLUMNS) {
        const char *wish =
            canvas->n_columns >= 46 ? _("kvstep needs %d columns and %d rows; q leaves") : _("needs %d×%d");
        canvas_print(canvas, 0, 0, canvas->n_columns, ROLE_TEXT, canvas->n_columns >= 11 ? wish : "%d×%d",
                     VIEW_MIN_COLUMNS, VIEW_MIN_ROWS);
        return;
    }
    Rect inside = frame_draw(app, canvas);
    app->view->draw(app, view_state_shown(app), canvas, inside);
}

void app_draw(const App *app, Canvas *canvas) {
    if (app->lesson)
        app->program->lesson->draw(app, canvas);
    else
        app_draw_view(app, canvas);
    bool has_room = canvas->n_rows >= VIEW_MIN_ROWS && canvas->n_columns >= VIEW_MIN_COLUMNS;
    if (app->line.is_open && has_room) command_line_draw(app, canvas);
}

void app_view_size(const App *app, int *n_rows, int *n_columns) {
    *n_rows = app->n_rows;
    *n_columns = app->n_columns;
    if (app->lesson) app->program->lesson->view_size(app, n_rows, n_columns);
}
