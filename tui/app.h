// The App: what the stepper shows and what its commands change.
//
// The loop (app_run):  draw the App on a Canvas -> show the Canvas -> wait for an event -> change the App.
// Drawing takes a const App: it changes nothing and allocates nothing. Keys and clicks are bound to commands (keys.h); a
// command (command.h) is a function of the App.
//
// An App is opened on a Session, which grows, or on a Timeline read from a trace, which does not.
#ifndef KVSTEP_APP_H
#define KVSTEP_APP_H

#include "canvas.h"
#include "core/memory.h"
#include "core/session.h"
#include "worker.h"

typedef struct View View;

typedef struct App {
    const Timeline *timeline;
    Session *session;               // NULL on a trace
    Worker *worker;                 // NULL on a trace
    int step;                       // the Step that is shown; -1 before the first
    const View *view, *view_before; // and the one that the help returns to
    int layer, head;                // whose attention is shown
    bool is_cross;                  // attention to the source, of an encoder-decoder; otherwise to the text
    int row, src; // the attention view's cursor: a position in the text, and what it looks at; row -1: the newest row
    Scale scale;  // of heat
    bool shows_all_heads; // in the attention view
    bool marks_changes;   // what is new since the step before stands out
    int stage;            // of the pass, in the stages view: see stages.h
    int candidate;        // the selected one of the Step's candidates
    MemorySizes sizes;    // the memory view's own sizes
    int sizes_of;         // whose they were before keys changed them: 0 this model's, N those of KNOWN_MODELS[N - 1]
    int64_t memory;       // and the bytes that it fills with tokens
    int factor;           // and which of them the keys change
    int scroll;           // lines that a long view is moved by
    bool is_playing;
    bool is_waiting; // a step takes so long that the screen says so
    int n_wanted;    // steps asked for while the worker was busy: they follow
    bool is_running;
    bool is_error;     // the message is one
    char message[256]; // one line for the foot of the screen; empty: the key hints
} App;

// Opens the App on a Session (session is the one that made the Timeline) or, with NULL, on a Timeline that is complete.
bool app_init(App *app, const Timeline *timeline, Session *session, Error *err);
void app_done(App *app);

// Runs until the user leaves. The terminal must be open. Returns false when it cannot go on.
bool app_run(App *app, Error *err);

void app_draw(const App *app, Canvas *canvas);
void app_key(App *app, const char *key);
// Shows the next Step: a recorded one, or one that the worker is asked to compute, now or when it is free again.
void app_advance(App *app);
// Stops playing, and wants no further steps.
void app_halt(App *app);
// Takes what the worker has finished.
void app_wake(App *app);

// The Step that is shown, or NULL before the first.
const Step *app_step(const App *app);
// The position of the row that is looked at: the cursor's, or the newest of the shown Step. A Step must be shown.
int app_row(const App *app);
// The Step that computed the row at `position`, as of the shown Step; NULL where it has not come yet.
const Step *app_step_of_row(const App *app, int position);
bool app_is_busy(const App *app);
__attribute__((format(printf, 2, 3))) void app_say(App *app, const char *format, ...);
void app_complain(App *app, const Error *err);

#endif
