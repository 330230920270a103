// The memory view: its factors, which memory_factors.c changes, and its parts, which are drawn apart.
#ifndef KVSTEP_TUI_MEMORY_H
#define KVSTEP_TUI_MEMORY_H

#include "tui/app/app.h"
#include "tui/screen/format.h"

// What the keys change, in the order in which they select it: App.factor.
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

bool memory_has_factor(const App *app, Factor factor); // only an encoder-decoder has a source
int64_t memory_factor(const App *app, Factor factor);  // its value; of FACTOR_DTYPE the bits
Formatted memory_factor_text(const App *app, Factor factor);
// Where the value stands among the useful ones, from 0, the least, to 1.
double memory_factor_share(const App *app, Factor factor);

// The sizes in the list of models: row 0 is this model, row N is KNOWN_MODELS[N - 1]; each as its publisher
// states it.
CacheSizes memory_row_sizes(const App *app, int row);
const char *memory_row_name(const App *app, int row);
// Whether the sizes are no longer those of App.sizes_of.
bool memory_is_changed(const App *app);

// The list of models with bars, in the rectangle.
void memory_models_draw(const App *app, Canvas *canvas, Rect rect);

// The App has another model: its sizes, and of no other.
void memory_view_reset(App *app);

// What the commands do. "+1", "-1", "N": selects a factor; "NAME VALUE": sets one, such as "length 4096".
bool memory_view_factor(App *app, const char *argument, Error *err);
// Makes the selected factor the next larger (by > 0) or smaller useful number.
bool memory_view_change(App *app, int by, Error *err);
// The sizes of the App's model (""), or of a known one by its name (memory.h) or the number of its row.
bool memory_view_sizes(App *app, const char *argument, Error *err);

#endif
