// The loop: draw the App on a Canvas -> show the Canvas -> wait for an event -> change the App.
#ifndef KVSTEP_LOOP_H
#define KVSTEP_LOOP_H

#include "tui/app/app.h"

// Runs until the user leaves. The terminal must be open. Returns false when it cannot go on.
bool loop_run(App *app, Error *err);

#endif
