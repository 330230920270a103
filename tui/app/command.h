// The one table of commands. Keys, clicks, the command line, -c and the help screen all come from it.
#ifndef KVSTEP_COMMAND_H
#define KVSTEP_COMMAND_H

#include <stddef.h>

#include "tui/app/app.h"

enum { CHOICE_BYTES = 64 };

typedef struct Command {
    const char *name;
    const char *argument; // what it takes, for the help: "N", "+N | -N | N", "[N]", "TEXT"; NULL: nothing
    const char *help;
    bool (*run)(App *app, const char *argument, Error *err); // argument: "" when none was given
    // Writes argument number `index` of those that the command line offers; false after the last. NULL: it
    // offers none.
    bool (*choices)(const App *app, int index, char out[CHOICE_BYTES]);
} Command;

extern const Command COMMANDS[];
extern const size_t N_COMMANDS;

const Command *
command_find(const char *name); // by its whole name, or a beginning that no other command has; NULL otherwise

// Runs "NAME ARGUMENT"; an error becomes the App's message, and false.
bool command_execute(App *app, const char *line);

#endif
