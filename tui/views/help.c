// The help: what the views show, and the commands with their keys, made from the tables.
#include "tui/view.h"

#include <stdio.h>

#include "tui/command.h"
#include "tui/keys.h"

static const char *const ABOUT[] = {
    "kvstep runs a decoder step by step, twice: with its KV cache, and again from the start.",
    "Both give the same logits to rounding; what differs is the work.",
    "",
};

// Draws line number `line` of the page, if it is inside now.
static int visible_row(const App *app, Rect inside, int line) {
    int row = line - app->scroll;
    return row >= 0 && row < inside.n_rows ? inside.row + row : -1;
}

static void title(const App *app, char *title, size_t size) {
    (void)app;
    snprintf(title, size, "help");
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    int line = 0, x = inside.column, width = inside.n_columns;
    for (size_t i = 0; i < sizeof ABOUT / sizeof *ABOUT; i++)
        canvas_print(canvas, visible_row(app, inside, line++), x, width, ROLE_TEXT, "%s", ABOUT[i]);
    for (int i = 0; i < N_TABS; i++, line++) {
        int row = visible_row(app, inside, line);
        canvas_print(canvas, row, x, 2, ROLE_KEY, "%d", i + 1);
        canvas_print(canvas, row, x + 3, 12, ROLE_TITLE, "%s", VIEWS[i]->name);
        canvas_print(canvas, row, x + 15, width - 15, ROLE_TEXT, "%s", VIEWS[i]->help);
    }
    line++;
    for (size_t i = 0; i < N_COMMANDS; i++, line++) {
        int row = visible_row(app, inside, line);
        char keys[48];
        keys_label(&VIEW_MAIN, COMMANDS[i].name, 3, keys, sizeof keys);
        canvas_print(canvas, row, x, 12, ROLE_KEY, "%s", keys);
        int used = canvas_print(canvas, row, x + 13, 26, ROLE_TITLE, "%s", COMMANDS[i].name);
        if (COMMANDS[i].argument) canvas_print(canvas, row, x + 14 + used, 25 - used, ROLE_DIM, "%s", COMMANDS[i].argument);
        canvas_print(canvas, row, x + 40, width - 40, ROLE_TEXT, "%s", COMMANDS[i].help);
    }
}

const View VIEW_HELP = {.name = "help",
                        .help = "commands and keys",
                        .title = title,
                        .draw = draw,
                        .hints = {{"scroll +1", "down"}, {"scroll -1", "up"}, {"close", "close"}}};
