// The document that a lesson's pointers go into: the trace of a Timeline, as traces/ writes it, with /step
// and /cache pointing to the step that is shown. Whoever shows it adds its own members.
#ifndef KVSTEP_DOCUMENT_H
#define KVSTEP_DOCUMENT_H

#include <cjson/cJSON.h>

#include "core/record/timeline.h"

// A Step never changes: what was written of it once is kept while the Timeline has it.
typedef struct KnownStep {
    Step *step; // shared
    cJSON *json;
} KnownStep;

typedef struct TraceDocument {
    cJSON *json; // the document as it was made last
    KnownStep *known;
    int n_known;
} TraceDocument; // {0} is an empty one

// Makes document->json anew. `shown` is the index of the shown Step, -1 before the first.
bool trace_document_make(TraceDocument *document, const Timeline *timeline, int shown, Error *err);
void trace_document_done(TraceDocument *document);

#endif
