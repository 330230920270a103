// Commands that write files.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/app/draw.h"
#include "tui/commands/commands.h"
#include "tui/screen/svg.h"

// A file that is there is not written over by accident.
static bool check_target(const char *path, const char *command, bool over, Error *err) {
    if (!*path) return error_set(err, "%s takes the name of a file to write", command);
    return over || access(path, F_OK) != 0 ||
           error_set(err, "%s is there already: give another name, or write over it with `%s! %s`", path,
                     command, path);
}

static bool ends_in(const char *text, const char *end) {
    size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

static bool save(App *app, const char *path, bool over, Error *err) {
    if (!check_target(path, "save", over, err)) return false;
    if (ends_in(path, ".svg") || ends_in(path, ".txt"))
        return error_set(err, "save writes a trace, not a picture: that is `screen FILE.svg`, or FILE.txt");
    if (app->timeline->n_steps == 0)
        return error_set(err, "there are no steps to save yet: `step` runs the first");
    if (app->session && app->setup.session.forgets_offset)
        return error_set(
            err, "a trace is what the model does, and this mask is wrong: `mask causal` is the right one");
    if (app_is_busy(app))
        return error_set(err, "saving has to wait: something is being computed; Esc stops it");
    worker_save(app->worker, app->timeline, path);
    return true;
}

static bool run_save(App *app, const char *argument, Error *err) {
    return save(app, argument, false, err);
}

static bool run_save_over(App *app, const char *argument, Error *err) {
    return save(app, argument, true, err);
}

static bool write_screen(const App *app, const Canvas *canvas, const char *path, Error *err) {
    Output output;
    if (!output_open(&output, path, err)) return false;
    if (ends_in(path, ".svg")) {
        svg_write(&output, canvas, app->theme);
        return output_commit(&output, err);
    }
    char *text = canvas_to_text(canvas, false);
    if (text) output_write(&output, text, strlen(text));
    free(text);
    if (text) return output_commit(&output, err);
    output_abandon(&output);
    return error_no_memory(err, "the screen", 0);
}

// The screen as it is now, without what the command line has put on it.
static bool save_screen(App *app, const char *path, bool over, Error *err) {
    Canvas canvas = {.ascii = app->is_ascii};
    if (!check_target(path, "screen", over, err)) return false;
    if (!ends_in(path, ".svg") && !ends_in(path, ".txt"))
        return error_set(err, "screen writes text or a picture: give a name that ends in .txt or .svg");
    if (!canvas_resize(&canvas, app->n_rows, app->n_columns)) return error_no_memory(err, "the screen", 0);
    app_draw(app, &canvas);
    bool ok = write_screen(app, &canvas, path, err);
    canvas_done(&canvas);
    if (ok) app_say(app, "the screen is in %s", path);
    return ok;
}

static bool run_screen(App *app, const char *argument, Error *err) {
    return save_screen(app, argument, false, err);
}

static bool run_screen_over(App *app, const char *argument, Error *err) {
    return save_screen(app, argument, true, err);
}

const Command COMMANDS_FILE[] = {
    {"save", "FILE", N_("write the steps so far as a trace"), .run = run_save, .flags = NOT_IN_LESSONS},
    {"save!", "FILE", N_("the same, over a file that is there"), .run = run_save_over,
     .flags = NOT_IN_LESSONS},
    {"screen", "FILE.txt | FILE.svg", N_("write the screen as text or as a picture"), .run = run_screen,
     .flags = NOT_IN_LESSONS},
    {"screen!", "FILE.txt | FILE.svg", N_("the same, over a file that is there"), .run = run_screen_over,
     .flags = NOT_IN_LESSONS},
    {0},
};
