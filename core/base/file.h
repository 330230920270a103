// Reads whole files: mapped for weights, parsed for JSON. Anything but a regular file is refused.
#ifndef KVSTEP_FILE_H
#define KVSTEP_FILE_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/base/error.h"

typedef struct Mapping {
    const unsigned char *bytes; // [n_bytes], read-only
    size_t n_bytes;
} Mapping;

// Map the file at `path`; unmap it. While a file is mapped no other program may shorten it: that is a SIGBUS.
bool mapping_open(Mapping *mapping, const char *path, Error *err);
void mapping_close(Mapping *mapping);

bool file_exists(const char *path);
bool file_exists_in(const char *folder, const char *name);

// Reads a JSON file of at most max_bytes. The caller frees *out with cJSON_Delete. Errors name the line.
bool json_load(cJSON **out, const char *path, size_t max_bytes, Error *err);

// Parses n_bytes of JSON in memory, likewise; `path` is the file that errors name.
bool json_parse(cJSON **out, const char *text, size_t n_bytes, const char *path, Error *err);

#endif
