// What is in a slot of the cache, and what a pass did to it.
#ifndef KVSTEP_SLOT_H
#define KVSTEP_SLOT_H

#include "core/math/place.h"

// A slot can have met several of these in one pass.
typedef enum SlotEvent {
    SLOT_STORED = 1,     // a row of the pass was written into it
    SLOT_READ = 2,       // filled by an earlier pass, and read by this one
    SLOT_EVICTED = 4,    // its token left
    SLOT_MOVED = 8,      // its token came from another slot
    SLOT_SHARED = 16,    // another sequence holds it too
    SLOT_QUANTISED = 32, // its numbers were stored with fewer bits
} SlotEvent;

enum { SLOT_EVENT_COUNT = 6 };
extern const char *const SLOT_EVENT_NAMES[SLOT_EVENT_COUNT]; // of bit 0, bit 1, ...: "stored", "read", ...

typedef struct Slot {
    Place place;
    int number;      // in the cache, from 0
    unsigned events; // SlotEvents
} Slot;

#endif
