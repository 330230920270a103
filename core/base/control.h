// Lets another thread cancel long work and see how far it is.
#ifndef KVSTEP_CONTROL_H
#define KVSTEP_CONTROL_H

#include <stdatomic.h>
#include <stdbool.h>

// A function that takes a Control also takes NULL.
typedef struct Control {
    atomic_bool cancel; // set it to stop the work, after the present tensor, layer or Step: the work then
                        // fails with the Error "cancelled"
    // Of total: bytes of weights; rows × layers, over all passes of a Step; Steps written
    atomic_llong done;
    atomic_llong total; // 0 until it is known
} Control;

static inline bool control_is_cancelled(const Control *control) {
    return control && atomic_load_explicit(&control->cancel, memory_order_relaxed);
}

static inline void control_begin(Control *control, long long total) {
    if (!control) return;
    atomic_store_explicit(&control->done, 0, memory_order_relaxed);
    atomic_store_explicit(&control->total, total, memory_order_relaxed);
}

static inline void control_advance(Control *control, long long by) {
    if (control) atomic_fetch_add_explicit(&control->done, by, memory_order_relaxed);
}

static inline int control_percent(const Control *control) {
    long long total = atomic_load_explicit(&control->total, memory_order_relaxed);
    return total > 0 ? (int)(100 * atomic_load_explicit(&control->done, memory_order_relaxed) / total) : 0;
}

#endif
