// Commands of the screen and of the program: colours, the command line, stopping, leaving.
#include "tui/commands/commands.h"

#include <stdio.h>

#include "tui/app/command_argument.h"
#include "tui/app/program.h"

static bool run_theme(App *app, const char *argument, Error *err) {
    int theme = (int)app->theme;
    if (!argument_word(&theme, THEME_COUNT, THEME_NAMES, argument, "theme", err)) return false;
    app->theme = (ThemeId)theme;
    app_say(app, "theme: %s", THEME_NAMES[theme]);
    return true;
}

static bool run_redraw(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->wants_redraw = true;
    return true;
}

const Command COMMANDS_SCREEN[] = {
    {"theme", "dark | light | contrast | mono", N_("the colours of the screen"), .run = run_theme,
     .flags = NOT_IN_LESSONS, .words = THEME_NAMES, .n_words = THEME_COUNT},
    {"redraw", NULL, N_("draw the whole screen again"), .run = run_redraw, .flags = BESIDE_LESSONS},
    {0},
};

static bool run_line(App *app, const char *argument, Error *err) {
    (void)err;
    char text[LINE_BYTES];
    snprintf(text, sizeof text, "%s%s", argument, *argument ? " " : "");
    command_line_open(&app->line, text);
    return true;
}

static bool offer_commands(const App *app, int index, char out[CHOICE_BYTES]) {
    const Command *command = program_command(app->program, index);
    if (command) snprintf(out, CHOICE_BYTES, "%s", command->name);
    return command;
}

static bool run_cancel(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    if (app_is_busy(app)) worker_cancel(app->worker);
    app_halt(app);
    return true;
}

static bool run_close(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    view_open(app, app->tab);
    return true;
}

static bool run_quit(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    app->is_running = false;
    return true;
}

const Command COMMANDS_PROGRAM[] = {
    {"line", "[COMMAND]", N_("open the command line"), .run = run_line, .flags = NOT_IN_LESSONS,
     .choices = offer_commands},
    {"cancel", NULL, N_("stop a computation, stop playing"), .run = run_cancel, .flags = BESIDE_LESSONS},
    {"close", NULL, N_("leave a page that has no tab"), .run = run_close},
    {"quit", NULL, N_("leave"), .run = run_quit, .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {0},
};
