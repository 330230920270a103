// The document that a lesson's pointers look into: the trace of a Timeline, as traces/ writes it, with /step
// and /cache for the shown step. tui/lesson adds members for its views.
#ifndef KVSTEP_TRACE_DOCUMENT_H
#define KVSTEP_TRACE_DOCUMENT_H

#include <cjson/cJSON.h>

#include "core/record/timeline.h"

// A Step never changes: its JSON is kept while the Timeline has the Step.
typedef struct KnownStep {
    Step *step; // shared
    cJSON *json;
} KnownStep;

typedef struct TraceDocument {
    cJSON *json; // of the last trace_document_make()
    KnownStep *known;
    int n_known;
} TraceDocument; // {0} is an empty one

// Replaces document->json. `shown` is the index of the shown Step, -1 before the first. Free it with
// trace_document_done().
bool trace_document_make(TraceDocument *document, const Timeline *timeline, int shown, Error *err);
void trace_document_done(TraceDocument *document);

#endif
