#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>

void error_write(Error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, _(format), args);
    va_end(args);
}
