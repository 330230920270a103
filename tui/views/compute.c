#include "tui/view.h"

#include <stdio.h>

static void title(const App *app, char *title, size_t size) {
    (void)app;
    snprintf(title, size, "compute");
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    (void)app;
    (void)canvas;
    (void)inside;
}

const View VIEW_COMPUTE = {
    .name = "compute",
    .help = "cost",
    .title = title,
    .draw = draw,
    .hints = {{"step", "step"}, {"back", "back"}, {"view +1", "view"}, {"help", "help"}, {"quit", "quit"}}};
