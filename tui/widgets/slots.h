// Slots of a KV cache as glyphs: what the cache panel and the cache view share.
#ifndef KVSTEP_TUI_SLOTS_H
#define KVSTEP_TUI_SLOTS_H

#include "tui/app/app.h"

typedef enum SlotState {
    SLOT_FREE,   // ·
    SLOT_STORED, // ■ read back in this step
    SLOT_NEW,    // □ computed in this step, as it must be
    SLOT_WASTE,  // ▨ computed in this step although a cache would have had it
} SlotState;

// Of slots up to `last`, when those from first_new on are new; `length` are in use.
SlotState slot_state(int last, int first_new, int length, bool recompute);
void slot_draw(const App *app, Canvas *canvas, int y, int x, SlotState state);

// A line of slots, from the first on.
typedef struct SlotLine {
    int length, first_new, capacity; // slots in use, the first that this step filled, room
    int width;                       // glyphs a slot takes: one for each head, if they fit
    int per_cell;                    // slots that a glyph stands for, when width is 1
} SlotLine;

SlotLine slot_line(int length, int first_new, int capacity, int n_heads, int n_columns);
void slot_line_draw(const App *app, Canvas *canvas, Rect rect, const SlotLine *line, bool recompute);

#endif
