// The heat colours are steps of matplotlib's magma (dark), of the same turned around (light), and of inferno
// (contrast).
#include "tui/screen/theme.h"

#include <stdlib.h>
#include <string.h>

const char *const THEME_NAMES[THEME_COUNT] = {"dark", "light", "contrast", "mono"};

// What the roles of a theme are painted with.
typedef enum Paint {
    PAINT_TEXT,
    PAINT_DIM,
    PAINT_FAINT, // frames, masked and free cells
    PAINT_COOL,  // titles, the cached way
    PAINT_WARM,  // keys, what is new
    PAINT_HOT,   // the recomputed way
    PAINT_GOOD,
    PAINT_BAD,
    PAINT_CALM, // slots that are read back
    PAINT_BACK, // the theme's background
    PAINT_COUNT
} Paint;

static const int32_t PAINTS[3][PAINT_COUNT] = {
    [THEME_DARK] = {0xDCDFE4, 0x8A909C, 0x4A505C, 0x62D2D2, 0xFFD37F, 0xFF9A66, 0x8FD38A, 0xFF7A72, 0x5FA8B8,
                    0x14161B},
    [THEME_LIGHT] = {0x1E2228, 0x5B6370, 0xB4BAC4, 0x00696E, 0x8A4B00, 0xB23A00, 0x1E6B25, 0xB3120C, 0x2F7D92,
                     0xFCFCFA},
    [THEME_CONTRAST] = {0xFFFFFF, 0xC8C8C8, 0x8C8C8C, 0x5CFFFF, 0xFFE14D, 0xFFA24D, 0x6BFF6B, 0xFF8A8A,
                        0x8AD8FF, 0x000000},
};

static const int32_t HEAT[3][HEAT_LEVELS] = {
    [THEME_DARK] = {0x1D1A2B, 0x2B1C52, 0x45196F, 0x611F79, 0x7E2981, 0x9C3280, 0xBA3B78, 0xD8476C, 0xEF6264,
                    0xFA8A6A, 0xFEB87E, 0xFCECAE},
    [THEME_LIGHT] = {0xF4F0EA, 0xFBE3BF, 0xFDCB9A, 0xFCB07E, 0xF98F6C, 0xEE6E64, 0xD9526B, 0xBB3E77, 0x9A337F,
                     0x752880, 0x4D1D70, 0x271445},
    [THEME_CONTRAST] = {0x000000, 0x1B0C42, 0x390963, 0x57106E, 0x781C6D, 0x9A2865, 0xBC3754, 0xDA4E3C,
                        0xF0701F, 0xFB9A06, 0xF7CC3B, 0xFCFFA4},
};

// Numbers below zero: no colour of the other map's, and as even in lightness.
static const int32_t COOL[3][HEAT_LEVELS] = {
    [THEME_DARK] = {0x16212A, 0x0F2E3A, 0x0C3B49, 0x0B4958, 0x0C5868, 0x0F6778, 0x157787, 0x1E8797, 0x2D98A6,
                    0x46ABB6, 0x6FC3CA, 0xB4E6E6},
    [THEME_LIGHT] = {0xEEF4F4, 0xD5EAEC, 0xBBDEE2, 0xA0D1D8, 0x84C3CD, 0x69B4C1, 0x4FA4B4, 0x3893A5, 0x258194,
                     0x166E82, 0x0B596D, 0x063F50},
    [THEME_CONTRAST] = {0x000000, 0x001A24, 0x002B3B, 0x003D52, 0x00506A, 0x006483, 0x00799C, 0x098FB5,
                        0x2BA6CC, 0x55BEDF, 0x8AD7EE, 0xD2F2FC},
};

// How a role is painted: a foreground, and a background where it has one (PAINT_BACK: the theme's own).
typedef struct Style {
    Paint foreground, background;
    bool bold, underline;
} Style;

static const Style STYLES[ROLE_HEAT] = {
    [ROLE_TEXT] = {PAINT_TEXT, PAINT_BACK, false, false},
    [ROLE_DIM] = {PAINT_DIM, PAINT_BACK, false, false},
    [ROLE_TITLE] = {PAINT_COOL, PAINT_BACK, true, false},
    [ROLE_FRAME] = {PAINT_FAINT, PAINT_BACK, false, false},
    [ROLE_TAB] = {PAINT_BACK, PAINT_COOL, true, false},
    [ROLE_CURSOR] = {PAINT_BACK, PAINT_WARM, true, false},
    [ROLE_CHANGED] = {PAINT_WARM, PAINT_BACK, true, true},
    [ROLE_WASTE] = {PAINT_HOT, PAINT_BACK, false, false},
    [ROLE_BRAND] = {PAINT_WARM, PAINT_BACK, true, false},
    [ROLE_KEY] = {PAINT_WARM, PAINT_BACK, false, false},
    [ROLE_PROMPT] = {PAINT_DIM, PAINT_BACK, false, false},
    [ROLE_CURRENT] = {PAINT_BACK, PAINT_COOL, true, false},
    [ROLE_CHOICE] = {PAINT_BACK, PAINT_WARM, true, false},
    [ROLE_MASKED] = {PAINT_FAINT, PAINT_BACK, false, false},
    [ROLE_STORED] = {PAINT_CALM, PAINT_BACK, false, false},
    [ROLE_NEW] = {PAINT_WARM, PAINT_BACK, true, false},
    [ROLE_FREE] = {PAINT_FAINT, PAINT_BACK, false, false},
    [ROLE_CACHED] = {PAINT_COOL, PAINT_BACK, false, false},
    [ROLE_RECOMPUTE] = {PAINT_HOT, PAINT_BACK, false, false},
    [ROLE_GOOD] = {PAINT_GOOD, PAINT_BACK, true, false},
    [ROLE_BAD] = {PAINT_BAD, PAINT_BACK, true, false},
    [ROLE_ABOVE] = {PAINT_WARM, PAINT_BACK, false, false},
    [ROLE_BELOW] = {PAINT_COOL, PAINT_BACK, false, false},
};

