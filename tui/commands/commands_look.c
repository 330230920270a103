// Commands that change what is looked at in every view, and how.
#include "tui/commands/commands.h"

#include <ctype.h>
#include <stdio.h>

#include "tui/app/command_argument.h"
#include "tui/app/program.h"

static bool run_layer(App *app, const char *argument, Error *err) {
    return argument_index(&app->layer, app->timeline->config.n_layers, argument, "layer", err);
}

static bool run_head(App *app, const char *argument, Error *err) {
    return argument_index(&app->head, app->timeline->config.n_heads, argument, "head", err);
}

static bool run_row(App *app, const char *argument, Error *err) {
    if (!app_check_step(app, err)) return false;
    int row = app_row(app), n = step_n_tokens(app_step(app));
    if (!argument_index(&row, n, argument, "row", err)) return false;
    app->row = row == n - 1 ? -1 : row; // the newest row stays the newest at the next step
    return true;
}

static bool run_cross(App *app, const char *argument, Error *err) {
    (void)argument;
    if (app->timeline->n_source == 0)
        return error_set(
            err, "only an encoder-decoder attends to a source: try kvstep dates --source \"3 March 2026\"");
    app->is_cross = !app->is_cross;
    return true;
}

static bool run_scale(App *app, const char *argument, Error *err) {
    int scale = (int)app->scale;
    if (!argument_word(&scale, SCALE_COUNT, SCALE_NAMES, argument, "scale", err)) return false;
    app->scale = (Scale)scale;
    app_say(app, "heat: %s",
            (const char *[]){_("the root of the weight"), _("the weight itself"),
                             _("the weight's logarithm, from 0.0001 to 1")}[scale]);
    return true;
}

static bool run_changes(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->marks_changes = !app->marks_changes;
    app_say(app,
            app->marks_changes ? _("what the step changed is marked") : _("changes are no longer marked"));
    return true;
}

enum { MOST_VIEWS = 32 };

static bool run_view(App *app, const char *argument, Error *err) {
    const Program *program = app->program;
    const char *names[MOST_VIEWS];
    int index = 0, n = program->n_views < MOST_VIEWS ? program->n_views : MOST_VIEWS;
    for (int i = 0; i < n; i++) {
        names[i] = program->views[i]->name;
        if (program->views[i] == app->tab) index = i;
    }
    bool turns = *argument == '+' || *argument == '-', is_number = isdigit((unsigned char)*argument);
    if (turns || is_number ? !argument_rank(&index, program->n_tabs, argument, "view", err)
                           : !argument_word(&index, n, names, argument, "view", err))
        return false;
    if (program->views[index] != app->view) view_open(app, program->views[index]);
    return true;
}

static bool offer_views(const App *app, int index, char out[CHOICE_BYTES]) {
    if (index >= app->program->n_views) return false;
    snprintf(out, CHOICE_BYTES, "%s", app->program->views[index]->name);
    return true;
}

const Command COMMANDS_LOOK[] = {
    {"view", "NAME | N | +1 | -1", N_("open a view, or the next or previous one"), .run = run_view,
     .choices = offer_views},
    {"layer", "N | +N | -N", N_("look at another layer"), .run = run_layer},
    {"head", "N | +N | -N", N_("look at another attention head"), .run = run_head},
    {"row", "N | +N | -N", N_("look at the row of another token: what it looks at"), .run = run_row},
    {"cross", NULL, N_("look at the source or at the text (encoder-decoder)"), .run = run_cross},
    {"scale", "root | linear | log", N_("how a weight becomes heat"), .run = run_scale, .words = SCALE_NAMES,
     .n_words = SCALE_COUNT},
    {"changes", NULL, N_("mark what the step changed, or stop it"), .run = run_changes},
    {0},
};
