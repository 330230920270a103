// The causal mask of a pass: which columns of attention each row may look at, by what they are.
#ifndef KVSTEP_MASK_H
#define KVSTEP_MASK_H

#include "core/math/place.h"

// What one row sees lies in columns first ... end-1. `holes`: some of these are hidden all the same.
typedef struct MaskRow {
    int first, end;
    bool holes;
} MaskRow;

// KV heads whose keys are the same tokens share a group; with one group, all do.
typedef struct Mask {
    int n_groups, n_rows, n_keys;
    int window;        // keys that a row sees, itself among them; 0: all before it
    const Place *rows; // [n_rows]
    const Place *keys; // [n_groups, n_keys]
    MaskRow *visible;  // [n_groups, n_rows]: mask_fill() writes it
} Mask;

void mask_fill(Mask *mask);

static inline bool mask_sees(const Mask *mask, int group, int row, int key) {
    return place_sees(mask->rows[row], mask->keys[(long)group * mask->n_keys + key], mask->window);
}

#endif
