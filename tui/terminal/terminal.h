// The terminal: shows a Canvas, reads keys and the mouse. Only terminal.c uses ncurses; the terminal's state
// is global to it.
//
// ncurses opens the terminal, knows its capabilities and reads the keys. Output is written without ncurses:
// only the changed cells, in the best approximation of the theme's colours that the terminal supports
// (24-bit, 256, 16, 8 or none).
//
// The terminal is restored however the program ends, also by a signal or a crash.
#ifndef KVSTEP_TERMINAL_H
#define KVSTEP_TERMINAL_H

#include "core/base/error.h"
#include "tui/screen/canvas.h"
#include "tui/screen/theme.h"

typedef enum EventType {
    EVENT_NONE,    // to be ignored: a key without a name
    EVENT_TIMEOUT, // the timeout has passed
    EVENT_KEY,    // `key` names it: "Right", "Space", "Escape", "q", "Ctrl-A"; or it is a character, in UTF-8
    EVENT_CLICK,  // the left button at row, column
    EVENT_WHEEL,  // the wheel at row, column: n lines down, or up if negative
    EVENT_RESIZE, // the size has changed, or the screen must be redrawn
    EVENT_WAKE,   // the wake descriptor has something to read
    EVENT_CLOSED, // the terminal is gone, or a signal asks to leave
} EventType;

typedef struct Event {
    EventType type;
    char key[16];
    int row, column, n;
} Event;

// Takes over the terminal. False if there is no usable one. Until terminal_close(), standard error goes to a
// file, because libraries may write to it; terminal_close() restores it and copies what was written.
bool terminal_open(Error *err);
void terminal_close(void);

// Whether the locale is UTF-8, so views may draw non-ASCII characters.
bool terminal_has_utf8(void);
void terminal_size(int *n_rows, int *n_columns);

// Shows the Canvas; sends only the cells that changed.
void terminal_present(const Canvas *canvas, ThemeId theme);
void terminal_redraw(void); // the next terminal_present() sends every cell

// Waits up to timeout_ms (-1: forever) for a key, a new size, or bytes on wake_fd (-1: none).
Event terminal_next_event(int timeout_ms, int wake_fd);

// The theme that suits the terminal's background, if the terminal reports it.
ThemeId terminal_theme(void);

// The signal that asked to quit, or 0. The program then ends with status 128 + signal.
int terminal_signal(void);

#endif
