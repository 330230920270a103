// The terminal: shows a Canvas, reads keys and the mouse. The only file that knows ncurses, and the only one
// with state of its own.
//
// ncurses opens the terminal, knows its capabilities and reads the keys. What is sent is written here: only
// the cells that changed, in the theme's colours as exactly as the terminal can show them (24 bits, 256, 16,
// 8 or none).
//
// Whatever ends the program, a signal or a crash included, the terminal is put back as it was.
#ifndef KVSTEP_TERMINAL_H
#define KVSTEP_TERMINAL_H

#include "core/base/error.h"
#include "tui/screen/canvas.h"
#include "tui/screen/theme.h"

typedef enum EventType {
    EVENT_NONE,    // nothing that matters: a key without a name
    EVENT_TIMEOUT, // the time is up
    EVENT_KEY,    // `key` names it: "Right", "Space", "Escape", "q", "Ctrl-A"; or it is a character, in UTF-8
    EVENT_CLICK,  // the left button at row, column
    EVENT_WHEEL,  // the wheel there: n lines down, or up when negative
    EVENT_RESIZE, // the size has changed, or all is to be drawn again
    EVENT_WAKE,   // the wake descriptor has something to read
    EVENT_CLOSED, // the terminal is gone, or a signal asks to leave
} EventType;

typedef struct Event {
    EventType type;
    char key[16];
    int row, column, n;
} Event;

// Takes over the terminal. False when there is none that can be used. From then on what libraries write to
// standard error goes to a file (terminal_close() puts it back, and copies what came to it).
bool terminal_open(Error *err);
void terminal_close(void);

// Whether the locale has UTF-8; views then draw beyond ASCII.
bool terminal_has_utf8(void);
void terminal_size(int *n_rows, int *n_columns);

// Sends what differs from what is shown.
void terminal_present(const Canvas *canvas, ThemeId theme);
void terminal_redraw(void); // next time, all of it

// Waits up to timeout_ms (-1: for ever) for a key, a new size, or bytes on wake_fd (-1: none).
Event terminal_next_event(int timeout_ms, int wake_fd);

// The theme that suits the terminal's own background, as far as it tells.
ThemeId terminal_theme(void);

// The signal that asked to leave, or 0. The program then ends with status 128 + signal.
int terminal_signal(void);

#endif
