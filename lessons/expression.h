// Expressions of a lesson: what a document of the decoder's state says, and a little arithmetic.
// docs/lessons.md has the language.
#ifndef KVSTEP_EXPRESSION_H
#define KVSTEP_EXPRESSION_H

#include "lessons/value.h"

// The value of the expression in the document. An Error says what is wrong, or which pointer leads nowhere.
bool expression_value(const char *expression, const cJSON *document, Value *out, Error *err);

// The text with each {{expression}} or {{expression|format}} as the document has it. On the heap; NULL with
// an Error.
char *expression_fill(const char *text, const cJSON *document, Error *err);

#endif
