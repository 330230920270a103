// Memory for many small texts, freed all at once.
#ifndef KVSTEP_ARENA_H
#define KVSTEP_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *blocks; // newest first
} Arena;                // {0} is an empty one

// Returns n bytes that are not aligned, valid until arena_done(); NULL when there is no memory. n may be 0.
char *arena_take(Arena *arena, size_t n);

// Frees everything and leaves an empty arena.
void arena_done(Arena *arena);

#endif
