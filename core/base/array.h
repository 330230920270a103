// Arrays that grow by one element at a time.
#ifndef KVSTEP_ARRAY_H
#define KVSTEP_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

// Adds a zeroed element to *array, which holds n elements of `size` bytes; the caller counts it. Start with
// *array NULL and n 0, grow by no other means, and free *array. Returns false, with nothing changed, when
// there is no memory.
bool array_grow(void **array, int n, size_t size);

#endif
