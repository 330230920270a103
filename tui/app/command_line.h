// The command line at the foot of the screen: ":" opens it, Enter runs what is on it, Escape leaves it.
//
// Tab completes commands and their arguments, Up and Down go through what was run before. Above it stand the
// commands that begin with what is typed.
#ifndef KVSTEP_COMMAND_LINE_H
#define KVSTEP_COMMAND_LINE_H

#include <stdbool.h>

#include "tui/screen/canvas.h"

enum { LINE_BYTES = 256, HISTORY_LINES = 32 };

typedef struct CommandLine {
    bool is_open;
    char text[LINE_BYTES]; // UTF-8
    int cursor;            // in bytes, between two characters
    char history[HISTORY_LINES][LINE_BYTES];
    int n_history;
    int recalled;           // which line of the history is shown; n_history: a new one
    char draft[LINE_BYTES]; // the new one, while one of the history is shown
} CommandLine;

struct App;

void command_line_open(CommandLine *line, const char *text);
// A key as the terminal names it, or one character of UTF-8.
void command_line_key(struct App *app, const char *key);
void command_line_draw(const struct App *app, Canvas *canvas);

#endif
