#include "tui/app/app.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app/program.h"

enum { PLAY_MS = 250 };
enum { DETAIL_BYTES = 1 << 30 }; // all numbers of a long prefill can be more than the machine has

// Another Session may be of another model: what is selected must be there.
static void look_at_model(App *app) {
    const Config *c = &app->timeline->config;
    if (app->layer >= c->n_layers) app->layer = 0;
    if (app->head >= c->n_heads) app->head = 0;
    app->is_cross = app->timeline->n_source > 0;
    views_reset(app);
}

bool app_init(App *app, const Program *program, const Timeline *timeline, Session *session, Error *err) {
    *app = (App){.program = program, .timeline = timeline, .session = session, .row = -1, .play_ms = PLAY_MS};
    if (!views_new(app, err) || !keys_init(&app->keys, program, err)) return false;
    app_show_timeline(app, timeline->n_steps > 0 ? 0 : -1);
    look_at_model(app);
    return worker_new(&app->worker, err);
}

bool app_own(App *app, Model *model, const SessionSetup *setup, Error *err) {
    app->model = model;
    return session_setup_copy(&app->setup, setup) || error_no_memory(err, "the settings", 0);
}

void app_look_anew(App *app) {
    app->layer = app->head = 0;
    app->row = -1;
    app->scale = SCALE_ROOT;
    app->marks_changes = false;
    views_begin(app);
}

static void forget_detail(App *app) {
    step_free(app->detail);
    app->detail = NULL;
    app->detail_of = NULL;
}

static void free_owned(App *app) {
    session_free(app->session);
    app->session = NULL;
    session_setup_done(&app->setup);
}

void app_done(App *app) {
    worker_free(app->worker);
    app->worker = NULL;
    if (app->lesson) app->program->lesson->free(app);
    forget_detail(app);
    keys_done(&app->keys);
    views_free(app);
    if (!app->model) return;
    free_owned(app);
    model_free(app->model);
    free(app->model);
    app->model = NULL;
}

const Step *app_step(const App *app) {
    return app->step >= 0 ? app->timeline->steps[app->step] : NULL;
}

int app_row(const App *app) {
    int n_positions = step_n_tokens(app_step(app));
    return app->row >= 0 && app->row < n_positions ? app->row : n_positions - 1;
}

const Step *app_step_of_row(const App *app, int position) {
    const Step *step = app->step >= 0 ? timeline_step_of(app->timeline, app->step, position) : NULL;
    return step && step == app->detail_of && app->detail ? app->detail : step;
}

int app_masked_as(const App *app, int position) {
    const Step *step =
        app->session && app->setup.session.forgets_offset ? app_step_of_row(app, position) : NULL;
    return step ? position - step_first_token(step) : position;
}

bool app_is_new_row(const App *app, int position) {
    return position >= step_first_token(app_step(app));
}

bool app_is_busy(const App *app) {
    return app->worker && worker_is_busy(app->worker);
}

bool app_check_idle(const App *app, const char *what, Error *err) {
    if (!app->session)
        return error_set(err, "%s needs a model, and this is a trace: `kvstep` opens one", _(what));
    return !app_is_busy(app) ||
           error_set(err, "%s has to wait: something is being computed; Esc stops it", _(what));
}

bool app_check_step(const App *app, Error *err) {
    return app_step(app) || error_set(err, "no step has run yet: `step` runs the first");
}

void app_say(App *app, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(app->message, sizeof app->message, _(format), args);
    va_end(args);
    app->is_error = false;
}

void app_complain(App *app, const Error *err) {
    snprintf(app->message, sizeof app->message, "%.*s", (int)sizeof app->message - 1, err->text);
    app->is_error = true;
}

// ---- Steps and Sessions -------------------------------------------------------------------------

void app_show_timeline(App *app, int step) {
    if (app->session) app->timeline = session_timeline(app->session);
    app_halt(app);
    app->step = step;
    app->row = -1;
    forget_detail(app);
}

static void say_why_it_ended(App *app) {
    if (!app->session)
        app_say(app, "this is the last step of the trace");
    else if (session_end(app->session) == SESSION_END_OF_TEXT)
        app_say(app, "the text has ended: the model chose its end-of-text token");
    else
        app_say(app, "the context is full: the model has positions for %d tokens",
                app->timeline->config.n_ctx);
}

void app_advance(App *app) {
    if (app->step + 1 < app->timeline->n_steps) {
        app->step++;
    } else if (!app->session || session_end(app->session) != SESSION_GOES_ON) {
        app_halt(app);
        say_why_it_ended(app);
    } else if (app_is_busy(app)) {
        app->n_wanted++;
    } else {
        worker_step(app->worker, app->session);
    }
}

void app_halt(App *app) {
    app->is_playing = false;
    app->n_wanted = 0;
}

bool app_open(App *app, SessionSetup *setup, Error *err) {
    if (!app_check_idle(app, "opening another text", err)) return false;
    worker_open(app->worker, setup, app->model, &app->setup);
    app->n_wanted = app->step >= 0;
    return true;
}

static void take_opened(App *app, WorkerOutput *output) {
    int n_wanted = app->n_wanted;
    free_owned(app);
    if (output->opened.model != app->model) {
        model_free(app->model);
        free(app->model);
    }
    app->model = output->opened.model;
    app->session = output->opened.session;
    app->setup = output->setup;
    app_show_timeline(app, -1);
    look_at_model(app);
    app->n_wanted = n_wanted;
}

void app_wake(App *app) {
    Error err;
    WorkerOutput output;
    WorkerResult result = worker_take(app->worker, &output, &err);
    app->is_waiting = false;
    if (result == WORKER_STEP) {
        app->step = app->timeline->n_steps - 1;
    } else if (result == WORKER_REPLAY) {
        app->detail = output.replay;
    } else if (result == WORKER_SAVED) {
        app_say(app, "the trace is in %s; `kvstep view` opens it", output.path);
    } else if (result == WORKER_OPENED) {
        take_opened(app, &output);
    } else if (result == WORKER_FAILED) {
        app_halt(app);
        app->script.next = app->script.n;
        app_complain(app, &err);
    }
    if (result != WORKER_NOTHING && app->n_wanted > 0) app->n_wanted--, app_advance(app);
}

void app_settle(App *app) {
    while (app_is_busy(app)) {
        poll(&(struct pollfd){.fd = worker_fd(app->worker), .events = POLLIN}, 1, -1);
        app_wake(app);
    }
}

void app_fetch_detail(App *app) {
    if (!app->view->needs_numbers || !app->session || app_is_busy(app) || app->step < 0) return;
    const Step *step = timeline_step_of(app->timeline, app->step, app_row(app));
    if (!step || step->sites[SITE_EMBEDDING] || step == app->detail_of) return;
    forget_detail(app);
    app->detail_of = step;
    PassShape shape = step_shape(step);
    if (step_sites_bytes(&app->timeline->config, &shape, SITE_ALL) > DETAIL_BYTES) return;
    worker_replay(app->worker, app->session, step->index);
}
