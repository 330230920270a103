#include "command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"
#include "views/memory.h"
#include "views/stages.h"

// ---- arguments -----------------------------------------------------------------------------------------------------

// "N", or "+N" and "-N" from where it is now; in [0, n). After the last comes the first, for "+N" and "-N" alone.
static bool move_index(int *index, int n, const char *argument, const char *what, Error *err) {
    char *end;
    errno = 0;
    long number = strtol(argument, &end, 10);
    if (end == argument || *end || errno) return error_set(err, "%s takes a number, +1 or -1, not \"%s\"", what, argument);
    if (*argument == '+' || *argument == '-') {
        *index = (int)(((*index + number) % n + n) % n);
        return true;
    }
    if (number >= n) return error_set(err, "there is no %s %ld: they go from 0 to %d", what, number, n - 1);
    *index = (int)number;
    return true;
}

// One of the words, by its beginning; nothing stands for the one after the present one.
static bool choose_word(int *index, int n, const char *const *words, const char *argument, const char *what, Error *err) {
    if (!*argument) {
        *index = (*index + 1) % n;
        return true;
    }
    for (int i = 0; i < n; i++)
        if (strncmp(words[i], argument, strlen(argument)) == 0) {
            *index = i;
            return true;
        }
    size_t used = (size_t)snprintf(err->text, sizeof err->text, "there is no %s \"%s\"; there are:", what, argument);
    for (int i = 0; i < n && used < sizeof err->text; i++)
        used += (size_t)snprintf(err->text + used, sizeof err->text - used, "%s %s", i ? "," : "", words[i]);
    return false;
}

// ---- moving --------------------------------------------------------------------------------------------------------

static bool run_step(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->is_playing = false;
    app_advance(app);
    return true;
}

static bool run_back(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app_halt(app);
    if (app->step > 0)
        app->step--;
    else
        app_say(app, "this is the first step");
    return true;
}

static bool run_goto(App *app, const char *argument, Error *err) {
    app_halt(app);
    int n_steps = app->timeline->n_steps, step = app->step;
    if (n_steps == 0) return error_set(err, "no step has run yet: `step` runs the first");
    char *end;
    long number = strtol(argument, &end, 10);
    if (end == argument || *end || number < 1 || number > n_steps)
        return error_set(err, "goto takes the number of a step, 1 to %d, not \"%s\"", n_steps, argument);
    step = (int)number - 1;
    app->step = step;
    return true;
}

// The step that computed the row of a token.
static bool run_token(App *app, const char *argument, Error *err) {
    const Timeline *timeline = app->timeline;
    int position = 0;
    if (!move_index(&position, timeline->n_tokens, argument, "token", err)) return false;
    const Step *step = timeline_step_of(timeline, timeline->n_steps - 1, position);
    if (!step) return error_set(err, "token %d has no row yet: `step` feeds it in", position);
    app_halt(app);
    app->step = step->index;
    app->row = position;
    return true;
}

static bool run_first(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app_halt(app);
    if (app->timeline->n_steps > 0) app->step = 0;
    return true;
}

static bool run_last(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app_halt(app);
    app->step = app->timeline->n_steps - 1;
    return true;
}

static bool run_play(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    bool starts = !app->is_playing;
    app_halt(app);
    app->is_playing = starts;
    if (starts) app_advance(app);
    return true;
}

// ---- what is looked at ---------------------------------------------------------------------------------------------

static bool run_layer(App *app, const char *argument, Error *err) {
    const Config *config = &app->timeline->config;
    Stage stage = stages_at(config, app->stage);
    if (!move_index(&app->layer, config->n_layers, argument, "layer", err)) return false;
    if (SITES[stage.site].per_layer) app->stage = stages_find(config, stage.site, app->layer);
    return true;
}

static bool run_head(App *app, const char *argument, Error *err) {
    return move_index(&app->head, app->timeline->config.n_heads, argument, "head", err);
}

static bool run_cross(App *app, const char *argument, Error *err) {
    (void)argument;
    if (app->timeline->config.n_source == 0)
        return error_set(err, "only an encoder-decoder attends to a source: try kvstep dates --source \"3 March 2026\"");
    app->is_cross = !app->is_cross;
    return true;
}

