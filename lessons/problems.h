// A list of what is wrong with a file. Start with {0}, end with problems_done().
#ifndef KVSTEP_PROBLEMS_H
#define KVSTEP_PROBLEMS_H

#include "core/base/error.h"

typedef struct Problems {
    const char *path; // borrowed
    char **lines;     // [n]: "PATH:LINE: what is wrong", in the order in which they were found
    int n;
} Problems;

__attribute__((format(printf, 3, 4))) void problems_add(Problems *problems, int line, const char *format,
                                                        ...);
void problems_done(Problems *problems);

#endif
