// What the commands of the memory view do.
#ifndef KVSTEP_TUI_MEMORY_H
#define KVSTEP_TUI_MEMORY_H

#include "tui/app.h"

// "+1", "-1", "N": selects a factor. "NAME VALUE": sets one, such as "length 4096".
bool memory_view_factor(App *app, const char *argument, Error *err);
// Makes the selected factor the next larger (by > 0) or smaller useful number.
bool memory_view_change(App *app, int by, Error *err);
// The sizes of the App's model (""), or of a known one (memory.h).
bool memory_view_sizes(App *app, const char *argument, Error *err);

#endif
