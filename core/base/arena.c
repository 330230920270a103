#include "core/base/arena.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 1 << 16 };

struct ArenaBlock {
    ArenaBlock *next;
    size_t used, size;
    char bytes[]; // [size]
};

char *arena_take(Arena *arena, size_t n) {
    ArenaBlock *block = arena->blocks;
    if (!block || block->size - block->used < n) {
        size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        block = malloc(sizeof *block + size);
        if (!block) return NULL;
        *block = (ArenaBlock){.next = arena->blocks, .size = size};
        arena->blocks = block;
    }
    char *taken = block->bytes + block->used;
    block->used += n;
    return taken;
}

void arena_done(Arena *arena) {
    while (arena->blocks) {
        ArenaBlock *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
