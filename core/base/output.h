// A file being written: either the new one is there whole, or the old one is there as it was.
//
// Interface:
// * output_open() starts a temporary file `.NAME.XXXXXX` beside the target; output_commit() flushes it to the
// disk and
//   renames it over the target; output_abandon() removes it. One of the two must end every Output.
// * output_stream() writes to a stream that is already open, such as stdout: nothing to rename, nothing to
// close.
// * output_write() remembers the first failure, so that nobody needs to look at it before the end.
// * A target that exists and is no regular file (a device, a pipe) is written in place: renaming would
// replace it.
#ifndef KVSTEP_OUTPUT_H
#define KVSTEP_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include "core/base/error.h"

typedef struct Output {
    FILE *stream;
    char *target;    // the name in errors, and where the file goes
    char *temporary; // NULL when the stream is written in place
    bool borrowed;   // the stream is the caller's
    int error;       // errno of the first failure, or 0
} Output;

bool output_open(Output *output, const char *path, Error *err);

// `name` stands for the stream in errors: "standard output".
bool output_stream(Output *output, FILE *stream, const char *name, Error *err);

void output_write(Output *output, const void *bytes, size_t n_bytes);

// Ends the Output. On an error the target is as it was before.
bool output_commit(Output *output, Error *err);
void output_abandon(Output *output);

#endif
