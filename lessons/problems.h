// What is wrong with a file, each with its line, in the order of finding it.
#ifndef KVSTEP_REPORT_H
#define KVSTEP_REPORT_H

#include "core/base/error.h"

typedef struct Report {
    const char *path; // the caller's
    char **lines;     // "PATH:LINE: what is wrong"
    int n;
} Report;

__attribute__((format(printf, 3, 4))) void report_add(Report *report, int line, const char *format, ...);
void report_done(Report *report);

#endif
