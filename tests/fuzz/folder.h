// For fuzz targets that read a folder: writes the parts of an input as files, in $TMPDIR or else /dev/shm.
#ifndef KVSTEP_TESTS_FUZZ_FOLDER_H
#define KVSTEP_TESTS_FUZZ_FOLDER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

// This process's folder, made at the first call.
static const char *fuzz_folder(void) {
    static char path[4096];
    const char *base = getenv("TMPDIR");
    if (path[0]) return path;
    snprintf(path, sizeof path, "%s/kvstep-fuzz-XXXXXX", base ? base : "/dev/shm");
    if (!mkdtemp(path)) abort();
    return path;
}

static void fuzz_write(const char *name, const uint8_t *bytes, size_t n_bytes) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    FILE *file = fopen(path, "wb");
    if (!file || (n_bytes && fwrite(bytes, n_bytes, 1, file) != 1) || fclose(file) != 0) abort();
}

// An input is a JSON text, a NUL, and the rest. Returns the length of the first part.
static size_t fuzz_first_part(const uint8_t *bytes, size_t n_bytes) {
    const uint8_t *nul = n_bytes ? memchr(bytes, 0, n_bytes) : NULL;
    return nul ? (size_t)(nul - bytes) : n_bytes;
}

#endif
