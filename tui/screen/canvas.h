// A Canvas: the screen as a grid of cells, before any terminal is involved.
//
// Views draw on it; the terminal module shows it; tests read it. A cell is one glyph (a character with
// its combining characters) and a Role, a meaning that the theme maps to colours. Nothing is drawn outside
// the Canvas or outside the width that the caller gives.
//
// Use canvas_text() for text from outside: it neutralises control characters. canvas_print() is for the
// program's own strings. If `ascii` is set, every non-ASCII glyph is replaced by one ASCII character.
#ifndef KVSTEP_CANVAS_H
#define KVSTEP_CANVAS_H

#include <stdbool.h>

#include "core/base/text.h"

enum { HEAT_LEVELS = 12, CELL_BYTES = 24 };

typedef enum Role {
    ROLE_TEXT,
    ROLE_DIM,       // labels, hints
    ROLE_TITLE,     // a panel's title
    ROLE_FRAME,     // lines between panels
    ROLE_TAB,       // the open view's tab
    ROLE_CURSOR,    // the selected cell or line
    ROLE_CHANGED,   // what the last step changed, if changes are marked
    ROLE_WASTE,     // computed again although the cache had it
    ROLE_BRAND,     // the program's name
    ROLE_KEY,       // a key in a hint
    ROLE_PROMPT,    // prompt tokens
    ROLE_CURRENT,   // the token of the selected row
    ROLE_CHOICE,    // the token that was chosen
    ROLE_MASKED,    // a masked cell
    ROLE_STORED,    // a cache slot read back
    ROLE_NEW,       // a cache slot filled in this step
    ROLE_FREE,      // an empty cache slot
    ROLE_CACHED,    // costs with the cache
    ROLE_RECOMPUTE, // costs of recomputation
    ROLE_GOOD,      // cached and recomputed agree
    ROLE_BAD,       // they do not; errors
    ROLE_ABOVE,     // a bar for a number above zero
    ROLE_BELOW,     // and below it
    ROLE_HEAT,      // ROLE_HEAT + level, level 0 ... HEAT_LEVELS - 1
    // likewise, in a row that an earlier step computed
    ROLE_DIM_HEAT = ROLE_HEAT + HEAT_LEVELS,
    // likewise, of a number below zero
    ROLE_COOL = ROLE_DIM_HEAT + HEAT_LEVELS,
    ROLE_COUNT = ROLE_COOL + HEAT_LEVELS
} Role;

// The command that a click on a cell runs: `command` and up to two arguments; negative ones are left out.
typedef struct Target {
    const char *command; // static text; NULL: a click does nothing
    int arguments[2];
} Target;

typedef struct Cell {
    char glyph[CELL_BYTES]; // UTF-8, NUL-terminated; empty in the right half of a wide glyph
    unsigned char width;    // 1 or 2; 0 in the right half
    unsigned char role;
    Target target;
} Cell;

typedef struct Canvas {
    int n_rows, n_columns;
    bool ascii;
    Target target; // of the cells that are being drawn
    Cell *cells;   // [n_rows, n_columns]
} Canvas;

// How an attention weight maps to a heat level.
typedef enum Scale {
    SCALE_ROOT,   // √weight: most weights are small, and 0.01 and 0.1 should not look alike
    SCALE_LINEAR, // the weight itself
    SCALE_LOG,    // 1 + log10(weight) / 4: a quarter of the scale per factor of 10, down to 0.0001
    SCALE_COUNT
} Scale;
extern const char *const SCALE_NAMES[SCALE_COUNT];

typedef struct Rect {
    int row, column, n_rows, n_columns;
} Rect;

// Resizes and clears the Canvas; false if there is no memory (it is then 0 × 0). Works on a zeroed Canvas.
bool canvas_resize(Canvas *canvas, int n_rows, int n_columns);
void canvas_done(Canvas *canvas);
void canvas_clear(Canvas *canvas);
const Cell *canvas_cell(const Canvas *canvas, int row, int column);

// Converts the text to what this Canvas can show, on one line.
void canvas_neutralise(const Canvas *canvas, char *out, size_t size, Text text);

// Draws at most max_columns of the text; returns the columns used.
int canvas_text(Canvas *canvas, int row, int column, int max_columns, Role role, Text text);
__attribute__((format(printf, 6, 7))) int canvas_print(Canvas *canvas, int row, int column, int max_columns,
                                                       Role role, const char *format, ...);

// Draws a string of the program right-aligned, ending before column `end`; returns the columns used.
int canvas_print_right(Canvas *canvas, int row, int end, Role role, const char *words);

// Draws a string of the program or a label vertically, one glyph per row, ending above `end_row`; at most
// max_rows.
void canvas_print_down(Canvas *canvas, int end_row, int column, int max_rows, Role role, const char *words);

// A bar of at most max_columns for value in [0, 1], in eighths of a column (in ASCII, whole columns).
void canvas_bar(Canvas *canvas, int row, int column, int max_columns, Role role, double value);

// Draws a heat-map cell for a weight in [0, 1]: a heat role, and a shade glyph that works without colours.
void canvas_heat(Canvas *canvas, int row, int column, int n_columns, double weight, Scale scale);
void canvas_dim_heat(Canvas *canvas, int row, int column, int n_columns, double weight, Scale scale);
int canvas_heat_level(double weight, Scale scale); // 0 ... HEAT_LEVELS - 1
// Draws a heat-map cell for a number in [-1, 1]: positive as canvas_heat(), negative as dashes in cool roles.
void canvas_signed_heat(Canvas *canvas, int row, int column, int n_columns, double value, Scale scale);

// Makes everything drawn from now on clickable; negative arguments are left out. canvas_target(canvas, NULL,
// -1, -1) ends this.
void canvas_target(Canvas *canvas, const char *command, int argument, int second_argument);

// Copies `from` into `to`, with its upper left corner at row, column.
void canvas_copy(Canvas *to, int row, int column, const Canvas *from);

// The width of the text in columns, neutralised as in canvas_text().
int canvas_text_width(const Canvas *canvas, Text text);

// Returns the Canvas as lines of UTF-8 without trailing blanks; with roles, each line is followed by a line
// with one letter per cell for its role. The caller frees it. NULL if there is no memory.
char *canvas_to_text(const Canvas *canvas, bool with_roles);

#endif
