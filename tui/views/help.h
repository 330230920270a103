// How long the help is.
#ifndef KVSTEP_VIEWS_HELP_H
#define KVSTEP_VIEWS_HELP_H

#include "tui/app.h"

// Lines that the page can be moved by when n_rows of it are in sight.
int help_most_scroll(const App *app, int n_rows);

#endif
