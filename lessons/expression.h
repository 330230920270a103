// Expressions of a lesson: JSON Pointers into the trace document (trace_document.h) and arithmetic on what
// they find. docs/lessons.md defines the language.
#ifndef KVSTEP_EXPRESSION_H
#define KVSTEP_EXPRESSION_H

#include "lessons/value.h"

// Computes the value of an expression. An array in *out belongs to the document. The Error says what is
// wrong, or which pointer finds nothing.
bool expression_value(const char *expression, const cJSON *document, Value *out, Error *err);

// Returns the text with the value of each {{expression}} or {{expression|format}} in its place, on the heap;
// NULL after an error.
char *expression_fill(const char *text, const cJSON *document, Error *err);

#endif
