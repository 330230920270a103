// One theme, made for dark terminals. The heat colours are steps of the magma colour map (matplotlib) in xterm's palette:
// lightness rises evenly, so that it reads the same to eyes that tell colours apart in other ways.
#include "theme.h"

enum { OWN = -1, BLACK = 0, RED = 1, GREEN = 2, YELLOW = 3, MAGENTA = 5, CYAN = 6, WHITE = 7 };

static const Look IN_256[ROLE_HEAT] = {
    [ROLE_TEXT] = {OWN, OWN, false, false, false, false},      [ROLE_DIM] = {244, OWN, false, false, false, false},
    [ROLE_TITLE] = {80, OWN, true, false, false, false},       [ROLE_FRAME] = {238, OWN, false, false, false, false},
    [ROLE_BRAND] = {222, OWN, true, false, false, false},      [ROLE_KEY] = {222, OWN, false, false, false, false},
    [ROLE_PROMPT] = {244, OWN, false, false, false, false},    [ROLE_CURRENT] = {16, 80, true, false, false, false},
    [ROLE_CHOICE] = {16, 222, true, false, false, false},      [ROLE_MASKED] = {238, OWN, false, false, false, false},
    [ROLE_STORED] = {73, OWN, false, false, false, false},     [ROLE_NEW] = {222, OWN, true, false, false, false},
    [ROLE_FREE] = {236, OWN, false, false, false, false},      [ROLE_CACHED] = {80, OWN, false, false, false, false},
    [ROLE_RECOMPUTE] = {209, OWN, false, false, false, false}, [ROLE_GOOD] = {114, OWN, true, false, false, false},
    [ROLE_BAD] = {203, OWN, true, false, false, false},        [ROLE_TAB] = {16, 80, true, false, false, false},
    [ROLE_CURSOR] = {16, 222, true, false, false, false},      [ROLE_CHANGED] = {222, OWN, true, false, false, true},
    [ROLE_WASTE] = {203, OWN, false, false, false, false},     [ROLE_ABOVE] = {215, OWN, false, false, false, false},
    [ROLE_BELOW] = {43, OWN, false, false, false, false},
};

static const short HEAT_256[HEAT_LEVELS] = {234, 17, 54, 90, 126, 162, 168, 204, 209, 215, 222, 230};
// Numbers below zero: shades of cyan, as even in lightness, and none of them a colour of the other map's.
static const short COOL_256[HEAT_LEVELS] = {234, 23, 23, 23, 30, 30, 30, 37, 37, 44, 80, 123};

static const Look IN_8[ROLE_HEAT] = {
    [ROLE_TEXT] = {OWN, OWN, false, false, false, false},        [ROLE_DIM] = {OWN, OWN, false, false, true, false},
    [ROLE_TITLE] = {CYAN, OWN, true, false, false, false},       [ROLE_FRAME] = {OWN, OWN, false, false, true, false},
    [ROLE_BRAND] = {YELLOW, OWN, true, false, false, false},     [ROLE_KEY] = {YELLOW, OWN, false, false, false, false},
    [ROLE_PROMPT] = {OWN, OWN, false, false, true, false},       [ROLE_CURRENT] = {BLACK, CYAN, false, false, false, false},
    [ROLE_CHOICE] = {BLACK, YELLOW, false, false, false, false}, [ROLE_MASKED] = {OWN, OWN, false, false, true, false},
    [ROLE_STORED] = {CYAN, OWN, false, false, false, false},     [ROLE_NEW] = {YELLOW, OWN, true, false, false, false},
    [ROLE_FREE] = {OWN, OWN, false, false, true, false},         [ROLE_CACHED] = {CYAN, OWN, false, false, false, false},
    [ROLE_RECOMPUTE] = {RED, OWN, false, false, false, false},   [ROLE_GOOD] = {GREEN, OWN, true, false, false, false},
    [ROLE_BAD] = {RED, OWN, true, false, false, false},          [ROLE_TAB] = {BLACK, CYAN, false, false, false, false},
    [ROLE_CURSOR] = {BLACK, YELLOW, false, false, false, false}, [ROLE_CHANGED] = {YELLOW, OWN, true, false, false, true},
    [ROLE_WASTE] = {RED, OWN, false, false, false, false},       [ROLE_ABOVE] = {YELLOW, OWN, false, false, false, false},
    [ROLE_BELOW] = {CYAN, OWN, false, false, false, false},
};

static const short HEAT_8[HEAT_LEVELS] = {OWN,     OWN, OWN, MAGENTA, MAGENTA, MAGENTA,
                                          MAGENTA, RED, RED, YELLOW,  YELLOW,  WHITE};
static const short COOL_8[HEAT_LEVELS] = {OWN, OWN, OWN, GREEN, GREEN, GREEN, GREEN, CYAN, CYAN, CYAN, CYAN, CYAN};

static Look without_colors(Role role) {
    Look look = {OWN, OWN, false, false, false, false};
    look.bold = role == ROLE_TITLE || role == ROLE_BRAND || role == ROLE_KEY || role == ROLE_NEW || role == ROLE_BAD;
    look.dim = role == ROLE_DIM || role == ROLE_FRAME || role == ROLE_PROMPT || role == ROLE_MASKED || role == ROLE_FREE;
    look.reverse = role == ROLE_CURRENT || role == ROLE_CURSOR || role == ROLE_TAB;
    look.underline = role == ROLE_CHOICE || role == ROLE_CHANGED;
    return look;
}

Look theme_look(Role role, int n_colors) {
    if (n_colors < 8) return without_colors(role);
    if (role < ROLE_HEAT) return n_colors < 256 ? IN_8[role] : IN_256[role];
    bool is_cool = role >= ROLE_COOL;
    int level = (int)role - (is_cool ? ROLE_COOL : ROLE_HEAT);
    if (n_colors < 256) return (Look){is_cool ? COOL_8[level] : HEAT_8[level], OWN, false, false, false, false};
    return (Look){
        level < HEAT_LEVELS / 2 ? 252 : 16, is_cool ? COOL_256[level] : HEAT_256[level], false, false, false, false};
}
