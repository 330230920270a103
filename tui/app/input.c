#include "tui/app/input.h"

#include <stdio.h>

#include "tui/app/program.h"

void app_key(App *app, const char *key) {
    const LessonMode *lesson = app->lesson ? app->program->lesson : NULL;
    app->message[0] = '\0';
    if (app->line.is_open) {
        command_line_key(app, key);
        return;
    }
    const char *line = lesson ? lesson->command(app, key) : NULL;
    if (!line) line = keys_command(&app->keys, app->view->name, key);
    if (line && lesson && !lesson->takes(app, program_find_in(app->program, line)))
        app_say(app, "the page of the lesson is still being opened");
    else if (line)
        command_execute(app, line);
    else
        app_say(app, "%s does nothing here; ? shows the keys", key);
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
