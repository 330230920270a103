// What a Role looks like, for each number of colours that a terminal may have.
#ifndef KVSTEP_THEME_H
#define KVSTEP_THEME_H

#include <stdbool.h>

#include "canvas.h"

typedef struct Look {
    short foreground; // -1: the terminal's own
    short background;
    bool bold, reverse, dim, underline;
} Look;

// The look of a role where the terminal has n_colors (256 and more, 8 to 255, fewer: none).
// In 256 colours a heat map is painted with backgrounds; otherwise its shades carry it.
Look theme_look(Role role, int n_colors);

#endif
