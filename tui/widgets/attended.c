#include "tui/widgets/attended.h"

SiteId attended_site(const App *app) {
    return app->is_cross ? SITE_CROSS_ATTENTION : SITE_ATTENTION;
}

int attended_count(const App *app) {
    return app->is_cross ? app->timeline->n_source : step_n_tokens(app_step(app));
}

const Token *attended_token(const App *app, int src) {
    return app->is_cross ? &app->timeline->source[src] : &app->timeline->tokens[src];
}

int attended_span(const App *app, int position, int *first) {
    int window = config_window(&app->timeline->config, app->layer);
    int masked_as = app_masked_as(app, position);
    *first = app->is_cross ? 0 : place_first_seen(window, masked_as);
    return app->is_cross ? app->timeline->n_source : masked_as + 1 - *first;
}

AttendedRow attended_row(const App *app, SiteId site, int head, int position) {
    const Step *step = app_step_of_row(app, position);
    AttendedRow row = {.step = step, .is_cross = app->is_cross};
    int index = step ? step_row_of(step, position) : -1;
    if (index >= 0) row.numbers = step_head_row(step, &app->timeline->config, site, app->layer, head, index);
    return row;
}

AttendedRow attended_last_row(const App *app) {
    return attended_row(app, attended_site(app), app->head, step_n_tokens(app_step(app)) - 1);
}

float attended_at(const AttendedRow *row, int src) {
    int column = !row->numbers ? -1 : row->is_cross ? src : step_column_of(row->step, src);
    return column >= 0 ? row->numbers[column] : 0;
}

void attended_draw_missing(Canvas *canvas, Rect rect, const char *what) {
    canvas_print(canvas, rect.row + rect.n_rows / 2, rect.column, rect.n_columns, ROLE_DIM,
                 _("%s: not recorded"), what);
}
