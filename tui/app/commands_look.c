// Commands that change what is looked at, and how, and the one that leaves.
#include "tui/app/commands.h"

#include <ctype.h>
#include <stdio.h>

#include "tui/app/command_argument.h"
#include "tui/app/view.h"
#include "tui/terminal/terminal.h"
#include "tui/views/help/help.h"
#include "tui/views/memory/memory.h"
#include "tui/views/stages/stages.h"
#include "tui/widgets/quantity.h"

bool run_layer(App *app, const char *argument, Error *err) {
    const Config *config = &app->timeline->config;
    Stage stage = stages_at(app->timeline, app->stage);
    if (!argument_index(&app->layer, config->n_layers, argument, "layer", err)) return false;
    if (SITES[stage.site].per_layer) app->stage = stages_find(app->timeline, stage.site, app->layer);
    return true;
}

bool run_head(App *app, const char *argument, Error *err) {
    return argument_index(&app->head, app->timeline->config.n_heads, argument, "head", err);
}

bool run_cross(App *app, const char *argument, Error *err) {
    (void)argument;
    if (app->timeline->n_source == 0)
        return error_set(
            err, "only an encoder-decoder attends to a source: try kvstep dates --source \"3 March 2026\"");
    app->is_cross = !app->is_cross;
    return true;
}

bool run_scale(App *app, const char *argument, Error *err) {
    int scale = (int)app->scale;
    if (!argument_word(&scale, SCALE_COUNT, SCALE_NAMES, argument, "scale", err)) return false;
    app->scale = (Scale)scale;
    app_say(app, "heat: %s",
            (const char *[]){_("the root of the weight"), _("the weight itself"),
                             _("the weight's logarithm, from 0.0001 to 1")}[scale]);
    return true;
}

bool run_changes(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->marks_changes = !app->marks_changes;
    app_say(app,
            app->marks_changes ? _("what the step changed is marked") : _("changes are no longer marked"));
    return true;
}

bool run_heads(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->shows_all_heads = !app->shows_all_heads;
    return true;
}

// How many tokens the shown attention looks at.
static int n_looked_at(const App *app) {
    return app->is_cross ? app->timeline->n_source : step_n_tokens(app_step(app));
}

bool run_cursor(App *app, const char *argument, Error *err) {
    static const char *const WORDS[] = {"up", "down", "left", "right"};
    if (!app_check_step(app, err)) return false;
    int row = app_row(app), src = app->src, way = 0, used = 0;
    if (sscanf(argument, "%d %d%n", &row, &src, &used) != 2 || argument[used]) {
        row = app_row(app), src = app->src;
        if (!*argument || !argument_word(&way, 4, WORDS, argument, "way for the cursor", err)) {
            return error_set(err, "cursor takes a row and a src, or up, down, left, right");
        }
        row += way == 0 ? -1 : way == 1;
        src += way == 2 ? -1 : way == 3;
    }
    int newest = step_n_tokens(app_step(app)) - 1;
    app->row =
        row >= newest ? -1 : argument_clamp(row, 0, newest); // on the newest row it goes along with the steps
    app->src = argument_clamp(src, 0, n_looked_at(app) - 1);
    return true;
}

bool run_row(App *app, const char *argument, Error *err) {
    if (!app_check_step(app, err)) return false;
    int row = app_row(app), n = step_n_tokens(app_step(app));
    if (!argument_index(&row, n, argument, "row", err)) return false;
    app->row = row == n - 1 ? -1 : row; // the newest row stays the newest at the next step
    return true;
}

// The stage of a site in the present layer.
static bool find_stage(const App *app, int *stage, const char *argument, Error *err) {
    const Config *config = &app->timeline->config;
    const char *names[SITE_COUNT];
    int sites[SITE_COUNT], n = 0, index = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (sites_of(config, app->timeline->n_source) & SITE_BIT(site))
            names[n] = SITES[site].name, sites[n++] = site;
    if (!argument_word(&index, n, names, argument, "stage", err)) return false;
    *stage = stages_find(app->timeline, (SiteId)sites[index], app->layer);
    return true;
}

bool run_stage(App *app, const char *argument, Error *err) {
    int stage = app->stage;
    if (isalpha((unsigned char)*argument)
            ? !find_stage(app, &stage, argument, err)
            : !argument_rank(&stage, stages_count(app->timeline), argument, "stage", err))
        return false;
    app->stage = stage;
    if (SITES[stages_at(app->timeline, stage).site].per_layer)
        app->layer = stages_at(app->timeline, stage).layer;
    return true;
}

bool run_candidate(App *app, const char *argument, Error *err) {
    const Step *step = app_step(app);
    if (!step || step->n_candidates == 0)
        return error_set(err, "there are no candidates yet: `step` runs a pass");
    return argument_rank(&app->candidate, step->n_candidates, argument, "candidate", err);
}

bool run_quantity(App *app, const char *argument, Error *err) {
    return argument_word(&app->quantity, QUANTITY_COUNT, QUANTITY_WORDS, argument, "quantity", err);
}

// ---- the memory view ----------------------------------------------------------------------------

bool run_more(App *app, const char *argument, Error *err) {
    (void)argument;
    return memory_view_change(app, 1, err);
}

bool run_less(App *app, const char *argument, Error *err) {
    (void)argument;
    return memory_view_change(app, -1, err);
}

// ---- views and the screen -----------------------------------------------------------------------

bool run_view(App *app, const char *argument, Error *err) {
    const char *names[N_VIEWS];
    int index = 0;
    for (int i = 0; i < N_VIEWS; i++) {
        names[i] = VIEWS[i]->name;
        if (VIEWS[i] == app->tab) index = i;
    }
    bool turns = *argument == '+' || *argument == '-', is_number = isdigit((unsigned char)*argument);
    if (turns || is_number ? !argument_rank(&index, N_TABS, argument, "view", err)
                           : !argument_word(&index, N_VIEWS, names, argument, "view", err))
        return false;
    if (VIEWS[index] != app->view) view_open(app, VIEWS[index]);
    return true;
}

bool run_close(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    view_open(app, app->tab);
    return true;
}

bool run_scroll(App *app, const char *argument, Error *err) {
    double by;
    if (!argument_number(&by, -10000, 10000, argument, "scroll", err)) return false;
    app->scroll = argument_clamp(app->scroll + (int)by, 0, help_most_scroll(app));
    return true;
}

bool run_help(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    view_open(app, &VIEW_HELP);
    return true;
}

bool run_line(App *app, const char *argument, Error *err) {
    (void)err;
    char text[LINE_BYTES];
    snprintf(text, sizeof text, "%s%s", argument, *argument ? " " : "");
    command_line_open(&app->line, text);
    return true;
}

bool run_theme(App *app, const char *argument, Error *err) {
    int theme = (int)app->theme;
    if (!argument_word(&theme, THEME_COUNT, THEME_NAMES, argument, "theme", err)) return false;
    app->theme = (ThemeId)theme;
    app_say(app, "theme: %s", THEME_NAMES[theme]);
    return true;
}

bool run_quit(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->is_running = false;
    return true;
}

bool run_redraw(App *app, const char *argument, Error *err) {
    (void)app, (void)argument, (void)err;
    terminal_redraw();
    return true;
}
