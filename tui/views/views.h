// The views of the program, each in a folder of its own.
#ifndef KVSTEP_VIEWS_H
#define KVSTEP_VIEWS_H

#include "tui/app/view.h"

extern const View VIEW_MAIN, VIEW_ATTENTION, VIEW_STAGES, VIEW_CACHE, VIEW_COMPUTE, VIEW_MEMORY, VIEW_TOKENS,
    VIEW_BRANCHES, VIEW_HELP;

#endif
