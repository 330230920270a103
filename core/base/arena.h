// Many small pieces of memory that are freed together.
#ifndef KVSTEP_ARENA_H
#define KVSTEP_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *blocks; // newest first
} Arena;                // {0} is an empty one

// n bytes, not aligned: for text. NULL when there is no memory. n may be 0: the address is a valid one all
// the same.
char *arena_take(Arena *arena, size_t n);
void arena_done(Arena *arena);

#endif