static bool run_scale(App *app, const char *argument, Error *err) {
    static const char *const WORDS[SCALE_COUNT] = {"root", "linear", "log"};
    int scale = (int)app->scale;
    if (!choose_word(&scale, SCALE_COUNT, WORDS, argument, "scale", err)) return false;
    app->scale = (Scale)scale;
    app_say(
        app, "heat: %s",
        (const char *[]){"the root of the weight", "the weight itself", "the weight's logarithm, from 0.0001 to 1"}[scale]);
    return true;
}

static bool run_changes(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->marks_changes = !app->marks_changes;
    app_say(app, app->marks_changes ? "what the step changed is marked" : "changes are no longer marked");
    return true;
}

static bool run_heads(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->shows_all_heads = !app->shows_all_heads;
    return true;
}

// How many tokens the shown attention looks at.
static int n_looked_at(const App *app) {
    return app->is_cross ? app->timeline->config.n_source : step_n_src(app_step(app));
}

static int clamp(int n, int least, int most) {
    return n < least ? least : n > most ? most : n;
}

static bool run_cursor(App *app, const char *argument, Error *err) {
    static const char *const WORDS[] = {"up", "down", "left", "right"};
    if (!app_step(app)) return error_set(err, "no step has run yet: `step` runs the first");
    int row = app_row(app), src = app->src, way = 0, used = 0;
    if (sscanf(argument, "%d %d%n", &row, &src, &used) != 2 || argument[used]) {
        row = app_row(app), src = app->src;
        if (!*argument || !choose_word(&way, 4, WORDS, argument, "way for the cursor", err)) {
            return error_set(err, "cursor takes a row and a src, or up, down, left, right");
        }
        row += way == 0 ? -1 : way == 1;
        src += way == 2 ? -1 : way == 3;
    }
    app->row = clamp(row, 0, step_n_src(app_step(app)) - 1);
    app->src = clamp(src, 0, n_looked_at(app) - 1);
    return true;
}

static bool run_row(App *app, const char *argument, Error *err) {
    if (!app_step(app)) return error_set(err, "no step has run yet: `step` runs the first");
    int row = app_row(app), n = step_n_src(app_step(app));
    if (!move_index(&row, n, argument, "row", err)) return false;
    app->row = row == n - 1 ? -1 : row; // the newest row stays the newest at the next step
    return true;
}

// The stage of a site in the present layer.
static bool find_stage(const App *app, int *stage, const char *argument, Error *err) {
    const Config *config = &app->timeline->config;
    const char *names[SITE_COUNT];
    int sites[SITE_COUNT], n = 0, index = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (sites_of_config(config) & SITE_BIT(site)) names[n] = SITES[site].name, sites[n++] = site;
    if (!choose_word(&index, n, names, argument, "stage", err)) return false;
    *stage = stages_find(config, (SiteId)sites[index], app->layer);
    return true;
}

static bool run_stage(App *app, const char *argument, Error *err) {
    const Config *config = &app->timeline->config;
    int n = stages_count(config), stage = app->stage;
    bool moves = *argument == '+' || *argument == '-';
    if (isalpha((unsigned char)*argument) ? !find_stage(app, &stage, argument, err)
                                          : !move_index(&stage, moves ? n : n + 1, argument, "stage", err))
        return false;
    if (isdigit((unsigned char)*argument) && --stage < 0) return error_set(err, "stages go from 1 to %d", n);
    app->stage = stage;
    if (SITES[stages_at(config, stage).site].per_layer) app->layer = stages_at(config, stage).layer;
    return true;
}

static bool run_candidate(App *app, const char *argument, Error *err) {
    const Step *step = app_step(app);
    if (!step || step->n_candidates == 0) return error_set(err, "there are no candidates yet: `step` runs a pass");
    return move_index(&app->candidate, step->n_candidates, argument, "candidate", err);
}

// ---- the memory view -----------------------------------------------------------------------------------------------

static bool run_factor(App *app, const char *argument, Error *err) {
    return memory_view_factor(app, argument, err);
}

static bool run_more(App *app, const char *argument, Error *err) {
    (void)argument;
    return memory_view_change(app, 1, err);
}

static bool run_less(App *app, const char *argument, Error *err) {
    (void)argument;
    return memory_view_change(app, -1, err);
}

static bool run_sizes(App *app, const char *argument, Error *err) {
    return memory_view_sizes(app, argument, err);
}

// ---- the program ---------------------------------------------------------------------------------------------------

