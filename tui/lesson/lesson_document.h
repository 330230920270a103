// Builds a lesson's document (lessons/document.h) from an App: the trace, and /screen, /counts, /totals and
// /memory.
#ifndef KVSTEP_LESSON_DOCUMENT_H
#define KVSTEP_LESSON_DOCUMENT_H

#include "lessons/trace_document.h"
#include "tui/app/app.h"

bool lesson_document(TraceDocument *document, const App *app, Error *err);

#endif
