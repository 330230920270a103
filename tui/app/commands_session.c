// Commands that change what is computed: branches, and other prompts, samplings and models.
#include "tui/app/commands.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/app/command_argument.h"
#include "tui/app/view.h"

const char *const MASK_NAMES[N_MASKS] = {"causal", "no-offset"};

// ---- branches -----------------------------------------------------------------------------------

bool run_branch(App *app, const char *argument, Error *err) {
    const Step *step = app_step(app);
    int index = app->candidate;
    if (!app_check_idle(app, "a branch", err)) return false;
    if (!app_check_step(app, err)) return false;
    if (*argument && !argument_rank(&index, step->n_candidates, argument, "candidate", err)) return false;
    Candidate choice = step->candidates[index];
    if (choice.id == step->choice.id)
        return error_set(err,
                         "the text goes on with this token already: select another candidate, or `branch N`");
    int at = app->step, n_before = session_n_branches(app->session);
    if (!session_branch(app->session, at, &choice, err)) return false;
    app_show_timeline(app, at);
    bool is_new = session_n_branches(app->session) > n_before;
    app_say(app,
            is_new ? _("a new branch, %d in all: `step` goes on from here, `branches` lists them")
                   : _("this branch was there already, one of %d"),
            session_n_branches(app->session));
    return true;
}

// In the list of branches.
bool run_select(App *app, const char *argument, Error *err) {
    if (!app->session) return error_set(err, "a trace has one branch");
    return argument_index(&app->branch, session_n_branches(app->session), argument, "branch", err);
}

bool run_branches(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    for (int i = 0; app->session && i < session_n_branches(app->session); i++)
        if (session_branch_at(app->session, i) == app->timeline) app->branch = i;
    view_open(app, &VIEW_BRANCHES);
    return true;
}

bool run_switch(App *app, const char *argument, Error *err) {
    if (!app_check_idle(app, "another branch", err)) return false;
    int n = session_n_branches(app->session), index = app->branch;
    if (*argument && !argument_index(&index, n, argument, "branch", err)) return false;
    if (index >= n) return error_set(err, "there is no branch %d: they go from 0 to %d", index, n - 1);
    session_switch(app->session, index);
    app_show_timeline(app, session_timeline(app->session)->n_steps - 1);
    view_open(app, app->tab); // from the list of branches
    app_say(app, "branch %d of %d", index, n);
    return true;
}

// ---- another Session ----------------------------------------------------------------------------

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

bool run_prompt(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!*argument) return run_line(app, "prompt", err);
    if (!begin_change(app, "the prompt", &setup, err)) return false;
    bool ok = session_setup_text(&setup.prompt.text, argument) && session_setup_text(&setup.prompt.ids, NULL);
    return end_change(app, &setup, ok || error_no_memory(err, "the prompt", 0), err);
}

// Opens the command line on the text at hand, to be changed: the source, where the model reads one.
bool run_edit(App *app, const char *argument, Error *err) {
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

bool run_source(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!*argument) return error_set(err, "source takes the text that the encoder is to read");
    if (app->timeline->n_source == 0)
        return error_set(err, "%s has no encoder, so that it cannot read a source",
                         app->timeline->config.name);
    if (!begin_change(app, "the source", &setup, err)) return false;
    bool ok = session_setup_text(&setup.prompt.source, argument) &&
              session_setup_text(&setup.prompt.source_ids, NULL);
    return end_change(app, &setup, ok || error_no_memory(err, "the source", 0), err);
}

bool run_temperature(App *app, const char *argument, Error *err) {
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

bool run_top_k(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    double number = 0;
    if (!begin_change(app, "top-k", &setup, err)) return false;
    bool ok = whole_number(&number, INT32_MAX, argument, "top-k", err);
    setup.session.sampling.top_k = (int)number;
    return end_change(app, &setup, ok, err);
}

bool run_top_p(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    double number = 1;
    if (!begin_change(app, "top-p", &setup, err)) return false;
    bool ok = argument_number(&number, 0, 1, argument, "top-p", err);
    setup.session.sampling.top_p = (float)number;
    return end_change(app, &setup, ok, err);
}

bool run_seed(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    double number = 0;
    if (!begin_change(app, "the seed", &setup, err)) return false;
    bool ok = whole_number(&number, UINT32_MAX, argument, "seed", err);
    setup.session.sampling.seed = (uint32_t)number;
    return end_change(app, &setup, ok, err);
}

bool run_model(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!*argument)
        return error_set(err, "model takes a name that `kvstep models` lists, or a Hugging Face folder");
    if (!begin_change(app, "the model", &setup, err)) return false;
    bool ok = session_setup_text(&setup.model, argument);
    return end_change(app, &setup, ok || error_no_memory(err, "the settings", 0), err);
}

bool run_mask(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!begin_change(app, "the mask", &setup, err)) return false;
    int index = setup.session.forgets_offset;
    bool ok = argument_word(&index, N_MASKS, MASK_NAMES, argument, "mask", err);
    setup.session.forgets_offset = index;
    return end_change(app, &setup, ok, err);
}

bool run_restart(App *app, const char *argument, Error *err) {
    SessionSetup setup;
    if (!app->session) return run_first(app, argument, err);
    if (!begin_change(app, "starting again", &setup, err)) return false;
    if (!end_change(app, &setup, true, err)) return false;
    app->n_wanted = 0; // not even the prefill
    return true;
}