// Without colours: what stands out is bold, reversed or underlined, what stands back is dim.
static Look mono(Role role) {
    Look look = {.foreground = COLOR_OWN, .background = COLOR_OWN};
    look.dim = role >= ROLE_DIM_HEAT && role < ROLE_COOL;
    if (role >= ROLE_HEAT) return look; // its shades show it
    Style style = STYLES[role];
    look.reverse = style.background == PAINT_COOL || role == ROLE_CURSOR;
    look.underline = style.underline || role == ROLE_CHOICE;
    look.bold = style.bold && !look.reverse;
    look.dim = style.foreground == PAINT_DIM || style.foreground == PAINT_FAINT;
    return look;
}

static int lightness(int32_t color) {
    return 2 * (color >> 16) + 5 * (color >> 8 & 0xFF) + (color & 0xFF); // of 2040
}

// Heat of a row that is remembered: without its colour, and nearer to the background.
static int32_t faded(int32_t heat, int32_t back) {
    int grey = lightness(heat) / 8, mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) mixed |= (grey * 3 + (back >> shift & 0xFF)) / 4 << shift;
    return mixed;
}

Look theme_look(ThemeId theme, Role role) {
    if (theme == THEME_MONO) return mono(role);
    const int32_t *paints = PAINTS[theme];
    if (role >= ROLE_HEAT) {
        int32_t text = paints[PAINT_TEXT], back = paints[PAINT_BACK];
        int32_t heat = role < ROLE_DIM_HEAT ? HEAT[theme][role - ROLE_HEAT]
                       : role < ROLE_COOL   ? faded(HEAT[theme][role - ROLE_DIM_HEAT], back)
                                            : COOL[theme][role - ROLE_COOL];
        bool takes_text = abs(lightness(text) - lightness(heat)) > abs(lightness(back) - lightness(heat));
        return (Look){.foreground = takes_text ? text : back, .background = heat, .is_painted = true};
    }
    Style style = STYLES[role];
    return (Look){.foreground = paints[style.foreground],
                  .background = paints[style.background],
                  .bold = style.bold,
                  .underline = style.underline};
}

// ---- few colours --------------------------------------------------------------------------------

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, BRIGHT };

Look theme_look_few(ThemeId theme, Role role, int n_colors) {
    static const int32_t ON_DARK[PAINT_COUNT] = {COLOR_OWN, COLOR_OWN, COLOR_OWN, CYAN, YELLOW,
                                                 RED,       GREEN,     RED,       CYAN, COLOR_OWN};
    static const int32_t ON_LIGHT[PAINT_COUNT] = {COLOR_OWN, COLOR_OWN, COLOR_OWN, BLUE, MAGENTA,
                                                  RED,       GREEN,     RED,       CYAN, COLOR_OWN};
    static const int32_t HEAT_FEW[HEAT_LEVELS] = {COLOR_OWN, COLOR_OWN, COLOR_OWN, MAGENTA, MAGENTA, MAGENTA,
                                                  MAGENTA,   RED,       RED,       YELLOW,  YELLOW,  WHITE};
    Look look = mono(role);
    if (theme == THEME_MONO || n_colors < 8) return look;
    bool is_light = theme == THEME_LIGHT;
    if (role >= ROLE_HEAT) {
        if (!is_light && role < ROLE_DIM_HEAT) look.foreground = HEAT_FEW[role - ROLE_HEAT];
        if (role >= ROLE_COOL + 3) look.foreground = CYAN;
        return look;
    }
    const int32_t *paints = is_light ? ON_LIGHT : ON_DARK;
    Style style = STYLES[role];
    look.foreground = paints[style.foreground];
    if (style.background != PAINT_BACK) {
        look = (Look){.foreground = is_light ? WHITE : BLACK, .background = paints[style.background]};
    } else if (n_colors >= 16 && !is_light && look.foreground >= 0) {
        look.foreground += BRIGHT;
    } else if (n_colors >= 16 && look.dim) {
        look.foreground = BRIGHT + BLACK; // grey
        look.dim = false;
    }
    return look;
}

bool theme_is_shade(const char *glyph) {
    return strcmp(glyph, "░") == 0 || strcmp(glyph, "▒") == 0 || strcmp(glyph, "▓") == 0 ||
           strcmp(glyph, "█") == 0;
}

// ---- 256 colours --------------------------------------------------------------------------------

static int channel(int32_t color, int shift) {
    return color >> shift & 0xFF;
}

static int distance(int32_t a, int32_t b) {
    int red = channel(a, 16) - channel(b, 16), green = channel(a, 8) - channel(b, 8),
        blue = channel(a, 0) - channel(b, 0);
    return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

int theme_nearest_256(int32_t color) {
    static const int LEVELS[6] = {0, 95, 135, 175, 215, 255};
    int best = 16, least = INT32_MAX;
    for (int i = 16; i < 256; i++) {
        int grey = 8 + 10 * (i - 232);
        int32_t there =
            i >= 232 ? grey << 16 | grey << 8 | grey
                     : LEVELS[(i - 16) / 36] << 16 | LEVELS[(i - 16) / 6 % 6] << 8 | LEVELS[(i - 16) % 6];
        int d = distance(color, there);
        if (d < least) least = d, best = i;
    }
    return best;
}
