#include "lessons/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/array.h"
#include "core/base/language.h"

void problems_add(Problems *report, int line, const char *format, ...) {
    char what[900], text[1400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, _(format), args);
    va_end(args);
    snprintf(text, sizeof text, "%.400s:%d: %s", report->path, line, what);
    if (!array_grow((void **)&report->lines, report->n, sizeof *report->lines)) return;
    report->lines[report->n] = strdup(text);
    if (report->lines[report->n]) report->n++;
}

void problems_done(Problems *report) {
    for (int i = 0; i < report->n; i++) free(report->lines[i]);
    free(report->lines);
    *report = (Problems){.path = report->path};
}
