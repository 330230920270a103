// Commands. Keys, clicks, the command line, -c and lessons run them, and the help lists them.
#ifndef KVSTEP_COMMAND_H
#define KVSTEP_COMMAND_H

#include "tui/app/app.h"

enum { CHOICE_BYTES = 64 };

// Flags of a command.
enum {
    NOT_IN_LESSONS = 1, // a lesson's text cannot run it: it writes files, quits, or waits for the learner
    BESIDE_LESSONS = 2  // it does not change the state that a lesson describes; allowed while a page opens
};

struct Command {
    const char *name;
    const char *argument; // what it takes, for the help: "N", "+N | -N | N", "[N]", "TEXT"; NULL: nothing
    const char *help;
    bool (*run)(App *app, const char *argument, Error *err); // argument: "" when none was given
    int flags;
    // Completions for the argument: a table of words, or a function that writes number `index` and returns
    // false after the last.
    const char *const *words;
    int n_words;
    bool (*choices)(const App *app, int index, char out[CHOICE_BYTES]);
};

// Writes completion number `index` of a command; false after the last.
bool command_choice(const App *app, const Command *command, int index, char out[CHOICE_BYTES]);

// Runs a command line such as "scale log". On an error, sets the App's message and returns false.
bool command_execute(App *app, const char *line);

#endif
