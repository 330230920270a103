// What the terminal is sent: the cells that changed, as bytes. Knows terminfo's strings, not ncurses.
#ifndef KVSTEP_TERMINAL_OUTPUT_H
#define KVSTEP_TERMINAL_OUTPUT_H

#include "tui/screen/canvas.h"
#include "tui/screen/theme.h"

// What a terminal can do, and its strings for it; a string that it does not have is NULL.
typedef struct Capabilities {
    int n_colors;     // 0, 8, 16, 256, or TRUE_COLOR
    const char *move; // "cup": to a row and a column
    const char *reset, *bold, *dim, *reverse, *underline;
    const char *foreground, *background; // "setaf", "setab"
    // Fills in the numbers of `move`, `foreground` and `background`.
    const char *(*with_numbers)(const char *string, int first, int second);
} Capabilities;

enum { TRUE_COLOR = 1 << 24 };

typedef struct TerminalOutput {
    Capabilities can;
    ThemeId theme;
    bool has_styles;
    Look looks[ROLE_COUNT];      // in this theme, for this terminal
    char styles[ROLE_COUNT][80]; // the bytes that switch to a role from any other
    Canvas shown;                // what was sent last
    char *bytes;                 // to be sent: [n] of [capacity]
    size_t n, capacity;
    int row, column; // where the terminal's cursor is; row -1: not known
    int role;        // whose style is on; -1: none
    bool no_memory;  // the last screen is not whole
} TerminalOutput;

// Appends to output->bytes what turns the screen that was shown into this one. After `forget` everything is
// sent.
void terminal_output_draw(TerminalOutput *output, const Canvas *canvas, ThemeId theme);
void terminal_output_forget(TerminalOutput *output);
void terminal_output_done(TerminalOutput *output);

// Takes out the pauses that terminfo wants of old terminals, such as "$<5>": they stand in its strings as
// text.
void terminal_output_strip_delays(char *sequence);

#endif
