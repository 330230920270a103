// Writing a trace: one JSON document that holds a Timeline, Step by Step as they come.
//
//     { "format" ... "axes": {...},      trace_writer_open()
//       "steps": [ {...},                trace_write_step(), once for each Step, in order
//                  {...} ],
//       "tokens": [...] }                trace_finish(): the last choice is known only now
//
// Interface:
// * trace_writer_open() or trace_writer_open_stream(), then the Steps, then trace_finish() or
//   trace_abandon().
// * A file appears under its name only with trace_finish(). Until then, after a kill or an error too, the
//   earlier file is there as it was.
// * Errors of writing are remembered and told by trace_finish().
#ifndef KVSTEP_TRACE_WRITE_H
#define KVSTEP_TRACE_WRITE_H

#include "core/base/json_writer.h"
#include "core/record/timeline.h"

typedef struct TraceWriter {
    Output output;
    JsonWriter json;
    Config config;
    SiteMask recorded;
    int n_source;
} TraceWriter;

// Writes the head. The timeline is only looked at during the call: it needs no Steps yet.
bool trace_writer_open(TraceWriter *writer, const char *path, const Timeline *timeline, Error *err);

// To a stream that is already open; `name` stands for it in errors ("standard output").
bool trace_writer_open_stream(TraceWriter *writer, FILE *stream, const char *name, const Timeline *timeline,
                              Error *err);

void trace_write_step(TraceWriter *writer, const Step *step);

// Writes the tokens and ends the writer. On an error the file is as it was before.
bool trace_finish(TraceWriter *writer, const Timeline *timeline, Error *err);
void trace_abandon(TraceWriter *writer);

// All of it at once.
bool trace_write_all(const char *path, const Timeline *timeline, Error *err);
bool trace_write_all_stream(FILE *stream, const char *name, const Timeline *timeline, Error *err);

#endif
