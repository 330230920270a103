// The parts of the cache view.
#ifndef KVSTEP_CACHE_INTERNAL_H
#define KVSTEP_CACHE_INTERNAL_H

#include "tui/app/app.h"

enum { SLOT_LABEL = 15 }; // columns for a slot's number and its token

// How the slots of one kind, K or V, are laid out: layers side by side, of some a cell for each KV head.
//
//     layer      0  1            2  3
//     KV head       0 1 2 3 4 5
//                ■  ■ ■ ■ ■ ■ ■  ■  ■
typedef struct Bank {
    int first, n_shown; // layers
    int selected;       // the layer that is expanded by head
    bool expands_all;   // so are the others
    int pitch;          // columns from a cell to the next
    int n_heads;        // KV heads of a layer
    int per_cell;       // how many of them a cell stands for
    int digits;         // columns that a layer's number takes
} Bank;

// The table of slots: rows are slots with their tokens, and there are K and V with the cache, and K and V
// without one.
typedef struct SlotTable {
    Rect rect;
    Bank bank;
    int cached, recompute; // columns at which the two ways begin
    int way_width;         // half of it for K, half for V
} SlotTable;

SlotTable slot_table(const App *app, Rect rect);
void slot_table_draw(const App *app, Canvas *canvas, const SlotTable *table);

// The facts under the table, in so many lines. The memory block can do with one less.
enum { COUNTS_ROWS = 4, MEMORY_ROWS = 3, CROSS_ROWS = 4 };
// Vectors stored, read back and recomputed, in this step and so far; and what became of the slot that is
// looked at.
void cache_counts_title(const App *app, char *title, size_t size);
void cache_counts_draw(const App *app, Canvas *canvas, Rect rect, const SlotTable *table);
// The formula with its factors, what was measured, and how full the cache is.
void cache_memory_title(const App *app, char *title, size_t size);
void cache_memory_draw(const App *app, Canvas *canvas, Rect rect);
// Cross-attention's own cache: its slots and its formula.
void cache_cross_title(const App *app, char *title, size_t size);
void cache_cross_draw(const App *app, Canvas *canvas, Rect rect, const SlotTable *table);

#endif
