// The one table of commands: what the keys do, and what the help screen says.
#ifndef KVSTEP_COMMAND_H
#define KVSTEP_COMMAND_H

#include <stddef.h>

#include "app.h"

typedef struct Command {
    const char *name;
    const char *keys[3]; // as the terminal names them; the first is the one that hints show
    const char *help;
    void (*run)(App *app);
} Command;

extern const Command COMMANDS[];
extern const size_t N_COMMANDS;

const Command *command_for_key(const char *key); // NULL when the key does nothing

// How a key is shown: "Right" as →.
const char *command_key_label(const char *key);

#endif
