// Commands that go from step to step and from token to token.
#include "tui/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app/command_argument.h"

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
    int n_steps = app->timeline->n_steps;
    if (!app_check_step(app, err)) return false;
    char *end;
    long number = strtol(argument, &end, 10);
    if (end == argument || *end || number < 0 || number >= n_steps)
        return error_set(err, "goto takes the number of a step, 0 to %d, not \"%s\"", n_steps - 1, argument);
    app->step = (int)number;
    return true;
}

// Shows the Step that computed the row of the token at `position`.
static bool show_token(App *app, int position, Error *err) {
    const Timeline *timeline = app->timeline;
    const Step *step = timeline_step_of(timeline, timeline->n_steps - 1, position);
    if (!step) return error_set(err, "token %d has no row yet: `step` feeds it in", position);
    app_halt(app);
    app->step = step->index;
    app->row = position;
    return true;
}

static bool run_token(App *app, const char *argument, Error *err) {
    int position = 0;
    return argument_index(&position, app->timeline->n_tokens, argument, "token", err) &&
           show_token(app, position, err);
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

static bool run_speed(App *app, const char *argument, Error *err) {
    double speed = 1000.0 / app->play_ms;
    if (strcmp(argument, "+") == 0 || strcmp(argument, "-") == 0) {
        speed *= *argument == '+' ? 2 : 0.5;
        speed = speed < 0.25 ? 0.25 : speed > 64 ? 64 : speed;
    } else if (!argument_number(&speed, 0.1, 100, argument, "speed", err)) {
        return false;
    }
    app->play_ms = (int)(1000 / speed + 0.5);
    app_say(app, "playing runs %g steps a second", speed);
    return true;
}

// Whether the text of a token has this in it, capitals or not.
static bool has_text(const Token *token, const char *wanted) {
    size_t n = strlen(wanted);
    for (size_t i = 0; i + n <= token->text.n_bytes; i++)
        if (strncasecmp(token->text.bytes + i, wanted, n) == 0) return true;
    return false;
}

// Goes to the next token, after the one that is looked at, whose text has the words in it; after the last
// comes the first.
static bool run_search(App *app, const char *argument, Error *err) {
    if (*argument) snprintf(app->search, sizeof app->search, "%s", argument);
    if (!app->search[0]) return error_set(err, "search takes the text to look for among the tokens");
    if (!app_check_step(app, err)) return false;
    const Timeline *timeline = app->timeline;
    int n = step_n_tokens(timeline->steps[timeline->n_steps - 1]), row = app_row(app);
    for (int i = 1; i <= n; i++) {
        int position = (row + i) % n;
        if (!has_text(&timeline->tokens[position], app->search)) continue;
        app_say(app, "token %d has “%s” in it", position, app->search);
        return show_token(app, position, err);
    }
    return error_set(err, "no token has \"%s\" in it", app->search);
}

const Command COMMANDS_MOVE[] = {
    {"step", NULL, N_("run the next token, or show the next recorded step"), .run = run_step},
    {"back", NULL, N_("go back one step; nothing is computed again"), .run = run_back},
    {"play", NULL, N_("step by itself, or stop"), .run = run_play, .flags = NOT_IN_LESSONS},
    {"speed", "N | + | -", N_("how many steps a second playing runs"), .run = run_speed,
     .flags = NOT_IN_LESSONS},
    {"first", NULL, N_("go to step 0: the prefill of the prompt"), .run = run_first},
    {"last", NULL, N_("go to the latest step"), .run = run_last},
    {"goto", "N", N_("go to step N; step 0 is the prefill"), .run = run_goto},
    {"token", "N", N_("go to the step that computed the row of token N"), .run = run_token},
    {"search", "TEXT", N_("go to the next token with TEXT in it; without TEXT, with the last one"),
     .run = run_search, .flags = NOT_IN_LESSONS},
    {0},
};
