// What a cache keeps. A policy is a table; each has a file of its own, policy_NAME.c.
#ifndef KVSTEP_POLICY_H
#define KVSTEP_POLICY_H

#include <stdbool.h>

typedef struct Cache Cache;

typedef struct CachePolicy {
    const char *name; // in traces and on the command line
    // Which slots leave before n_rows more rows come: writes them into slots[n_rows], in rising order, and
    // returns how many. The rows take their places. NULL: nothing ever leaves.
    int (*evict)(const Cache *cache, int n_rows, int *slots);
} CachePolicy;

extern const CachePolicy POLICY_FULL; // every token stays

#endif
