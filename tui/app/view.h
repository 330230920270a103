// A View: draws the inside of the screen's frame from a const App, and has state, commands and keys of its
// own. Adding one is a folder in tui/views/ and a line in cli/program.c.
//
// The App allocates the state of each view, all zeros, and hands it to the view's functions; nobody else
// looks into it. Whatever a view draws while canvas_target() is set can be clicked: the click runs that
// command.
#ifndef KVSTEP_VIEW_H
#define KVSTEP_VIEW_H

#include "tui/app/app.h"

enum { VIEW_MIN_ROWS = 24, VIEW_MIN_COLUMNS = 80, N_HINTS = 8 };

// Commands that belong together, such as "layer -1" and "layer +1", and one word for them.
enum { N_HINT_COMMANDS = 4 };
struct Hint {
    const char *commands[N_HINT_COMMANDS], *word;
};

struct cJSON;

struct View {
    const char *name; // of its tab, and for the command "view"
    const char *help; // what one sees there, in a line
    size_t state_size;
    bool needs_numbers; // that a Step may not have kept: they are computed once more

    // Each may be NULL, but for the two that draw. Another Session is shown, or the first: what of the state
    // was about the one before.
    void (*reset)(const App *app, void *state);
    // The view is opened.
    void (*open)(const App *app, void *state);
    // Adds what it shows to the document of a lesson, or to the object "screen" there.
    bool (*describe)(const App *app, const void *state, struct cJSON *document, struct cJSON *screen);
    // Stands in the frame's top line.
    void (*title)(const App *app, const void *state, char *title, size_t size);
    // `inside` is what the frame leaves of VIEW_MIN_ROWS × VIEW_MIN_COLUMNS.
    void (*draw)(const App *app, const void *state, Canvas *canvas, Rect inside);

    const Command *commands; // that it brings, and
    const Key *keys;         // what keys stand for in it; the last of each has no name
    // What the foot of the screen says about the view's keys, the most useful first: those that do not fit
    // are left out.
    Hint hints[N_HINTS];
    // The word of a hint, by its command, where that leads back now, such as "stop" for "play"; NULL: it does
    // not.
    const char *(*hint_word)(const App *app, const void *state, const char *command);
};

// The state of one of the program's views: what its own commands change.
void *view_state(App *app, const View *view);
const void *view_state_shown(const App *app); // of the view that is open

// Opens a view. A page without a tab remembers the tab it was opened from; opened again, it leads back there.
void view_open(App *app, const View *view);

// For the App: states for all views, as they are before the first Session; another Session; a state as at the
// beginning.
bool views_new(App *app, Error *err);
void views_reset(App *app);
void views_begin(App *app);
void views_free(App *app);

// The hint_word of a view that has "play" among its hints.
const char *view_hint_of_play(const App *app, const void *state, const char *command);

#endif
