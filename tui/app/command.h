// Commands: what keys, clicks, the command line, -c and lessons run, and what the help lists.
#ifndef KVSTEP_COMMAND_H
#define KVSTEP_COMMAND_H

#include "tui/app/app.h"

enum { CHOICE_BYTES = 64 };

// What a command is in a lesson, as far as it is not like any other.
enum {
    NOT_IN_LESSONS = 1, // a lesson cannot run it: it writes files, leaves, or waits for the learner
    BESIDE_LESSONS = 2  // the learner may run it at any time: nothing that the lesson tells of changes by it
};

struct Command {
    const char *name;
    const char *argument; // what it takes, for the help: "N", "+N | -N | N", "[N]", "TEXT"; NULL: nothing
    const char *help;
    bool (*run)(App *app, const char *argument, Error *err); // argument: "" when none was given
    int flags;
    // Arguments that the command line offers: words of a table, or what is written for number `index`; false
    // after the last.
    const char *const *words;
    int n_words;
    bool (*choices)(const App *app, int index, char out[CHOICE_BYTES]);
};

// Choice number `index` of a command; false after the last.
bool command_choice(const App *app, const Command *command, int index, char out[CHOICE_BYTES]);

// Runs a command line, "scale log". What is wrong with it is shown in the App's message; returns whether it
// ran.
bool command_execute(App *app, const char *line);

#endif
