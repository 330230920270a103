// Which token a row or a column of attention is: of which sequence, which of its tokens, and at which
// position.
//
// `token` counts the tokens of the sequence from 0. `position` is what the model's position encoding is
// given: the same number, unless a cache policy counts positions within the cache.
#ifndef KVSTEP_PLACE_H
#define KVSTEP_PLACE_H

#include <stdbool.h>

typedef struct Place {
    int sequence;
    int token;
    int position;
} Place;

// The causal mask: whether the row of the token at `row` may look at the key of the token at `key`. `window`
// counts the keys that a row sees, itself among them; 0: all before it.
static inline bool place_sees(Place row, Place key, int window) {
    return key.sequence == row.sequence && key.token <= row.token &&
           (window == 0 || key.token > row.token - window);
}

// The first token that the row of `token` sees under such a window.
static inline int place_first_seen(int window, int token) {
    return window > 0 && token + 1 > window ? token + 1 - window : 0;
}

#endif
