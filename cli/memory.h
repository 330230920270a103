// The request of `kvstep memory`: memory.c reads it from the options, memory_print.c answers it.
#ifndef KVSTEP_CLI_MEMORY_H
#define KVSTEP_CLI_MEMORY_H

#include "core/cache/cache_sizes.h"

typedef struct MemoryRequest {
    char name[64];       // of the model; empty without one
    char reference[128]; // where the model's sizes are from
    CacheSizes sizes;
    const CacheDType *dtype;
    int64_t memory; // bytes to fill, or 0
} MemoryRequest;

void print_memory(const MemoryRequest *request);
void print_known_models(void);

// The same as JSON on standard output.
bool print_memory_json(const MemoryRequest *request, Error *err);
bool print_known_models_json(Error *err);

#endif
