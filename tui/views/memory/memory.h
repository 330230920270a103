// The memory view: its factors, which factors.c changes, and its parts, which are drawn apart.
#ifndef KVSTEP_TUI_MEMORY_H
#define KVSTEP_TUI_MEMORY_H

#include "core/cache/cache_sizes.h"
#include "tui/app/app.h"
#include "tui/screen/format.h"

// What the keys change, in the order in which they select it.
typedef enum Factor {
    FACTOR_LAYERS,
    FACTOR_HEADS, // query heads: not in the formula, but the KV heads divide them
    FACTOR_KV_HEADS,
    FACTOR_D_HEAD,
    FACTOR_LENGTH,
    FACTOR_SOURCE, // of an encoder-decoder
    FACTOR_BATCH,
    FACTOR_DTYPE,  // of the numbers, by its bits
    FACTOR_MEMORY, // that tokens are to fit into
    FACTOR_MODEL,  // whose sizes they are
    N_FACTORS
} Factor;

extern const char *const FACTOR_NAMES[N_FACTORS];

typedef struct MemoryView {
    const Timeline *run; // of this model
    CacheSizes sizes;    // as they are changed
    int row;             // whose they were before, in the list of models
    int64_t memory;      // the bytes that tokens are to fit into
    Factor factor;       // which of them the keys change
} MemoryView;

bool memory_has_factor(const MemoryView *view, Factor factor); // only an encoder-decoder has a source
int64_t memory_factor(const MemoryView *view, Factor factor);  // its value; of FACTOR_NUMBER the bits
Formatted memory_factor_text(const MemoryView *view, Factor factor);
// Where the value stands among the useful ones, from 0, the least, to 1.
double memory_factor_share(const MemoryView *view, Factor factor);

// The sizes in the list of models: row 0 is this model, row N is KNOWN_MODELS[N - 1]; each as its publisher
// states it.
CacheSizes memory_row_sizes(const MemoryView *view, int row);
const char *memory_row_name(const MemoryView *view, int row);
// Whether the sizes are no longer those of the row.
bool memory_is_changed(const MemoryView *view);

// The list of models with bars, in the rectangle.
void memory_models_draw(const MemoryView *view, Canvas *canvas, Rect rect);

// What commands and keys do. All of another Session: this model's sizes.
void memory_reset(MemoryView *view, const Timeline *run);
// Takes the sizes of a row of the list.
void memory_take_row(MemoryView *view, int row);
// The row of "": this model's, of a known model's name, or of the number of a row.
bool memory_find_row(const char *text, int *row, Error *err);
// A factor by its number or its name, or the beginning of it, with "n_" or without.
bool memory_find_factor(const MemoryView *view, Text name, Factor *out, Error *err);
// Sets a factor to a value; false when the sizes would not go together. All but FACTOR_MODEL.
bool memory_set(MemoryView *view, Factor factor, int64_t value, Error *err);
// Likewise from text, "4096", "bf16", "24GB".
bool memory_set_from_text(MemoryView *view, Factor factor, const char *text, Error *err);
// The next larger (by > 0) or smaller useful value of a factor; the present one after the last.
int64_t memory_next(const MemoryView *view, Factor factor, int by);

#endif
