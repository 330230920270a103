// Views: each draws the whole screen from a const App. Adding one is a row here and a file of its own.
#ifndef KVSTEP_VIEW_H
#define KVSTEP_VIEW_H

#include "app.h"

enum { VIEW_MIN_ROWS = 24, VIEW_MIN_COLUMNS = 80 };

struct View {
    void (*draw)(const App *app, Canvas *canvas);
};

extern const View VIEW_MAIN; // main_view.c
extern const View VIEW_HELP; // help_view.c

#endif
