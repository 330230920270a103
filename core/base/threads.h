// A pool of threads for work that is cut into chunks. Starting a job takes a few microseconds.
//
// * The caller works too. Each thread takes the next free chunk, so a core that another program keeps busy
//   delays only the chunk it has begun.
// * Threads are made for the first work that they can share. Without work they spin for some tens of
//   microseconds, in which the next product of the same pass usually arrives, and then sleep.
// * There may be two callers at a time, and a chunk may call again: one of them gets the pool, the other
//   computes all its chunks alone.
#ifndef KVSTEP_THREADS_H
#define KVSTEP_THREADS_H

#include <stddef.h>

typedef void ChunkFn(void *work, int chunk);

// Calls fn(work, chunk) once for each chunk 0 ... n_chunks-1, in any order and on any thread, and returns
// when all are done. What chunks write must not overlap.
void threads_run(ChunkFn *fn, void *work, int n_chunks);

// How many threads share work, the caller among them: OMP_NUM_THREADS or OPENBLAS_NUM_THREADS when set,
// otherwise the number of processors that this process may run on.
int threads_count(void);

// Sets that number; 0 restores the default. For measurements and tests. Do not call it while work is
// running.
void threads_set(int n);

// A buffer of n floats that belongs to the calling thread; its next call may move it. NULL when there is no
// memory.
float *threads_scratch(size_t n);

#endif
