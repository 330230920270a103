// A pool of threads for work that is cut into chunks: a few microseconds to start, and no more than a
// moment's waiting.
//
// * The caller works too. Each thread takes the next chunk that nobody has taken, so that a core which
// something else
//   keeps busy holds up no more than the chunk it has begun.
// * Threads are made when the first work comes that they can share. Without work they spin for some tens of
// microseconds,
//   in which the next product of the same pass usually arrives, and then sleep.
// * Two callers at a time, or a chunk that calls again: one gets the pool, the other works alone.
#ifndef KVSTEP_THREADS_H
#define KVSTEP_THREADS_H

#include <stddef.h>

typedef void ChunkFn(void *work, int chunk);

// Calls fn(work, chunk) once for each chunk 0 ... n_chunks-1, in any order and on any thread, and returns
// when all are done. What chunks write must not overlap.
void threads_run(ChunkFn *fn, void *work, int n_chunks);

// How many threads share work, the caller among them: OMP_NUM_THREADS or OPENBLAS_NUM_THREADS where they are
// set, otherwise the processors that this process may run on.
int threads_count(void);
// From now on n of them; 0: as many as at the start. For measurements and tests; not while work is running.
void threads_set(int n);

// A buffer of n floats that belongs to the calling thread until the thread ends or asks for more. NULL
// without memory.
float *threads_scratch(size_t n);

#endif
