#include "lessons/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/array.h"
#include "core/base/language.h"

void problems_add(Problems *problems, int line, const char *format, ...) {
    char what[900], text[1400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, _(format), args);
    va_end(args);
    snprintf(text, sizeof text, "%.400s:%d: %s", problems->path, line, what);
    if (!array_grow((void **)&problems->lines, problems->n, sizeof *problems->lines)) return;
    problems->lines[problems->n] = strdup(text);
    if (problems->lines[problems->n]) problems->n++;
}

void problems_done(Problems *problems) {
    for (int i = 0; i < problems->n; i++) free(problems->lines[i]);
    free(problems->lines);
    *problems = (Problems){.path = problems->path};
}
