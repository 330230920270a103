// The commands that no view and no lesson brings: lists, each ended by one without a name.
#ifndef KVSTEP_COMMANDS_H
#define KVSTEP_COMMANDS_H

#include "tui/app/command.h"

extern const Command COMMANDS_MOVE[];    // steps and tokens
extern const Command COMMANDS_LOOK[];    // what is looked at, and how
extern const Command COMMANDS_SESSION[]; // prompt, sampling, model
extern const Command COMMANDS_FILE[];    // what writes files
extern const Command COMMANDS_SCREEN[];
extern const Command COMMANDS_PROGRAM[]; // command line, stopping, leaving

#endif
