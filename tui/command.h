// The one table of commands. Keys and clicks are bound to them; the help screen is made from them.
#ifndef KVSTEP_COMMAND_H
#define KVSTEP_COMMAND_H

#include <stddef.h>

#include "app.h"

typedef struct Command {
    const char *name;
    const char *argument; // what it takes, for the help: "N", "+N | -N | N", "[N]", "TEXT"; NULL: nothing
    const char *help;
    bool (*run)(App *app, const char *argument, Error *err); // argument: "" when none was given
} Command;

extern const Command COMMANDS[];
extern const size_t N_COMMANDS;

const Command *command_find(const char *name); // by its whole name, or a beginning that no other command has; NULL otherwise

// Runs "NAME ARGUMENT"; an error becomes the App's message, and false.
bool command_run(App *app, const char *line);

#endif
