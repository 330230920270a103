#include "core/record/step_pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, BLOCK_BYTES = 4 * HUGE_PAGE };

// Stands at the beginning of its block.
struct StepBlock {
    size_t n_bytes, used;
    int n_owners; // pieces in use, and the pool
};

static size_t round_up(size_t n, size_t unit) {
    return (n + unit - 1) / unit * unit;
}

static StepBlock *block_new(size_t n_bytes) {
    size_t mapped = n_bytes + HUGE_PAGE;
    char *start = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return NULL;
    char *aligned = start + (round_up((uintptr_t)start, HUGE_PAGE) - (uintptr_t)start);
    if (aligned > start) munmap(start, (size_t)(aligned - start));
    if (aligned < start + HUGE_PAGE) munmap(aligned + n_bytes, (size_t)(start + HUGE_PAGE - aligned));
#ifdef MADV_HUGEPAGE
    madvise(aligned, n_bytes, MADV_HUGEPAGE);
#endif
    StepBlock *block = (StepBlock *)(void *)aligned;
    *block = (StepBlock){n_bytes, round_up(sizeof *block, alignof(max_align_t)), 1};
    return block;
}

void step_pool_give_back(StepBlock *block) {
    if (block && --block->n_owners == 0) munmap(block, block->n_bytes);
}

void *step_pool_take(StepPool *pool, size_t n_bytes, StepBlock **out) {
    size_t n = round_up(n_bytes, alignof(max_align_t));
    StepBlock *block = pool->block;
    if (!block || block->used + n > block->n_bytes) {
        size_t least = round_up(sizeof *block, alignof(max_align_t)) + n;
        block = block_new(round_up(least > BLOCK_BYTES ? least : BLOCK_BYTES, HUGE_PAGE));
        if (!block) return NULL;
        step_pool_give_back(pool->block);
        pool->block = block;
    }
    void *piece = (char *)block + block->used;
    block->used += n;
    block->n_owners++;
    *out = block;
    return piece;
}

void step_pool_done(StepPool *pool) {
    step_pool_give_back(pool->block);
    pool->block = NULL;
}
