// The value of a lesson's expression: how to write it, and whether a learner's answer matches it.
#ifndef KVSTEP_VALUE_H
#define KVSTEP_VALUE_H

#include <cjson/cJSON.h>

#include "core/base/error.h"

enum { VALUE_TEXT_BYTES = 256 };

typedef enum ValueKind { VALUE_NUMBER, VALUE_TEXT, VALUE_TRUTH, VALUE_ARRAY } ValueKind;

typedef struct Value {
    ValueKind kind;
    double number;               // VALUE_TRUTH: 0 or 1
    char text[VALUE_TEXT_BYTES]; // VALUE_TEXT
    const cJSON *array;          // VALUE_ARRAY, borrowed from the document
} Value;

// Writes the value into out[size]. `format` is "0" to "9" (digits after the point), "%" to "%9", "bytes",
// "count", "time", "sci", or "" for the default of the kind. Fails for other formats, and for those that the
// value cannot have.
bool value_write(const Value *value, const char *format, char *out, size_t size, Error *err);

// How far a typed number may be from the answer, and which share of the answer. Both zero: the default
// tolerance, by the digits that were typed.
typedef struct Tolerance {
    double absolute, relative;
} Tolerance;
bool tolerance_read(const char *text, Tolerance *out, Error *err); // "0.05" or "10%"

// Reads a number as people write it: 36864, 36,864, 36 KiB, 1/4, 25%, 6.6×, 1.2e-6. Returns false for other
// texts.
bool number_read(const char *text, double *out);

// Whether the typed answer matches: a number within the tolerance; a text, with or without spaces and quotes
// around it.
bool value_matches(const Value *value, Tolerance tolerance, const char *typed);

#endif
