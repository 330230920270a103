// The bytes sent to the terminal for the changed cells. Uses terminfo's strings, not ncurses.
#ifndef KVSTEP_TERMINAL_OUTPUT_H
#define KVSTEP_TERMINAL_OUTPUT_H

#include "tui/screen/canvas.h"
#include "tui/screen/theme.h"

// The capabilities of a terminal and their strings; NULL for a string that it lacks.
typedef struct Capabilities {
    int n_colors;     // 0, 8, 16, 256, or TRUE_COLOR
    const char *move; // "cup": to a row and a column
    const char *reset, *bold, *dim, *reverse, *underline;
    const char *foreground, *background; // "setaf", "setab"
    // Fills in the parameters of `move`, `foreground` and `background`.
    const char *(*with_numbers)(const char *string, int first, int second);
} Capabilities;

enum { TRUE_COLOR = 1 << 24 };

typedef struct TerminalOutput {
    Capabilities can;
    ThemeId theme;
    bool has_styles;
    Look looks[ROLE_COUNT];      // in this theme, for this terminal
    char styles[ROLE_COUNT][80]; // the bytes that switch to a role
    Canvas shown;                // what was sent last
    char *bytes;                 // to be sent: [n] of [capacity]
    size_t n, capacity;
    int row, column; // where the terminal's cursor is; row -1: not known
    int role;        // the role whose style is active; -1: none
    bool no_memory;  // the last screen is incomplete
} TerminalOutput;

// Appends to output->bytes what changes the shown screen to this one. After `forget`, that is every cell.
void terminal_output_draw(TerminalOutput *output, const Canvas *canvas, ThemeId theme);
void terminal_output_forget(TerminalOutput *output);
void terminal_output_done(TerminalOutput *output);

// Removes the delays for old terminals, such as "$<5>", which terminfo strings contain as text.
void terminal_output_strip_delays(char *sequence);

#endif
