#include "tui/app/view.h"

#include <stdlib.h>
#include <string.h>

#include "tui/app/program.h"

static int index_of(const App *app, const View *view) {
    int i = 0;
    while (app->program->views[i] != view) i++;
    return i;
}

void *view_state(App *app, const View *view) {
    return app->states[index_of(app, view)];
}

const void *view_state_shown(const App *app) {
    return app->states[index_of(app, app->view)];
}

void view_open(App *app, const View *view) {
    if (program_has_tab(app->program, view)) app->tab = view;
    app->view = view == app->view ? app->tab : view;
    if (app->view->open) app->view->open(app, view_state(app, app->view));
}

bool views_new(App *app, Error *err) {
    const Program *program = app->program;
    app->states = calloc((size_t)program->n_views, sizeof *app->states);
    bool ok = app->states;
    for (int i = 0; ok && i < program->n_views; i++) {
        size_t size = program->views[i]->state_size;
        if (size > 0) app->states[i] = calloc(1, size);
        ok = size == 0 || app->states[i];
    }
    app->view = app->tab = program->views[0];
    return ok || error_no_memory(err, "the screen", 0);
}

void views_reset(App *app) {
    for (int i = 0; i < app->program->n_views; i++) {
        const View *view = app->program->views[i];
        if (view->reset) view->reset(app, app->states[i]);
    }
}

void views_begin(App *app) {
    for (int i = 0; i < app->program->n_views; i++) {
        size_t size = app->program->views[i]->state_size;
        if (size > 0) memset(app->states[i], 0, size);
    }
    views_reset(app);
    app->view = app->tab = app->program->views[0];
}

void views_free(App *app) {
    for (int i = 0; app->states && i < app->program->n_views; i++) free(app->states[i]);
    free(app->states);
    app->states = NULL;
}

const char *view_hint_of_play(const App *app, const void *state, const char *command) {
    (void)state;
    return app->is_playing && strcmp(command, "play") == 0 ? N_("stop") : NULL;
}
