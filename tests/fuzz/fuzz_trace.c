// Fuzzes the trace reader: any bytes are refused or read. What was read is written, and that file must read back and
// write the same bytes again.
//
// The bytes go through a file in memory, because the reader takes a path.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "traces/trace_read.h"
#include "traces/trace_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static bool read_bytes(Timeline **out, const void *bytes, size_t n_bytes, Error *err) {
    char path[64];
    int file = memfd_create("trace", MFD_CLOEXEC);
    if (file < 0 || write(file, bytes, n_bytes) != (ssize_t)n_bytes) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    bool ok = trace_read(out, path, err);
    close(file);
    return ok;
}

// On the heap.
static char *write_bytes(const Timeline *timeline, size_t *n_bytes) {
    char *bytes = NULL;
    Error err;
    FILE *stream = open_memstream(&bytes, n_bytes);
    if (!stream || !trace_write_all_stream(stream, "memory", timeline, &err)) abort();
    fclose(stream);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    Timeline *timeline, *again;
    Error err;
    if (!read_bytes(&timeline, bytes, n_bytes, &err)) return 0;
    size_t n_first, n_second;
    char *first = write_bytes(timeline, &n_first);
    if (!read_bytes(&again, first, n_first, &err)) {
        fprintf(stderr, "what was written is not read: %s\n", err.text);
        abort();
    }
    char *second = write_bytes(again, &n_second);
    if (n_first != n_second || memcmp(first, second, n_first) != 0) abort();
    free(first);
    free(second);
    trace_free(timeline);
    trace_free(again);
    return 0;
}
