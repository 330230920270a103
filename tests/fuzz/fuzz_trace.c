// Fuzzes the trace reader: any bytes are refused or read. What was read is written, and that file must read
// back and write the same bytes again. It must draw, in a view and at a size taken from the input.
//
// The bytes go through a file in memory, because the reader takes a path.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/program.h"
#include "traces/trace_read.h"
#include "traces/trace_write.h"
#include "tui/app/draw.h"
#include "tui/app/input.h"

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

// In one view: the first Steps and the last one, with other rows and heads, and attention to the source.
static void draw_steps(const Timeline *timeline, const char *view_key, int n_rows, int n_columns) {
    static const char *const KEYS[] = {"Right", "Right", "End", "Up", "[", "x", "s", "?"};
    Error err;
    App app;
    Canvas canvas = {.ascii = n_rows % 2};
    if (!app_init(&app, &PROGRAM, timeline, NULL, &err) || !canvas_resize(&canvas, n_rows, n_columns))
        abort();
    app_key(&app, view_key);
    app_draw(&app, &canvas);
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        app_key(&app, KEYS[i]);
        app_draw(&app, &canvas);
    }
    canvas_done(&canvas);
    app_done(&app);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    Timeline *timeline, *again;
    Error err;
    if (!read_bytes(&timeline, bytes, n_bytes, &err)) return 0;
    const char view_key[] = {(char)('1' + (bytes[n_bytes / 2] + n_bytes) % 7), 0};
    draw_steps(timeline, view_key, 24 + bytes[n_bytes / 2] % 40, 80 + bytes[n_bytes / 3]);
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
