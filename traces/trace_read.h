// Reading a trace back into a Timeline that any view can draw, with no model present.
//
// The file comes from outside. Everything in it is checked before it is used: types, ranges, the lengths of
// arrays against the sizes that the head declares, Steps that follow on each other, text that is UTF-8.
// Memory is asked for only when as many numbers are really there. Unknown members are ignored, so a later 2.x
// can add members.
//
// Writing what was read gives the same file again, byte for byte.
#ifndef KVSTEP_TRACE_READ_H
#define KVSTEP_TRACE_READ_H

#include "core/record/timeline.h"

// The caller frees *out with trace_free(). An error names the file, the place in it, what was expected and
// found.
bool trace_read(Timeline **out, const char *path, Error *err);

// Only for a Timeline that trace_read() made.
void trace_free(Timeline *timeline);

#endif
