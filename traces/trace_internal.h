// The parts of a trace, each read from its own JSON tree into a Timeline. For trace_read.c alone.
#ifndef KVSTEP_TRACE_INTERNAL_H
#define KVSTEP_TRACE_INTERNAL_H

#include "core/base/json_reader.h"
#include "core/record/timeline.h"

// A Timeline that owns what it points to.
typedef struct Trace {
    Timeline timeline;
    Arena texts;
    int step_capacity; // of timeline.steps
    bool newer;        // a later minor version than ours: it may name sites that we do not know
} Trace;

bool trace_read_format(Trace *trace, const JsonNode *node, Error *err);
bool trace_read_version(Trace *trace, const JsonNode *node, Error *err);
bool trace_read_model(Trace *trace, const JsonNode *node, Error *err);
bool trace_read_run(Trace *trace, const JsonNode *node, Error *err);
bool trace_read_machine(Trace *trace, const JsonNode *node, Error *err);
bool trace_read_source(Trace *trace, const JsonNode *node, Error *err);
bool trace_read_axes(Trace *trace, const JsonNode *node, Error *err);
bool trace_read_tokens(Trace *trace, const JsonNode *node, Error *err);

bool trace_read_cost(const JsonNode *costs, const char *name, Cost *cost, Error *err);

// Takes one more Step into the Timeline.
bool trace_read_step(Trace *trace, const JsonNode *node, Error *err);

#endif
