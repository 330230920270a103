// The parts of the stages view.
//
//     stages.c     what the stages are, the list at the left, the view
//     inputs.c     what a stage reads, and its formula with the sizes of this row in it
//     facts.c      the present stage in words
//     numbers.c    the numbers of a stage for the row: strips, bars
//     origins.c    numbers that are one for each key, under the tokens they belong to
//     operands.c   q · kᵀ and weights · v: operands and result
#ifndef KVSTEP_STAGES_INTERNAL_H
#define KVSTEP_STAGES_INTERNAL_H

#include "tui/views/stages/stages.h"
#include "tui/widgets/token_label.h"

// Where the walk stands: one row at one stage.
typedef struct Stop {
    const App *app;
    const Config *config;
    int index; // of the stage
    Stage stage;
    const Step *step; // the one that computed the row; NULL before the first
    int position;     // of the row in the text
    int row;          // and in its Step
} Stop;

Stop stages_stop(const App *app, const Stages *stages);
bool stages_has(const Timeline *run, SiteId site);

// ---- inputs -------------------------------------------------------------------------------------

typedef enum Origin {
    FROM_NOWHERE,     // no input
    FROM_PASS,        // computed by this pass, for this row
    FROM_CACHE,       // K or V: slots of earlier passes read back, the pass's own new
    FROM_CROSS_CACHE, // K or V of the source: computed by the first pass, read back by the others
    FROM_ENCODER,     // the encoder's output
    FROM_TOKEN        // the token's id and position
} Origin;

typedef struct Input {
    Origin origin;
    SiteId site;
    int stage; // whose output it is; -1 where none is
} Input;

enum { MOST_INPUTS = 2 };
int stages_inputs(const Timeline *run, Stage stage, Input inputs[MOST_INPUTS]); // how many

// What the KV cache keeps of k, and what q is when scores are computed: after RoPE and norms, where the model
// has them.
SiteId stages_k_site(const Config *config);
SiteId stages_q_site(const Config *config);
// The formula with the sizes and positions of this row in it; "" where that would say no more.
void stages_formula_here(const Stop *stop, bool ascii, char *out, size_t size);
void stages_draw_facts(const Stop *stop, Canvas *canvas, Rect rect, int *n_used);

// ---- numbers ------------------------------------------------------------------------------------

// Which of a site's heads the App's head uses.
int stages_own_head(const App *app, SiteId site);

// The numbers [*n] of one row and head. For sites of shape SITE_SOURCE_HEAD the row is a source token. NULL:
// not recorded.
const float *stages_vector(const Step *step, const Config *config, Stage stage, int row, int head, int *n);

typedef struct Stats {
    int64_t n; // finite numbers, of which the others are made
    double min, max, sum, squares;
} Stats;
void stages_count_in(Stats *stats, const float *numbers, int n);
double stages_largest(const Stats *stats); // |number|, never 0
// All of the row's numbers at its stage. n is 0 when they were not recorded.
Stats stages_row_stats(const Stop *stop);

// A number in at most six columns.
typedef struct Number {
    char text[16];
} Number;
Number stages_number(double value, int n_decimals);

// A heat strip in at most `room` columns: where numbers do not fit, a cell shows the largest of several.
typedef struct Strip {
    int per_cell, width, n_cells; // numbers in a cell, its columns, cells
} Strip;
Strip stages_strip(int n, int room);
// `numbers` [n], against the largest.
typedef struct Vector {
    const float *numbers;
    int n;
    double largest;
} Vector;
void stages_draw_strip(const Stop *stop, Canvas *canvas, int y, int x, const Strip *strip, Vector v);
void stages_draw_strip_legend(Canvas *canvas, int y, int x, int room, const Strip *strip);

// Bars up and down from an axis, `width` columns each (0: what fits), with a heat strip below. Returns the
// lines used.
int stages_draw_bars(const Stop *stop, Canvas *canvas, Rect rect, const float *numbers, int n, int width);

void stages_draw_numbers(const Stop *stop, Canvas *canvas, Rect rect);
void stages_draw_sources(const Stop *stop, Canvas *canvas, Rect rect);
bool stages_is_product(SiteId site);                                   // of q and kᵀ, or of weights and v
int stages_draw_operands(const Stop *stop, Canvas *canvas, Rect rect); // lines used

// Which of n items stand in the places there are: all of them, or the first, and those up to `focus`, with
// gaps.
enum { GAP_BEFORE = -1, GAP_AFTER = -2 };
typedef struct Window {
    int n, n_places;
    int first, last; // of the items after the first gap
} Window;
Window stages_window(int n, int room, int focus);
int stages_window_at(const Window *window, int place);     // an item, or a gap
int stages_gap(const Window *window, int gap, int *first); // items in it, and the first of them

// A token as a label, of the source or of the text.
Label stages_column_label(const Stop *stop, const Canvas *canvas, bool is_cross, int column);
// The last src that should be in sight where not all are.
int stages_focus(const Stop *stop, bool is_cross);
// Whether the row may look at it.
bool stages_sees(const Stop *stop, bool is_cross, int column);
bool stages_is_own(const Stop *stop, bool is_cross, int column); // the column is that of the row itself

#endif
