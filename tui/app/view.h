// A View draws the inside of the screen's frame from a const App. It has its own state, commands and keys. To
// add one, write a folder in tui/views/ and list it in cli/program.c.
//
// The App allocates a zeroed state for each view and passes it to the view's functions; only the view reads
// or changes it. What a view draws while canvas_target() is set can be clicked, and the click runs that
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

    // Called before the view first draws, and when another Session is shown. NULL: keep the state.
    void (*reset)(const App *app, void *state);
    // Called when the view opens. May be NULL.
    void (*open)(const App *app, void *state);
    // Adds what the view shows to a lesson's document, or to its object "screen". May be NULL.
    bool (*describe)(const App *app, const void *state, struct cJSON *document, struct cJSON *screen);
    // The title in the frame's top line.
    void (*title)(const App *app, const void *state, char *title, size_t size);
    // `inside` is what the frame leaves of VIEW_MIN_ROWS × VIEW_MIN_COLUMNS.
    void (*draw)(const App *app, const void *state, Canvas *canvas, Rect inside);

    const Command *commands; // NULL or a list that ends with an entry without a name; likewise the keys
    const Key *keys;         // that hold in this view only
    // What the foot of the screen says about the view's keys, the most useful first: those that do not fit
    // are left out.
    Hint hints[N_HINTS];
    // Another word for the hint of a command that now undoes itself, such as "stop" for "play"; NULL: the
    // usual word. May be NULL.
    const char *(*hint_word)(const App *app, const void *state, const char *command);
};

// The state of a view, for the view's own commands.
void *view_state(App *app, const View *view);
const void *view_state_shown(const App *app); // the state of the open view

// Opens a view. A view without a tab remembers the tab it was opened from; opening it again returns there.
void view_open(App *app, const View *view);

// For the App.
bool views_new(App *app, Error *err); // allocates zeroed states; opens the first view
void views_reset(App *app);           // another Session is shown
void views_begin(App *app);           // zeroes and resets all states; opens the first view
void views_free(App *app);

// The hint_word of a view that has "play" among its hints.
const char *view_hint_of_play(const App *app, const void *state, const char *command);

#endif
