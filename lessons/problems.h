// What is wrong with a file, each with its line, in the order of finding it.
#ifndef KVSTEP_PROBLEMS_H
#define KVSTEP_PROBLEMS_H

#include "core/base/error.h"

typedef struct Problems {
    const char *path; // the caller's
    char **lines;     // "PATH:LINE: what is wrong"
    int n;
} Problems;

__attribute__((format(printf, 3, 4))) void problems_add(Problems *problems, int line, const char *format,
                                                        ...);
void problems_done(Problems *problems);

#endif
