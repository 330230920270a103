// Memory for the Steps of a Session: large blocks in huge pages, from which each Step takes the next piece.
//
// A Step with every number of a small model is some hundred kB that nobody has touched before; in pages of 4
// kB their first touch takes longer than to compute the numbers. A block goes back to the system when the
// last Step in it is freed and the pool has moved on.
#ifndef KVSTEP_STEP_POOL_H
#define KVSTEP_STEP_POOL_H

#include <stddef.h>

typedef struct StepBlock StepBlock;

typedef struct StepPool {
    StepBlock *block; // the one that pieces are taken from; NULL before the first
} StepPool;

// n_bytes of zeros. *block is what step_pool_give_back() wants to have. NULL when there is no memory.
void *step_pool_take(StepPool *pool, size_t n_bytes, StepBlock **block);
void step_pool_give_back(StepBlock *block); // one piece less is in use
void step_pool_done(StepPool *pool);        // Steps that are still there keep their blocks

#endif
