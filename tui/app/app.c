#include "tui/app/app.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app/command.h"
#include "tui/app/frame.h"
#include "tui/app/keys.h"
#include "tui/app/view.h"
#include "tui/lesson/lesson_pane.h"
#include "tui/lesson/lesson_play.h"
#include "tui/terminal/terminal.h"
#include "tui/views/memory/memory.h"

enum { PLAY_MS = 250, PROGRESS_MS = 100 };
enum { DETAIL_BYTES = 1 << 30 }; // all numbers of a long prefill can be more than the machine has

// The first look at a model is at what it is there to show.
static void look_at_model(App *app) {
    const Config *c = &app->timeline->config;
    if (app->layer >= c->n_layers) app->layer = 0;
    if (app->head >= c->n_heads) app->head = 0;
    app->is_cross = c->n_source > 0;
    app->stage = app->branch = 0;
    memory_view_reset(app);
}

bool app_init(App *app, const Timeline *timeline, Session *session, Error *err) {
    *app = (App){.timeline = timeline,
                 .session = session,
                 .view = &VIEW_MAIN,
                 .tab = &VIEW_MAIN,
                 .row = -1,
                 .play_ms = PLAY_MS};
    app_show_timeline(app, timeline->n_steps > 0 ? 0 : -1);
    look_at_model(app);
    return worker_new(&app->worker, err);
}

bool app_own(App *app, Model *model, const SessionSetup *setup, Error *err) {
    app->model = model;
    return session_setup_copy(&app->setup, setup) || error_no_memory(err, "the settings", 0);
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
    lesson_play_done(app);
    forget_detail(app);
    keys_done(&app->keys);
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
    int n_positions = step_n_src(app_step(app));
    return app->row >= 0 && app->row < n_positions ? app->row : n_positions - 1;
}

const Step *app_step_of_row(const App *app, int position) {
    const Step *step = app->step >= 0 ? timeline_step_of(app->timeline, app->step, position) : NULL;
    return step && step == app->detail_of && app->detail ? app->detail : step;
}

int app_masked_as(const App *app, int position) {
    const Step *step =
        app->session && app->setup.session.forgets_offset ? app_step_of_row(app, position) : NULL;
    return step ? position - step->first_position : position;
}

