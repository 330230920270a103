// The parts of the program: views, commands, keys. cli/program.c lists them and passes them to the App, which
// knows none of them by name.
#ifndef KVSTEP_PROGRAM_H
#define KVSTEP_PROGRAM_H

#include "tui/app/command.h"
#include "tui/app/keys.h"
#include "tui/app/view.h"

// What the App calls while a lesson is taken. App.lesson holds the lesson's state; while it is NULL the App
// calls none of this.
typedef struct LessonMode {
    const char *name; // of its section in the file of keys, beside the views' names
    const Key *keys;
    // The command that the lesson binds the key to; NULL: none, and the view's binding holds.
    const char *(*command)(const App *app, const char *key);
    // Whether a key may run the command now.
    bool (*takes)(const App *app, const Command *command);
    // Called before each command runs.
    void (*note)(App *app, const Command *command);
    // Called before each draw: checks whether a task is done.
    void (*look)(App *app);
    // Draws the lesson and the view on the whole Canvas.
    void (*draw)(const App *app, Canvas *canvas);
    // The part of the screen for the view; 0 rows while only the lesson is shown.
    void (*view_size)(const App *app, int *n_rows, int *n_columns);
    // While only the view is shown: draws the key that returns to the lesson, at column x of the last line.
    // Returns the columns used.
    int (*draw_way_back)(const App *app, Canvas *canvas, int x, int end);
    void (*free)(App *app);
} LessonMode;

struct Program {
    const View *const *views; // views with a tab come first; the first view opens at the start
    int n_views, n_tabs;
    // Lists of commands; NULL ends them. Help and completion list the views' commands between the two.
    const Command *const *commands_before, *const *commands_after;
    const Key *keys;        // for every view; the last has no name
    const Hint *hints;      // shown after a tab's own hints where they fit; the last has no word
    const Hint *hints_last; // always shown, at the end
    const LessonMode *lesson;
};

const View *program_view(const Program *program, const char *name); // NULL: there is none
bool program_has_tab(const Program *program, const View *view);
// Command number `index`; NULL after the last.
const Command *program_command(const Program *program, int index);
// Finds a command by name or by an unambiguous prefix; NULL: none, or several.
const Command *program_find(const Program *program, const char *name);
// The command at the start of a command line; NULL: none.
const Command *program_find_in(const Program *program, const char *line);

#endif
