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

const float *attended_last_row(const App *app) {
    const Step *step = app_step(app);
    return step_head_row(step, &app->timeline->config, attended_site(app), app->layer, app->head,
                         step->n_rows - 1);
}
