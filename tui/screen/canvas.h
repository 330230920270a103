// A Canvas: the screen as a grid of cells, before any terminal is involved.
//
// Views draw on it; the terminal module shows it; tests read it. A cell is one glyph (a character with
// whatever combines with it) and a Role, the meaning that a theme turns into colours. Nothing is drawn
// outside the Canvas or outside the width that the caller gives.
//
// Text from outside goes through canvas_text(), which neutralises it; canvas_print() is for the program's own
// words. With `ascii` set, every glyph beyond ASCII is replaced by one character of ASCII.
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
    ROLE_CHANGED,   // what the last step changed, where that is marked
    ROLE_WASTE,     // computed again although the cache had it
    ROLE_BRAND,     // the program's name
    ROLE_KEY,       // a key in a hint
    ROLE_PROMPT,    // prompt tokens
    ROLE_CURRENT,   // the token whose row is looked at
    ROLE_CHOICE,    // the token that was chosen
    ROLE_MASKED,    // a masked cell
    ROLE_STORED,    // a cache slot read back
    ROLE_NEW,       // a cache slot filled in this step
    ROLE_FREE,      // an empty cache slot
    ROLE_CACHED,    // figures of the cached way
    ROLE_RECOMPUTE, // figures of the recomputed way
    ROLE_GOOD,      // the two ways agree
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

// The command that a click on a cell runs: `command` with up to two numbers after it, those that are not
// negative.
typedef struct Target {
    const char *command; // static text; NULL: a click does nothing
    int arguments[2];
} Target;

typedef struct Cell {
    char glyph[CELL_BYTES]; // UTF-8, ended by NUL; empty in the right half of a wide glyph
    unsigned char width;    // 1 or 2; 0 in the right half
    unsigned char role;
    Target target;
} Cell;

typedef struct Canvas {
    int n_rows, n_columns;
    bool ascii;
    Target target; // of what is drawn now
    Cell *cells;   // [n_rows, n_columns]
} Canvas;

// How a weight becomes heat.
typedef enum Scale {
    SCALE_ROOT,   // √weight: most weights are small, and 0.01 and 0.1 should not look alike
    SCALE_LINEAR, // the weight itself
    SCALE_LOG,    // 1 + log10(weight) / 4: every tenth part is one step, down to 0.0001
    SCALE_COUNT
} Scale;
extern const char *const SCALE_NAMES[SCALE_COUNT];

typedef struct Rect {
    int row, column, n_rows, n_columns;
} Rect;

// Makes the Canvas this large and blank; false when there is no memory (it is then 0 × 0). A zeroed Canvas
// may be resized.
bool canvas_resize(Canvas *canvas, int n_rows, int n_columns);
void canvas_done(Canvas *canvas);
void canvas_clear(Canvas *canvas);
const Cell *canvas_cell(const Canvas *canvas, int row, int column);

// The text as this Canvas can show it, on one line.
void canvas_neutralise(const Canvas *canvas, char *out, size_t size, Text text);

// Draws in at most max_columns, cut where it does not fit; returns the columns used.
int canvas_text(Canvas *canvas, int row, int column, int max_columns, Role role, Text text);
__attribute__((format(printf, 6, 7))) int canvas_print(Canvas *canvas, int row, int column, int max_columns,
                                                       Role role, const char *format, ...);

// Draws the program's own words so that they end before column `end`; returns the columns used.
int canvas_print_right(Canvas *canvas, int row, int end, Role role, const char *words);

// Draws the program's own words or a label downwards, a glyph a line, so that they end above `end_row`; cut
// after max_rows.
void canvas_print_down(Canvas *canvas, int end_row, int column, int max_rows, Role role, const char *words);

// A bar of at most max_columns for value in [0, 1], in eighths of a column (in ASCII, whole columns).
void canvas_bar(Canvas *canvas, int row, int column, int max_columns, Role role, double value);

// One cell of a heat map: weight in [0, 1] as a heat role and a shade that shows the same without colours.
void canvas_heat(Canvas *canvas, int row, int column, int n_columns, double weight, Scale scale);
void canvas_dim_heat(Canvas *canvas, int row, int column, int n_columns, double weight, Scale scale);
int canvas_heat_level(double weight, Scale scale); // 0 ... HEAT_LEVELS - 1
// One cell of a heat map of numbers in [-1, 1]: above zero as canvas_heat(), below zero dashes in cool roles.
void canvas_signed_heat(Canvas *canvas, int row, int column, int n_columns, double value, Scale scale);

// What is drawn from now on can be clicked; an argument below 0 is left out. canvas_target(canvas, NULL, -1,
// -1) ends it.
void canvas_target(Canvas *canvas, const char *command, int argument, int second_argument);

// Copies all of `from` to the place of `to` whose upper left corner is row, column.
void canvas_copy(Canvas *to, int row, int column, const Canvas *from);

// Columns that the text takes, neutralised as canvas_text() does.
int canvas_text_width(const Canvas *canvas, Text text);

// The whole Canvas as lines of UTF-8 without trailing blanks; with roles, each line is followed by one that
// marks each cell's role with a letter. On the heap; the caller frees it. NULL when there is no memory.
char *canvas_to_text(const Canvas *canvas, bool with_roles);

#endif
