#include "tui/view.h"

#include <stdio.h>

static void title(const App *app, char *title, size_t size) {
    (void)app;
    snprintf(title, size, "cache");
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    (void)app;
    (void)canvas;
    (void)inside;
}

const View VIEW_CACHE = {
    .name = "cache",
    .help = "slots",
    .title = title,
    .draw = draw,
    .hints = {{"step", "step"}, {"back", "back"}, {"view +1", "view"}, {"help", "help"}, {"quit", "quit"}}};
