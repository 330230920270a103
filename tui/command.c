#include "command.h"

#include <string.h>

#include "view.h"

static void run_step(App *app) {
    app->is_playing = false;
    app_advance(app);
}

static void run_back(App *app) {
    app_halt(app);
    if (app->step > 0)
        app->step--;
    else
        app_say(app, "this is the first step");
}

static void run_first(App *app) {
    app_halt(app);
    if (app->timeline->n_steps > 0) app->step = 0;
}

static void run_last(App *app) {
    app_halt(app);
    app->step = app->timeline->n_steps - 1;
}

static void run_play(App *app) {
    bool starts = !app->is_playing;
    app_halt(app);
    app->is_playing = starts;
    if (starts) app_advance(app);
}

// Moves an index around its range: after the last comes the first.
static int turn(int index, int by, int n) {
    return (index + by + n) % n;
}

static void run_layer_down(App *app) {
    app->layer = turn(app->layer, 1, app->timeline->config.n_layers);
}

static void run_layer_up(App *app) {
    app->layer = turn(app->layer, -1, app->timeline->config.n_layers);
}

static void run_head_next(App *app) {
    app->head = turn(app->head, 1, app->timeline->config.n_heads);
}

static void run_head_previous(App *app) {
    app->head = turn(app->head, -1, app->timeline->config.n_heads);
}

static void run_cross(App *app) {
    if (app->timeline->config.n_source > 0)
        app->is_cross = !app->is_cross;
    else
        app_say(app, "only an encoder-decoder attends to a source: try kvstep dates --source \"3 March 2026\"");
}

static void run_help(App *app) {
    app->view = &VIEW_HELP;
}

static void run_cancel(App *app) {
    if (app_is_busy(app)) worker_cancel(app->worker);
    app_halt(app);
}

static void run_quit(App *app) {
    app->is_running = false;
}

const Command COMMANDS[] = {
    {"step", {"Right", "n"}, "run the next token, or show the next recorded step", run_step},
    {"back", {"Left", "p"}, "go back one step; nothing is computed again", run_back},
    {"play", {"Space"}, "step by itself, or stop", run_play},
    {"first", {"Home", "g"}, "go to the first step: the prefill of the prompt", run_first},
    {"last", {"End", "G"}, "go to the latest step", run_last},
    {"layer-up", {"Up", "k"}, "show the attention of the layer before", run_layer_up},
    {"layer-down", {"Down", "j"}, "show the attention of the layer after", run_layer_down},
    {"head-previous", {"["}, "show the attention head before", run_head_previous},
    {"head-next", {"]"}, "show the attention head after", run_head_next},
    {"cross", {"x"}, "look at the source or at the text (encoder-decoder)", run_cross},
    {"cancel", {"Escape"}, "stop a computation, stop playing", run_cancel},
    {"help", {"?", "h"}, "show this page", run_help},
    {"quit", {"q"}, "leave", run_quit},
};
const size_t N_COMMANDS = sizeof COMMANDS / sizeof *COMMANDS;

const Command *command_for_key(const char *key) {
    for (size_t i = 0; i < N_COMMANDS; i++)
        for (int k = 0; k < 3 && COMMANDS[i].keys[k]; k++)
            if (strcmp(COMMANDS[i].keys[k], key) == 0) return &COMMANDS[i];
    return NULL;
}

const char *command_key_label(const char *key) {
    static const char *const LABELS[][2] = {{"Right", "→"}, {"Left", "←"}, {"Up", "↑"}, {"Down", "↓"}, {"Escape", "Esc"}};
    for (size_t i = 0; i < sizeof LABELS / sizeof *LABELS; i++)
        if (strcmp(LABELS[i][0], key) == 0) return LABELS[i][1];
    return key;
}
