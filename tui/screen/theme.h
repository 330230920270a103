// What a Role looks like, in each theme and for each number of colours that a terminal may have.
//
// A theme's colours are made for its own background, which it paints. Heat is a colour map whose lightness
// changes evenly, so that it reads the same to eyes that tell colours apart in other ways, and on paper.
#ifndef KVSTEP_THEME_H
#define KVSTEP_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/screen/canvas.h"

typedef enum ThemeId { THEME_DARK, THEME_LIGHT, THEME_CONTRAST, THEME_MONO, THEME_COUNT } ThemeId;
extern const char *const THEME_NAMES[THEME_COUNT];

enum { COLOR_OWN = -1 }; // the terminal's own

typedef struct Look {
    int32_t foreground, background; // 0xRRGGBB or COLOR_OWN
    bool bold, reverse, dim, underline;
    bool is_painted; // heat that is a background: the shade that stands for it elsewhere would only blur it
} Look;

Look theme_look(ThemeId theme, Role role);

// The look for a terminal with few colours: foreground and background are numbers, 0 to 7 (n_colors 8) or 15
// (16). With fewer than 8 colours it is the mono theme's.
Look theme_look_few(ThemeId theme, Role role, int n_colors);

// Whether a glyph is one of those that show heat without colours: what a painted cell (is_painted) leaves
// out.
bool theme_is_shade(const char *glyph);

// The number of the nearest of xterm's 256 colours, of those that no terminal changes (16 to 255).
int theme_nearest_256(int32_t color);

#endif
