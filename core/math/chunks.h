// How a product is cut into chunks for threads: what linear.c and attention.c share. For core/math alone.
#ifndef KVSTEP_CHUNKS_H
#define KVSTEP_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/threads.h"

// Measured with `make bench`.
enum {
    SHARED_BYTES = 400 << 10, // a matrix or cache below this is read by the caller alone
    SHARED_FLOPS = 8000000,   // a product of many rows below this stays on the caller
    CHUNKS_PER_THREAD = 4,    // more chunks than threads: a slow core takes fewer
};

static inline int min_int(int a, int b) {
    return a < b ? a : b;
}

static inline int divide_up(int64_t a, int64_t b) {
    return (int)((a + b - 1) / b);
}

// The length of each of n_chunks equal chunks of n rows, rounded up to a multiple of 4.
static inline int chunk_length(int n, int n_chunks) {
    return (divide_up(n, n_chunks) + 3) / 4 * 4;
}

// Runs fn(work, chunk) for every chunk: on all threads, or on the caller alone.
static inline void run_chunks(ChunkFn *fn, void *work, int n_chunks, bool shared) {
    if (shared)
        threads_run(fn, work, n_chunks);
    else
        for (int chunk = 0; chunk < n_chunks; chunk++) fn(work, chunk);
}

#endif
