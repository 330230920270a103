// A value that an expression of a lesson has: how it is written, and whether a learner's answer says the
// same.
#ifndef KVSTEP_VALUE_H
#define KVSTEP_VALUE_H

#include <cjson/cJSON.h>

#include "core/base/error.h"

enum { VALUE_TEXT_BYTES = 256 };

typedef enum ValueKind { VALUE_NUMBER, VALUE_TEXT, VALUE_TRUTH, VALUE_ARRAY } ValueKind;

typedef struct Value {
    ValueKind kind;
    double number; // of a truth 0 or 1
    char text[VALUE_TEXT_BYTES];
    const cJSON *array; // the document's
} Value;

// Writes the value as `format` says: "0" to "9" digits after the point, "%" to "%9", "bytes", "count",
// "time", "sci", or "" for the usual way. An Error when the format is none of these, or not for such a value.
bool value_write(const Value *value, const char *format, char *out, size_t size, Error *err);

// How far a typed number may be from the answer: absolute, or a share of the answer. All zero: the usual way.
typedef struct Tolerance {
    double absolute, relative;
} Tolerance;
bool tolerance_read(const char *text, Tolerance *out, Error *err); // "0.05" or "10%"

// A number as people write one: 36864, 36,864, 36 KiB, 1/4, 25%, 6.6×, 1.2e-6. False when it is none.
bool number_read(const char *text, double *out);

// Whether what was typed says the value: a number within the tolerance, a text with or without the spaces and
// quotes around it.
bool value_matches(const Value *value, Tolerance tolerance, const char *typed);

#endif