bool app_is_new_row(const App *app, int position) {
    return position >= app_step(app)->first_position;
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

void app_key(App *app, const char *key) {
    app->message[0] = '\0';
    if (app->line.is_open) {
        command_line_key(app, key);
        return;
    }
    const char *command = lesson_command(app, key);
    if (!command) command = keys_command(&app->keys, app->view, key);
    if (command && lesson_is_opening(app) && !lesson_allows(command))
        app_say(app, "the page of the lesson is still being opened");
    else if (command)
        command_execute(app, command);
    else
        app_say(app, "%s does nothing here; ? shows the keys", key);
}

// ---- Steps and Sessions -------------------------------------------------------------------------

void app_show_timeline(App *app, int step) {
    if (app->session) app->timeline = session_timeline(app->session);
    app_halt(app);
    app->step = step;
    app->row = -1;
    app->candidate = 0;
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
    if (app->view != &VIEW_STAGES || !app->session || app_is_busy(app) || app->step < 0) return;
    const Step *step = timeline_step_of(app->timeline, app->step, app_row(app));
    if (!step || step->sites[SITE_EMBEDDING] || step == app->detail_of) return;
    forget_detail(app);
    app->detail_of = step;
    if (step_sites_bytes(&app->timeline->config, step->first_position, step->n_rows, SITE_ALL) > DETAIL_BYTES)
        return;
    worker_replay(app->worker, app->session, step->index);
}

// ---- the loop -----------------------------------------------------------------------------------

void app_draw_view(const App *app, Canvas *canvas) {
    canvas_clear(canvas);
    if (canvas->n_rows < VIEW_MIN_ROWS || canvas->n_columns < VIEW_MIN_COLUMNS) {
        const char *wish =
            canvas->n_columns >= 46 ? _("kvstep needs %d columns and %d rows; q leaves") : _("needs %d×%d");
        canvas_print(canvas, 0, 0, canvas->n_columns, ROLE_TEXT, canvas->n_columns >= 11 ? wish : "%d×%d",
                     VIEW_MIN_COLUMNS, VIEW_MIN_ROWS);
        return;
    }
    app->view->draw(app, canvas, frame_draw(app, canvas));
}

void app_draw(const App *app, Canvas *canvas) {
    if (app->lesson)
        lesson_draw(app, canvas);
    else
        app_draw_view(app, canvas);
    bool has_room = canvas->n_rows >= VIEW_MIN_ROWS && canvas->n_columns >= VIEW_MIN_COLUMNS;
    if (app->line.is_open && has_room) command_line_draw(app, canvas);
}

void app_view_size(const App *app, int *n_rows, int *n_columns) {
    *n_rows = app->n_rows;
    *n_columns = app->n_columns;
    if (app->lesson) lesson_view_size(app, n_rows, n_columns);
}

static void run_script(App *app) {
    Script *script = &app->script;
    if (script->next >= script->n || app_is_busy(app) || app->is_playing) return;
    app->runs_script = true;
    if (!command_execute(app, script->commands[script->next++])) script->next = script->n;
    app->runs_script = false;
}

void app_click(App *app, const Canvas *canvas, int row, int column) {
    if (row < 0 || row >= canvas->n_rows || column < 0 || column >= canvas->n_columns) return;
    const Target *target = &canvas_cell(canvas, row, column)->target;
    char line[64];
    if (!target->command) return;
    int n = snprintf(line, sizeof line, "%s", target->command);
    for (int i = 0; i < 2 && target->arguments[i] >= 0; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, " %d", target->arguments[i]);
    app->message[0] = '\0';
    command_execute(app, line);
}

static void handle_event(App *app, const Canvas *canvas, const Event *event) {
    switch (event->type) {
    case EVENT_KEY:
        app_key(app, event->key);
        break;
    case EVENT_CLICK:
        app_click(app, canvas, event->row, event->column);
        break;
    case EVENT_WHEEL:
        app_key(app, event->n > 0 ? "Down" : "Up");
        break;
    case EVENT_WAKE:
        app_wake(app);
        break;
    case EVENT_CLOSED:
        app->is_running = false;
        break;
    case EVENT_TIMEOUT:
        app->is_waiting = app_is_busy(app);
        if (app->is_playing && !app_is_busy(app)) app_advance(app);
        break;
    case EVENT_NONE:
    case EVENT_RESIZE:
        break; // the size is looked at before every draw
    }
}

bool app_run(App *app, Error *err) {
    Canvas canvas = {.ascii = !terminal_has_utf8()};
    bool fits = true;
    app->is_ascii = canvas.ascii;
    app->theme = terminal_theme();
    for (app->is_running = true; app->is_running;) {
        int n_rows, n_columns;
        run_script(app);
        lesson_look(app);
        app_fetch_detail(app);
        terminal_size(&n_rows, &n_columns);
        fits = canvas_resize(&canvas, n_rows, n_columns);
        if (!fits) break;
        app->n_rows = n_rows, app->n_columns = n_columns;
        app_draw(app, &canvas);
        terminal_present(&canvas, app->theme);
        bool has_script = app->script.next < app->script.n && !app_is_busy(app) && !app->is_playing;
        int timeout_ms = has_script         ? 0
                         : app_is_busy(app) ? PROGRESS_MS
                         : app->is_playing  ? app->play_ms
                                            : -1;
        Event event = terminal_next_event(timeout_ms, app->worker ? worker_fd(app->worker) : -1);
        handle_event(app, &canvas, &event);
    }
    canvas_done(&canvas);
    return fits || error_no_memory(err, "the screen", 0);
}
