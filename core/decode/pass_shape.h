// How large a pass is: what costs and the shapes of sites follow from, beside the model's sizes.
#ifndef KVSTEP_PASS_SHAPE_H
#define KVSTEP_PASS_SHAPE_H

#include <stdbool.h>

typedef struct PassShape {
    int n_rows;   // tokens that go in
    int n_keys;   // columns of attention: keys of earlier passes that the cache holds, and those of the rows
    int n_source; // rows of the encoder's output; 0 without cross-attention
    bool fills_cross; // K and V of the source are computed in this pass
} PassShape;

#endif
