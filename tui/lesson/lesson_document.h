// The document of a lesson (lessons/trace_document.h) of what an App shows: with /screen, /counts, /totals,
// and what the views tell of themselves, such as /memory.
#ifndef KVSTEP_LESSON_DOCUMENT_H
#define KVSTEP_LESSON_DOCUMENT_H

#include "lessons/trace_document.h"
#include "tui/app/app.h"

bool lesson_document(TraceDocument *document, const App *app, Error *err);

#endif
