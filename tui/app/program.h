// What the program is made of: views, commands, keys. They are put together in one place, cli/program.c, and
// handed to the App, which knows none of them by name.
#ifndef KVSTEP_PROGRAM_H
#define KVSTEP_PROGRAM_H

#include "tui/app/command.h"
#include "tui/app/keys.h"
#include "tui/app/view.h"

// A lesson while it is taken, as the App meets it. App.lesson is its state, and NULL when none is: nothing of
// this is called then.
typedef struct LessonMode {
    const char *name; // that stands for it beside the views' names in the file of keys
    const Key *keys;
    // The command that a key stands for before any view's; NULL: none.
    const char *(*command)(const App *app, const char *key);
    // Whether a key may run the command now.
    bool (*takes)(const App *app, const Command *command);
    // The user runs a command, or a script does.
    void (*note)(App *app, const Command *command);
    void (*look)(App *app); // before every draw
    // The lesson and the view, on the whole Canvas.
    void (*draw)(const App *app, Canvas *canvas);
    // The part of the screen that the view has; 0 rows where the lesson is in its place.
    void (*view_size)(const App *app, int *n_rows, int *n_columns);
    // Where the view is in the place of the lesson: the key that leads back, at column x of the last line.
    // Returns its columns.
    int (*draw_way_back)(const App *app, Canvas *canvas, int x, int end);
    void (*free)(App *app);
} LessonMode;

struct Program {
    const View *const *views; // those with a tab first; the first of all is open at the start
    int n_views, n_tabs;
    // Lists of commands, which NULL ends. The help and the completion show the views' own between them.
    const Command *const *commands_before, *const *commands_after;
    const Key *keys;        // of every view; the last has no name
    const Hint *hints;      // of every view with a tab, after its own; the last has no word
    const Hint *hints_last; // likewise; these always have their place, at the end
    const LessonMode *lesson;
};

const View *program_view(const Program *program, const char *name); // NULL: there is none
bool program_has_tab(const Program *program, const View *view);
// Command number `index`; NULL after the last.
const Command *program_command(const Program *program, int index);
// By its name, or a beginning that no other command has; NULL when there is none, or several.
const Command *program_find(const Program *program, const char *name);
// The one that a command line begins with.
const Command *program_find_in(const Program *program, const char *line);

#endif
