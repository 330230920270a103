#include "tui/app/view.h"

#include <string.h>

const View *const VIEWS[N_VIEWS] = {&VIEW_MAIN,   &VIEW_ATTENTION, &VIEW_STAGES,   &VIEW_CACHE, &VIEW_COMPUTE,
                                    &VIEW_MEMORY, &VIEW_TOKENS,    &VIEW_BRANCHES, &VIEW_HELP};

const View *view_find(const char *name) {
    for (int i = 0; i < N_VIEWS; i++)
        if (strcmp(VIEWS[i]->name, name) == 0) return VIEWS[i];
    return NULL;
}

static bool has_tab(const View *view) {
    for (int i = 0; i < N_TABS; i++)
        if (VIEWS[i] == view) return true;
    return false;
}

void view_open(App *app, const View *view) {
    if (has_tab(view)) app->tab = view;
    app->view = view == app->view ? app->tab : view;
    app->scroll = 0;
}
