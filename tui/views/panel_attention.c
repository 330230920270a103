// The attention matrix of one layer and head: a row for each token that looks, a column for each that is looked at.
//
//              Once upon a  time        a cell's heat is the weight
//     Once      ██  ·   ·   ·           · is masked: a later token
//     upon      ▓▓  ░   ·   ·
//
// Of an encoder-decoder it is the matrix of cross-attention as well: columns are the source's tokens, nothing is masked.
//
// When it does not fit, the last rows are shown; of the columns the first one, because so much looks there, and the last.
#include "panel.h"

enum { LABEL = 10, GAP = -1 };

typedef struct Grid {
    int cell;      // columns a cell takes
    int n_columns; // cells side by side
    int n_src;     // tokens that are looked at
    int last_row;  // position of the step's last row
    int first_row; // position of the topmost row
    int n_rows;
} Grid;

static Grid grid_of(const App *app, Rect rect) {
    int n_src = panel_n_src(app), room = rect.n_columns - LABEL, n_rows = rect.n_rows - 1;
    int n_positions = step_n_src(app_step(app));
    Grid grid = {.n_src = n_src, .last_row = n_positions - 1};
    grid.cell = 4 * n_src <= room ? 4 : 3 * n_src <= room ? 3 : 2;
    grid.n_columns = room / grid.cell < n_src ? room / grid.cell : n_src;
    grid.n_rows = n_rows < n_positions ? n_rows : n_positions;
    grid.first_row = n_positions - grid.n_rows;
    return grid;
}

// The src that column i shows, or GAP.
static int src_of(const Grid *grid, int i) {
    if (grid->n_columns == grid->n_src || i == 0) return i;
    return i == 1 ? GAP : grid->n_src - grid->n_columns + i;
}

static void draw_head(const App *app, Canvas *canvas, Rect rect, const Grid *grid) {
    canvas_print(canvas, rect.row, rect.column, LABEL, ROLE_DIM, "row \\ src");
    for (int i = 0; i < grid->n_columns; i++) {
        int src = src_of(grid, i), column = rect.column + LABEL + i * grid->cell;
        if (src == GAP) {
            canvas_print(canvas, rect.row, column, grid->cell, ROLE_DIM, "…");
            continue;
        }
        const Token *token = panel_src(app, src);
        Label label = panel_label(canvas, token->text, token->id);
        canvas_print(canvas, rect.row, column, grid->cell - (grid->cell > 2),
                     src == grid->last_row && !app->is_cross ? ROLE_TEXT : ROLE_DIM, "%s", label.text);
    }
}

static void draw_row(const App *app, Canvas *canvas, int y, int x, const Grid *grid, int position) {
    const Timeline *timeline = app->timeline;
    const Step *step = timeline_step_of(timeline, app->step, position);
    const Token *token = &timeline->tokens[position];
    Label label = panel_label(canvas, token->text, token->id);
    Role role = position == grid->last_row ? ROLE_CURRENT : step == app_step(app) ? ROLE_TEXT : ROLE_DIM;
    canvas_print(canvas, y, x, LABEL - 1, role, "%s", label.text);
    if (!step) return;
    const float *weights = step_head_row(step, &timeline->config, panel_weights_site(app), app->layer, app->head,
                                         position - step->first_position);
    int first, n_visible = panel_visible(app, position, &first);
    for (int i = 0; i < grid->n_columns; i++) {
        int src = src_of(grid, i), column = x + LABEL + i * grid->cell;
        if (src == GAP) continue;
        if (src < first || src >= first + n_visible)
            canvas_print(canvas, y, column, 1, ROLE_MASKED, "·");
        else
            canvas_heat(canvas, y, column, grid->cell, weights[src], app->scale);
    }
}

void panel_attention_draw(const App *app, Canvas *canvas, Rect rect) {
    if (!app_step(app)) {
        const char *lines[] = {"No pass has run yet.", "", "→ runs the whole prompt: the prefill",
                               "→ again runs one token: a decode step"};
        for (int i = 0; i < 4 && i + 1 < rect.n_rows; i++)
            canvas_print(canvas, rect.row + 1 + i, rect.column + 1, rect.n_columns - 2, i ? ROLE_DIM : ROLE_TEXT, "%s",
                         lines[i]);
        return;
    }
    Grid grid = grid_of(app, rect);
    draw_head(app, canvas, rect, &grid);
    for (int i = 0; i < grid.n_rows; i++) draw_row(app, canvas, rect.row + 1 + i, rect.column, &grid, grid.first_row + i);
}
