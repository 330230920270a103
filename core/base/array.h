// Arrays that grow by one.
#ifndef KVSTEP_ARRAY_H
#define KVSTEP_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

// Makes room for element number n of *array, whose elements so far are n of `size` bytes; the new one is all
// zero. False when there is no memory: nothing has changed then.
bool array_grow(void **array, int n, size_t size);

#endif
