// What each Role looks like, for each theme and each number of colours of a terminal.
//
// A theme paints its own background. Heat is a colour map with evenly changing lightness, so it is readable
// for colour-blind people and in greyscale.
#ifndef KVSTEP_THEME_H
#define KVSTEP_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/screen/canvas.h"

typedef enum ThemeId { THEME_DARK, THEME_LIGHT, THEME_CONTRAST, THEME_MONO, THEME_COUNT } ThemeId;
extern const char *const THEME_NAMES[THEME_COUNT];

enum { COLOR_OWN = -1 }; // the terminal's default

typedef struct Look {
    int32_t foreground, background; // 0xRRGGBB or COLOR_OWN
    bool bold, reverse, dim, underline;
    bool is_painted; // heat as a background colour; the shade glyph is left out
} Look;

Look theme_look(ThemeId theme, Role role);

// The look on a terminal with few colours: foreground and background are colour numbers, 0 to 7 (n_colors 8)
// or 0 to 15 (16). With fewer than 8 colours, it is the look of the mono theme.
Look theme_look_few(ThemeId theme, Role role, int n_colors);

// Whether a glyph is a heat shade, which a painted cell (is_painted) leaves out.
bool theme_is_shade(const char *glyph);

// The nearest of xterm's 256 colours, from those that terminals do not redefine (16 to 255).
int theme_nearest_256(int32_t color);

#endif
