// Slots of a KV cache as glyphs; shared by the cache panel and the cache view.
#ifndef KVSTEP_TUI_SLOTS_H
#define KVSTEP_TUI_SLOTS_H

#include "tui/app/app.h"

typedef enum SlotMark {
    MARK_FREE,  // ·
    MARK_READ,  // ■ read back in this step
    MARK_NEW,   // □ computed in this step for the first time
    MARK_WASTE, // ▨ recomputed in this step although a cache would hold it
} SlotMark;

// Of slots up to `last`, when those from first_new on are new; `length` are in use.
SlotMark slot_mark(int last, int first_new, int length, bool recompute);
void slot_draw(const App *app, Canvas *canvas, int y, int x, SlotMark state);

// A line of slots, from the first one.
typedef struct SlotLine {
    int length, first_new, capacity; // slots in use, first slot filled in this step, total slots
    int width;                       // glyphs per slot: one per head, if they fit
    int per_cell;                    // slots per glyph, if width is 1
} SlotLine;

SlotLine slot_line(int length, int first_new, int capacity, int n_heads, int n_columns);
void slot_line_draw(const App *app, Canvas *canvas, Rect rect, const SlotLine *line, bool recompute);

#endif
