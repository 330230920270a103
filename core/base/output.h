// Writes a file all or nothing: until output_commit() succeeds, the target stays as it was.
//
// Interface:
// * output_open() starts a temporary file `.NAME.XXXXXX` beside the target. output_commit() flushes it to the
//   disk and renames it over the target; output_abandon() removes it. End every Output with one of the two.
// * output_stream() writes to a stream that is open already, such as stdout. It is neither renamed nor
//   closed.
// * output_write() keeps the first error for output_commit() to report: check nothing in between.
// * A target that exists and is no regular file (a device, a pipe) is written in place, because renaming
//   would replace it.
#ifndef KVSTEP_OUTPUT_H
#define KVSTEP_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"

typedef struct Output {
    FILE *stream;
    char *target;    // where the file goes; errors name it
    char *temporary; // NULL when the stream is written in place
    bool borrowed;   // the stream is the caller's
    int error;       // errno of the first failure, or 0
} Output;

bool output_open(Output *output, const char *path, Error *err);

// Errors name the stream by `name`, such as "standard output".
bool output_stream(Output *output, FILE *stream, const char *name, Error *err);

void output_write(Output *output, const void *bytes, size_t n_bytes);

// Both end the Output. After an error of output_commit() the target is as it was before.
bool output_commit(Output *output, Error *err);
void output_abandon(Output *output);

#endif
