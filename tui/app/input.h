// Keys and clicks: each runs a command.
#ifndef KVSTEP_INPUT_H
#define KVSTEP_INPUT_H

#include "tui/app/app.h"

// A key as the terminal names it.
void app_key(App *app, const char *key);
// A click on what the Canvas shows there.
void app_click(App *app, const Canvas *canvas, int row, int column);

#endif
