#include "core/base/array.h"

#include <stdlib.h>
#include <string.h>

// The capacity is the power of two at or above n: it doubles when n reaches it.
bool array_grow(void **array, int n, size_t size) {
    if ((n & (n - 1)) == 0) {
        void *larger = realloc(*array, (n ? 2 * (size_t)n : 1) * size);
        if (!larger) return false;
        *array = larger;
    }
    memset((char *)*array + (size_t)n * size, 0, size);
    return true;
}
