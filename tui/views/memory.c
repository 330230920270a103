#include "tui/view.h"

#include <stdio.h>

static void title(const App *app, char *title, size_t size) {
    (void)app;
    snprintf(title, size, "memory");
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    (void)app;
    (void)canvas;
    (void)inside;
}

const View VIEW_MEMORY = {
    .name = "memory",
    .help = "formula",
    .title = title,
    .draw = draw,
    .hints = {{"step", "step"}, {"back", "back"}, {"view +1", "view"}, {"help", "help"}, {"quit", "quit"}}};
#include "memory.h"
bool memory_view_factor(App *app, const char *argument, Error *err) {
    (void)app, (void)argument, (void)err;
    return true;
}
bool memory_view_change(App *app, int by, Error *err) {
    (void)app, (void)by, (void)err;
    return true;
}
bool memory_view_sizes(App *app, const char *argument, Error *err) {
    (void)app, (void)argument, (void)err;
    return true;
}
