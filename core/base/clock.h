#ifndef KVSTEP_CLOCK_H
#define KVSTEP_CLOCK_H

#include <stdint.h>
#include <time.h>

// Nanoseconds since some fixed moment. They never go back.
static inline int64_t clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#endif
