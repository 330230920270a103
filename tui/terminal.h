// The terminal: shows a Canvas, reads keys. The only file that knows ncurses, and the only one with state of its own.
//
// Whatever ends the program, a signal or a crash included, the terminal is put back as it was.
#ifndef KVSTEP_TERMINAL_H
#define KVSTEP_TERMINAL_H

#include "canvas.h"
#include "core/error.h"

typedef enum EventType {
    EVENT_NONE,    // nothing that matters: a key without a name
    EVENT_TIMEOUT, // the time is up
    EVENT_KEY,     // `key` names it: "Right", "Space", "Escape", "q", "["
    EVENT_RESIZE,  // the size has changed
    EVENT_WAKE,    // the wake descriptor has something to read
    EVENT_CLOSED,  // the terminal is gone, or a signal asks to leave
} EventType;

typedef struct Event {
    EventType type;
    char key[16];
} Event;

// Takes over the terminal. False when there is none that can be used.
bool terminal_open(Error *err);
void terminal_close(void);

// Whether the locale has UTF-8; views then draw beyond ASCII.
bool terminal_has_utf8(void);
void terminal_size(int *n_rows, int *n_columns);

// Sends what differs from what is shown.
void terminal_present(const Canvas *canvas);

// Waits up to timeout_ms (-1: for ever) for a key, a new size, or bytes on wake_fd (-1: none).
Event terminal_next_event(int timeout_ms, int wake_fd);

// The signal that asked to leave, or 0. The program then ends with status 128 + signal.
int terminal_signal(void);

#endif