static bool run_view(App *app, const char *argument, Error *err) {
    const char *names[N_VIEWS];
    int index = 0;
    for (int i = 0; i < N_VIEWS; i++) {
        names[i] = VIEWS[i]->name;
        if (VIEWS[i] == app->view) index = i;
    }
    bool turns = *argument == '+' || *argument == '-';
    if (turns ? !move_index(&index, N_VIEWS - 1, argument, "view", err)
              : !choose_word(&index, N_VIEWS, names, argument, "view", err))
        return false;
    app->view = VIEWS[index];
    app->scroll = 0;
    return true;
}

static bool run_tab(App *app, const char *argument, Error *err) {
    int number = 0;
    if (!move_index(&number, N_VIEWS, argument, "tab", err)) return false;
    app->view = VIEWS[number > 0 ? number - 1 : 0];
    app->scroll = 0;
    return true;
}

static bool run_help(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    if (app->view != &VIEW_HELP) app->view_before = app->view;
    app->view = &VIEW_HELP;
    app->scroll = 0;
    return true;
}

static bool run_close(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    if (app->view == &VIEW_HELP) app->view = app->view_before ? app->view_before : &VIEW_MAIN;
    return true;
}

static bool run_scroll(App *app, const char *argument, Error *err) {
    int by = (int)strtol(argument, NULL, 10);
    (void)err;
    app->scroll = clamp(app->scroll + by, 0, 10000);
    return true;
}

static bool run_cancel(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    if (app_is_busy(app)) worker_cancel(app->worker);
    app_halt(app);
    return true;
}

static bool run_quit(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->is_running = false;
    return true;
}

const Command COMMANDS[] = {
    {"step", NULL, "run the next token, or show the next recorded step", run_step},
    {"back", NULL, "go back one step; nothing is computed again", run_back},
    {"play", NULL, "step by itself, or stop", run_play},
    {"first", NULL, "go to the first step: the prefill of the prompt", run_first},
    {"last", NULL, "go to the latest step", run_last},
    {"goto", "N", "go to step N", run_goto},
    {"token", "N", "go to the step that computed the row of token N", run_token},
    {"layer", "N | +N | -N", "show the attention of another layer", run_layer},
    {"head", "N | +N | -N", "show another attention head", run_head},
    {"cross", NULL, "look at the source or at the text (encoder-decoder)", run_cross},
    {"row", "N | +N | -N", "look at the row of another token", run_row},
    {"cursor", "up | down | left | right | ROW SRC", "move the cursor of the attention view", run_cursor},
    {"heads", NULL, "all heads of the layer side by side, or one", run_heads},
    {"scale", "root | linear | log", "how a weight becomes heat", run_scale},
    {"changes", NULL, "mark what the step changed, or stop it", run_changes},
    {"stage", "N | +N | -N | NAME", "another stage of the forward pass", run_stage},
    {"candidate", "N | +N | -N", "select a candidate for the next token", run_candidate},
    {"factor", "N | +N | -N | NAME VALUE", "select a factor of the memory formula, or set it", run_factor},
    {"more", NULL, "make the selected factor larger", run_more},
    {"less", NULL, "make the selected factor smaller", run_less},
    {"sizes", "[MODEL]", "the memory formula with the sizes of this model, or a known one's", run_sizes},
    {"view", "NAME | +1 | -1", "open a view", run_view},
    {"tab", "N", "open view number N", run_tab},
    {"scroll", "+N | -N", "move a long page", run_scroll},
    {"cancel", NULL, "stop a computation, stop playing", run_cancel},
    {"help", NULL, "show the commands and their keys", run_help},
    {"close", NULL, "leave the help", run_close},
    {"quit", NULL, "leave", run_quit},
};
const size_t N_COMMANDS = sizeof COMMANDS / sizeof *COMMANDS;

const Command *command_find(const char *name) {
    const Command *found = NULL;
    size_t length = strlen(name);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) return &COMMANDS[i];
        if (strncmp(COMMANDS[i].name, name, length) != 0) continue;
        if (found) return NULL;
        found = &COMMANDS[i];
    }
    return found;
}

bool command_run(App *app, const char *line) {
    char name[32] = "";
    int used = 0;
    Error err;
    sscanf(line, " %31s %n", name, &used);
    const Command *command = *name ? command_find(name) : NULL;
    bool ok = command || error_set(&err, "there is no command \"%s\"; `help` lists them", name);
    ok = ok && (command->argument || !line[used] || error_set(&err, "%s takes nothing after it", command->name));
    ok = ok && command->run(app, line + used, &err);
    if (!ok) app_complain(app, &err);
    return ok;
}
