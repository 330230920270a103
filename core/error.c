#include "error.h"

#include <stdarg.h>
#include <stdio.h>

bool error_set(Error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

bool error_memory(Error *err, const char *what, double n_bytes) {
    return error_set(err, "not enough memory for %s: %.1f MB were asked for; close other programs or use a shorter prompt",
                     what, n_bytes / 1e6);
}
