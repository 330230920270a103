#include "tui/terminal/loop.h"

#include "tui/app/draw.h"
#include "tui/app/input.h"
#include "tui/app/program.h"
#include "tui/terminal/terminal.h"

enum { PROGRESS_MS = 100 };

static void run_script(App *app) {
    Script *script = &app->script;
    if (script->next >= script->n || app_is_busy(app) || app->is_playing) return;
    app->runs_script = true;
    if (!command_execute(app, script->commands[script->next++])) script->next = script->n;
    app->runs_script = false;
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

bool loop_run(App *app, Error *err) {
    Canvas canvas = {.ascii = !terminal_has_utf8()};
    bool fits = true;
    app->is_ascii = canvas.ascii;
    app->theme = terminal_theme();
    for (app->is_running = true; app->is_running;) {
        int n_rows, n_columns;
        run_script(app);
        if (!app->is_running) break; // the script quits: wait for no key
        if (app->lesson) app->program->lesson->look(app);
        app_fetch_detail(app);
        terminal_size(&n_rows, &n_columns);
        fits = canvas_resize(&canvas, n_rows, n_columns);
        if (!fits) break;
        app->n_rows = n_rows, app->n_columns = n_columns;
        app_draw(app, &canvas);
        if (app->wants_redraw) terminal_redraw();
        app->wants_redraw = false;
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
