// The attention matrix of one layer and head: a row for each query token, a column for each key token. The
// main view shows it in a panel, the attention view with a cursor.
//
//              Once upon a  time    heat is the weight, in colour where the shown step computed the row
//       Once    ██  ╱╱  ╱╱  ╱╱      ╱ is masked: a later token; ╲ as well: before the sliding window
//     ▸ upon    ▓▓  [░] ╱╱  ╱╱      ▸ the shown step computed this row; [ ] the cursor
//
// If it does not fit, it shows the part around the cursor, and always the first column, because it gets so
// much attention.
#ifndef KVSTEP_MATRIX_H
#define KVSTEP_MATRIX_H

#include "tui/app/app.h"

enum { MATRIX_GAP = -1 };

typedef struct Matrix {
    Rect rect;
    bool has_cursor;
    int row, src;          // the cursor; without a cursor, the newest row and src 0
    int n_digits;          // of the row positions; 0: not shown
    int label;             // columns before the cells: the row's mark, its position and its token
    int n_head;            // lines for the tokens above the columns
    int width, height;     // of a cell
    int n_positions;       // all rows
    int first_row, n_rows; // the shown ones
    int n_src;
    int first_src, n_columns; // column 0 is src 0; then what matrix_src() says
} Matrix;

// Lays the matrix out in the rectangle, as large as it fits. A Step must be shown.
// cursor_src: the src of a cursor on the row that is looked at; NULL: without one.
Matrix matrix_of(const App *app, const Canvas *canvas, Rect rect, const int *cursor_src);
void matrix_draw(const App *app, Canvas *canvas, const Matrix *m);

// The src that column i shows, or MATRIX_GAP.
int matrix_src(const Matrix *m, int i);
// A src for the cursor: this one, or the last one that there is.
int matrix_cursor_src(const App *app, int src);
// Which cells of the row at `position` are masked, and by what.
typedef enum Mask { MASK_NONE, MASK_LATER, MASK_WINDOW } Mask;
Mask matrix_mask(const App *app, int position, int src);
// The glyph and role of a masked cell.
void matrix_draw_masked(Canvas *canvas, int y, int x, int n_columns, Mask mask);
// The mark of a row that the shown step computed.
void matrix_draw_new(const App *app, Canvas *canvas, int y, int x);

#endif
