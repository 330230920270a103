// How far the page of help can be moved.
#ifndef KVSTEP_HELP_H
#define KVSTEP_HELP_H

#include "tui/app/app.h"

// The scroll that shows its end on the App's screen.
int help_most_scroll(const App *app);

#endif
