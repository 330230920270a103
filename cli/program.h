// The program, wired together: its views, its commands, its keys.
#ifndef KVSTEP_CLI_PROGRAM_H
#define KVSTEP_CLI_PROGRAM_H

#include "tui/app/program.h"

extern const Program PROGRAM;

#endif
