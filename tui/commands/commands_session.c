// Commands that start another Session: other prompts, samplings and models.
#include "tui/commands/commands.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/data_folder.h"
#include "core/model/model_folder.h"
#include "tui/app/command_argument.h"

enum { N_MASKS = 2 };
static const char *const MASK_NAMES[N_MASKS] = {"causal", "no-offset"};

// A copy of the present SessionSetup, to be changed and opened.
static bool begin_change(const App *app, const char *what, SessionSetup *setup, Error *err) {
    if (!app_check_idle(app, what, err)) return false;
    if (!app->model) return error_set(err, "%s cannot be changed here", _(what));
    return session_setup_copy(setup, &app->setup) || error_no_memory(err, "the settings", 0);
}

// Opens what begin_change() has copied, if the change was right.
static bool end_change(App *app, SessionSetup *setup, bool ok, Error *err) {
    ok = ok && sampling_check(&setup->session.sampling, err) && app_open(app, setup, err);
    if (!ok) session_setup_done(setup);
    return ok;
}

static bool run_prompt(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!*argument) return command_line_open(&app->line, "prompt "), true;
    if (!begin_change(app, "the prompt", &setup, err)) return false;
    bool ok = session_setup_text(&setup.prompt.text, argument) && session_setup_text(&setup.prompt.ids, NULL);
    return end_change(app, &setup, ok || error_no_memory(err, "the prompt", 0), err);
}

// Opens the command line on the text at hand, to be changed: the source, where the model reads one.
static bool run_edit(App *app, const char *argument, Error *err) {
    (void)argument;
    if (!app->session) return app_check_idle(app, "another text", err);
    bool has_source = app->timeline->n_source > 0;
    const char *command = has_source ? "source" : "prompt";
    Text text = has_source ? app->timeline->source_text : app->timeline->prompt;
    char line[LINE_BYTES];
    bool fits = strlen(command) + 1 + text.n_bytes < sizeof line;
    snprintf(line, sizeof line, "%s %.*s", command, fits ? (int)text.n_bytes : 0,
             text.bytes ? text.bytes : "");
    command_line_open(&app->line, line);
    return true;
}

static bool run_source(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!*argument) return error_set(err, "source takes the text that the encoder is to read");
    if (app->timeline->n_source == 0)
        return error_set(err, "%s has no encoder, so it cannot read a source", app->timeline->config.name);
    if (!begin_change(app, "the source", &setup, err)) return false;
    bool ok = session_setup_text(&setup.prompt.source, argument) &&
              session_setup_text(&setup.prompt.source_ids, NULL);
    return end_change(app, &setup, ok || error_no_memory(err, "the source", 0), err);
}

static bool run_temperature(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    double number = 0;
    if (!begin_change(app, "the temperature", &setup, err)) return false;
    bool ok = argument_number(&number, 0, 100, argument, "temperature", err);
    setup.session.sampling.temperature = (float)number;
    return end_change(app, &setup, ok, err);
}

static bool whole_number(double *out, double most, const char *argument, const char *what, Error *err) {
    return argument_number(out, 0, most, argument, what, err) &&
           (*out == floor(*out) || error_set(err, "%s takes a whole number, not %s", what, argument));
}

static bool run_top_k(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    double number = 0;
    if (!begin_change(app, "top-k", &setup, err)) return false;
    bool ok = whole_number(&number, INT32_MAX, argument, "top-k", err);
    setup.session.sampling.top_k = (int)number;
    return end_change(app, &setup, ok, err);
}

static bool run_top_p(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    double number = 1;
    if (!begin_change(app, "top-p", &setup, err)) return false;
    bool ok = argument_number(&number, 0, 1, argument, "top-p", err);
    setup.session.sampling.top_p = (float)number;
    return end_change(app, &setup, ok, err);
}

static bool run_seed(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    double number = 0;
    if (!begin_change(app, "the seed", &setup, err)) return false;
    bool ok = whole_number(&number, UINT32_MAX, argument, "seed", err);
    setup.session.sampling.seed = (uint32_t)number;
    return end_change(app, &setup, ok, err);
}

static bool run_model(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!*argument)
        return error_set(err, "model takes a name that `kvstep models` lists, or a Hugging Face folder");
    if (!begin_change(app, "the model", &setup, err)) return false;
    bool ok = session_setup_text(&setup.model, argument);
    return end_change(app, &setup, ok || error_no_memory(err, "the settings", 0), err);
}

static bool run_mask(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!begin_change(app, "the mask", &setup, err)) return false;
    int index = setup.session.forgets_offset;
    bool ok = argument_word(&index, N_MASKS, MASK_NAMES, argument, "mask", err);
    setup.session.forgets_offset = index;
    return end_change(app, &setup, ok, err);
}

static bool run_restart(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    (void)argument;
    if (!app->session) { // a trace begins again with its first step
        app_halt(app);
        if (app->timeline->n_steps > 0) app->step = 0;
        return true;
    }
    if (!begin_change(app, "starting again", &setup, err)) return false;
    if (!end_change(app, &setup, true, err)) return false;
    app->n_wanted = 0; // not even the prefill
    return true;
}

// The models that are installed, by name.
static bool offer_models(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    for (int place = 0; place < N_DATA_PLACES; place++) {
        char path[PATH_MAX], folder[PATH_MAX + NAME_MAX + 2];
        struct dirent **entries;
        int n =
            data_place(place, "models", path, sizeof path) ? scandir(path, &entries, NULL, alphasort) : -1;
        bool found = false;
        for (int i = 0; i < n; i++) {
            snprintf(folder, sizeof folder, "%s/%s", path, entries[i]->d_name);
            bool is_it = !found && entries[i]->d_name[0] != '.' && is_model_folder(folder) && index-- == 0;
            if (is_it) snprintf(out, CHOICE_BYTES, "%.*s", CHOICE_BYTES - 1, entries[i]->d_name);
            found = found || is_it;
            free(entries[i]);
        }
        if (n >= 0) free(entries);
        if (found) return true;
    }
    return false;
}

const Command COMMANDS_SESSION[] = {
    {"edit", NULL, N_("change the prompt, or the source that an encoder reads, on the command line"),
     .run = run_edit, .flags = NOT_IN_LESSONS},
    {"prompt", "TEXT", N_("start again from another text"), .run = run_prompt},
    {"source", "TEXT", N_("start again with another source (encoder-decoder)"), .run = run_source},
    {"temperature", "T", N_("start again; 0 is greedy, 1 the model's own spread"), .run = run_temperature},
    {"top-k", "K", N_("start again, choosing among the K most likely (0: all)"), .run = run_top_k},
    {"top-p", "P", N_("start again, choosing among those that reach P (1: all)"), .run = run_top_p},
    {"seed", "S", N_("start again with other random numbers"), .run = run_seed},
    {"model", "NAME | FOLDER", N_("start again with another model"), .run = run_model,
     .choices = offer_models},
    {"mask", "causal | no-offset", N_("start again; no-offset is a mistake of many caches, to look at"),
     .run = run_mask, .words = MASK_NAMES, .n_words = N_MASKS},
    {"restart", NULL, N_("start again: no step has run, no branch is there"), .run = run_restart},
    {0},
};
