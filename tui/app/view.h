// Views: each draws the inside of the screen's frame from a const App. Adding one is a row in VIEWS and a
// file of its own in tui/views/.
//
// Whatever a view draws while canvas_target() is set can be clicked: the click runs that command.
#ifndef KVSTEP_VIEW_H
#define KVSTEP_VIEW_H

#include "tui/app/app.h"

enum { VIEW_MIN_ROWS = 24, VIEW_MIN_COLUMNS = 80, N_HINTS = 8 };

// Commands that belong together, such as "layer -1" and "layer +1", and one word for them.
enum { N_HINT_COMMANDS = 4 };
typedef struct Hint {
    const char *commands[N_HINT_COMMANDS], *word;
} Hint;

struct View {
    const char *name;                                        // of its tab, and for the command "view"
    const char *help;                                        // what one sees there, in a line
    void (*title)(const App *app, char *title, size_t size); // stands in the frame's top line
    void (*draw)(const App *app, Canvas *canvas,
                 Rect inside); // what the frame leaves of VIEW_MIN_ROWS × VIEW_MIN_COLUMNS
    // What the foot of the screen says about the view's keys, the most useful first: those that do not fit
    // are left out.
    Hint hints[N_HINTS];
};

enum { N_TABS = 7, N_VIEWS = 9 }; // the last two have no tab
extern const View *const VIEWS[N_VIEWS];

extern const View VIEW_MAIN, VIEW_ATTENTION, VIEW_STAGES, VIEW_CACHE, VIEW_COMPUTE, VIEW_MEMORY, VIEW_TOKENS,
    VIEW_BRANCHES, VIEW_HELP;

const View *view_find(const char *name); // NULL: there is none
// Opens a view from its top. A page without a tab remembers the tab it was opened from; opened again, it
// leads back there.
void view_open(App *app, const View *view);

#endif
