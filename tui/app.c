#include "app.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "frame.h"
#include "keys.h"
#include "terminal.h"
#include "view.h"
#include "views/memory.h"

enum { PLAY_MS = 250, PROGRESS_MS = 100 };

bool app_init(App *app, const Timeline *timeline, Session *session, Error *err) {
    *app = (App){.timeline = timeline, .session = session, .step = timeline->n_steps > 0 ? 0 : -1, .view = &VIEW_MAIN};
    app->row = -1;
    app->is_cross = timeline->config.n_source > 0; // the first look is at what this model is there to show
    if (!memory_view_sizes(app, "", err)) return false;
    return !session || worker_new(&app->worker, session, err);
}

void app_done(App *app) {
    worker_free(app->worker);
    app->worker = NULL;
}

const Step *app_step(const App *app) {
    return app->step >= 0 ? app->timeline->steps[app->step] : NULL;
}

int app_row(const App *app) {
    int n_positions = step_n_src(app_step(app));
    return app->row >= 0 && app->row < n_positions ? app->row : n_positions - 1;
}

const Step *app_step_of_row(const App *app, int position) {
    return app->step >= 0 ? timeline_step_of(app->timeline, app->step, position) : NULL;
}

bool app_is_busy(const App *app) {
    return app->worker && worker_is_busy(app->worker);
}

void app_say(App *app, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(app->message, sizeof app->message, format, args);
    va_end(args);
    app->is_error = false;
}

void app_complain(App *app, const Error *err) {
    app_say(app, "%s", err->text);
    app->is_error = true;
}

void app_key(App *app, const char *key) {
    const char *command = keys_command(app->view, key);
    app->message[0] = '\0';
    if (command)
        command_run(app, command);
    else
        app_say(app, "%s does nothing here; ? shows the keys", key);
}

static void say_why_it_ended(App *app) {
    if (!app->session)
        app_say(app, "this is the last step of the trace");
    else if (session_end(app->session) == SESSION_END_OF_TEXT)
        app_say(app, "the text has ended: the model chose its end-of-text token");
    else
        app_say(app, "the context is full: the model has positions for %d tokens", app->timeline->config.n_ctx);
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
        worker_start(app->worker);
    }
}

void app_halt(App *app) {
    app->is_playing = false;
    app->n_wanted = 0;
}

void app_wake(App *app) {
    Error err;
    WorkerResult result = worker_take(app->worker, &err);
    app->is_waiting = false;
    if (result == WORKER_STEP) {
        app->step = app->timeline->n_steps - 1;
        if (app->n_wanted > 0) app->n_wanted--, app_advance(app);
    }
    if (result != WORKER_FAILED) return;
    app_halt(app);
    app_complain(app, &err);
}

void app_draw(const App *app, Canvas *canvas) {
    canvas_clear(canvas);
    if (canvas->n_rows < VIEW_MIN_ROWS || canvas->n_columns < VIEW_MIN_COLUMNS) {
        const char *wish = canvas->n_columns >= 46 ? "kvstep needs %d columns and %d rows; q leaves" : "needs %d×%d";
        canvas_print(canvas, 0, 0, canvas->n_columns, ROLE_TEXT, canvas->n_columns >= 11 ? wish : "%d×%d", VIEW_MIN_COLUMNS,
                     VIEW_MIN_ROWS);
        return;
    }
    app->view->draw(app, canvas, frame_draw(app, canvas));
}

static void handle_event(App *app, const Event *event) {
    switch (event->type) {
    case EVENT_KEY:
        app_key(app, event->key);
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
    for (app->is_running = true; app->is_running;) {
        int n_rows, n_columns;
        terminal_size(&n_rows, &n_columns);
        fits = canvas_resize(&canvas, n_rows, n_columns);
        if (!fits) break;
        app_draw(app, &canvas);
        terminal_present(&canvas);
        int timeout_ms = app_is_busy(app) ? PROGRESS_MS : app->is_playing ? PLAY_MS : -1;
        Event event = terminal_next_event(timeout_ms, app->worker ? worker_fd(app->worker) : -1);
        handle_event(app, &event);
    }
    canvas_done(&canvas);
    return fits || error_memory(err, "the screen", 0);
}
