#ifndef KVSTEP_CONTROL_H
#define KVSTEP_CONTROL_H

#include <stdatomic.h>

// How another thread stops a pass and sees how far it is.
typedef struct Control {
    atomic_bool cancel; // set, it stops the pass between two layers
    atomic_llong done;  // rows × layers computed so far, over all passes of a Step
} Control;

#endif
