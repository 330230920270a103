// `kvstep [MODEL]` and `kvstep view TRACE`: the stepper, on a model or on a recorded trace.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/program.h"
#include "traces/trace_read.h"
#include "tui/terminal/loop.h"
#include "tui/terminal/terminal.h"

static const char HELP[] =
    N_("Usage: kvstep [MODEL] [-p PROMPT] [options]      step through generation\n"
       "       kvstep run [MODEL] -p PROMPT [options]    generate without a screen; print the cost of every "
       "step\n"
       "       kvstep view TRACE                         open a recorded trace in the same screens\n"
       "       kvstep lesson [NAME]                      take a lesson on the KV cache; without NAME, list "
       "them\n"
       "       kvstep models                             list the installed models\n"
       "       kvstep memory [MODEL | sizes]             compute the size of a KV cache\n"
       "       kvstep tokens MODEL TEXT                  tokenize a text\n"
       "       kvstep COMMAND --help                     show the help of a command\n"
       "\n"
       "Runs a small transformer decoder one step at a time, with and without its KV cache, and shows both.\n"
       "MODEL is the name of an installed model (default: %s) or a Hugging Face model folder.\n"
       "\n");

static const char HELP_END[] =
    N_("  -c, --command COMMAND  run this stepper command at the start, such as -c \"goto 3\"; may be given "
       "several times\n"
       "      --lang LANG      the language of the screen, en or zh (default: from the locale)\n"
       "  -h, --help           show this help\n"
       "      --version        print the version\n"
       "\n"
       "In the stepper, → runs the next step and ? shows all keys.\n");

static const char VIEW_HELP_TEXT[] =
    N_("Usage: kvstep view TRACE [-c COMMAND]\n"
       "\n"
       "Opens a trace written by `kvstep run --trace FILE` in the stepper. No model is needed.\n"
       "\n"
       "  -c, --command COMMAND  run this stepper command at the start, such as -c \"goto 3\"; may be given "
       "several times\n"
       "  -h, --help           show this help\n");

int show_app(App *app, Error *err) {
    if (!keys_load(&app->keys, err)) app_complain(app, err);
    if (!terminal_open(err)) return fail(EXIT_WORLD, err);
    bool ok = loop_run(app, err);
    terminal_close();
    if (!ok) return fail(EXIT_WORLD, err);
    return terminal_signal() ? 128 + terminal_signal() : EXIT_OK;
}

// What the Steps' numbers may take beside the attention weights, which are always kept. The stages view runs
// a pass again where they were not kept.
enum { SCREEN_BYTES = 256 << 20 };

static bool add_command(Script *script, const char *command, Error *err) {
    if (script->n == SCRIPT_COMMANDS)
        return error_set(err, "at most %d commands can be given with -c", SCRIPT_COMMANDS);
    script->commands[script->n++] = command;
    return true;
}

// Opens the stepper on a model; returns the exit status.
static int show_model(const SessionSetup *setup, const Script *script) {
    Error err;
    App app;
    Opened opened;
    int status = start_session(setup, &opened, &err);
    if (status != EXIT_OK) return fail(status, &err);
    bool ok = app_init(&app, &PROGRAM, session_timeline(opened.session), opened.session, &err);
    ok = app_own(&app, opened.model, setup, &err) && ok;
    app.script = *script;
    status = ok ? show_app(&app, &err) : fail(EXIT_WORLD, &err);
    app_done(&app);
    return status;
}

static void print_help(void) {
    printf(_(HELP), DEFAULT_MODEL);
    printf("%s%s", _(GENERATE_HELP), _(HELP_END));
}

int command_step(int argc, char **argv) {
    static const struct option LONG[] = {
        GENERATE_LONG, {"command", required_argument, NULL, 'c'}, {"version", no_argument, NULL, 'V'}, {0}};
    Script script = {.n = 0};
    SessionSetup setup = generate_defaults();
    Error err;
    int option;
    setup.fills_in = true;
    setup.session.record = SITE_ALL;
    setup.session.record_limit = SCREEN_BYTES;
    while ((option = getopt_long(argc, argv, GENERATE_SHORT "c:", LONG, NULL)) != -1) {
        if (option == 'h') return print_help(), EXIT_OK;
        if (option == 'V') return puts("kvstep " KVSTEP_VERSION), EXIT_OK;
        if (option == '?') return fail_usage("", NULL);
        bool ok =
            option == 'c' ? add_command(&script, optarg, &err) : parse_generate(option, optarg, &setup, &err);
        if (!ok) return fail_usage("", &err);
    }
    if (optind < argc) setup.model = argv[optind++];
    if (optind < argc) {
        error_set(&err, "give one model at a time; \"%s\" is a second one", argv[optind]);
        return fail_usage("", &err);
    }
    return show_model(&setup, &script);
}

int command_view(int argc, char **argv) {
    static const struct option LONG[] = {
        {"command", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'}, {0}};
    Error err;
    Timeline *timeline;
    Script script = {.n = 0};
    int option;
    while ((option = getopt_long(argc, argv, "c:h", LONG, NULL)) != -1) {
        if (option == 'h') return printf("%s", _(VIEW_HELP_TEXT)), EXIT_OK;
        if (option != 'c') return fail_usage("view", NULL);
        if (!add_command(&script, optarg, &err)) return fail_usage("view", &err);
    }
    if (optind + 1 != argc) {
        error_set(&err, "give one trace to open; `kvstep run -p TEXT --trace FILE` writes one");
        return fail_usage("view", &err);
    }
    if (!trace_read(&timeline, argv[optind], &err)) return fail(EXIT_WORLD, &err);
    App app;
    bool ok = app_init(&app, &PROGRAM, timeline, NULL, &err);
    app.script = script;
    int status = ok ? show_app(&app, &err) : fail(EXIT_WORLD, &err);
    app_done(&app);
    trace_free(timeline);
    return status;
}
