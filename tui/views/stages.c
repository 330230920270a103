#include "tui/view.h"

#include <stdio.h>

static void title(const App *app, char *title, size_t size) {
    (void)app;
    snprintf(title, size, "stages");
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    (void)app;
    (void)canvas;
    (void)inside;
}

const View VIEW_STAGES = {
    .name = "stages",
    .help = "the_pass",
    .title = title,
    .draw = draw,
    .hints = {{"step", "step"}, {"back", "back"}, {"view +1", "view"}, {"help", "help"}, {"quit", "quit"}}};

#include "stages.h"

// Sites that a layer has, in order.
static SiteMask layer_sites(const Config *config) {
    SiteMask mask = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (SITES[site].per_layer) mask |= SITE_BIT(site);
    return mask & sites_of_config(config);
}

int stages_count(const Config *config) {
    return 3 + config->n_layers * __builtin_popcountll(layer_sites(config));
}
