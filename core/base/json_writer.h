// JSON written as it comes, one value after the other, in a layout that people can read too.
//
// Interface:
// * Every value has a name inside an object and NULL inside an array.
// * json_begin_object() and json_begin_array() open a level, json_end() closes the innermost one.
// * JSON_LINES puts each member on a line of its own, JSON_INLINE all of them on one line.
// * A number has as many digits as a float needs to come back exactly: six when they do, else nine. What is
// not a
//   finite number is null.
// * Text may be any bytes. What is not UTF-8, and NUL, becomes U+FFFD, a byte each; json_text() says whether
// that
//   happened, so that the caller can add the bytes themselves. Control and format characters are escaped, so
//   that looking at the output in a terminal is safe.
//
// The decimal point is the one of LC_NUMERIC, which stays "C": the program sets LC_CTYPE and nothing else.
#ifndef KVSTEP_JSON_WRITER_H
#define KVSTEP_JSON_WRITER_H

#include <stdint.h>

#include "core/base/output.h"
#include "core/base/text.h"

typedef enum JsonLayout { JSON_LINES, JSON_INLINE } JsonLayout;

enum { JSON_MAX_LEVELS = 16 };

typedef struct JsonLevel {
    char close; // '}' or ']'
    JsonLayout layout;
    bool has_values;
} JsonLevel;

typedef struct JsonWriter {
    Output *output;
    JsonLevel levels[JSON_MAX_LEVELS];
    int n_levels;
} JsonWriter;

void json_writer_init(JsonWriter *writer, Output *output);

void json_begin_object(JsonWriter *writer, const char *name, JsonLayout layout);
void json_begin_array(JsonWriter *writer, const char *name, JsonLayout layout);
void json_end(JsonWriter *writer);

void json_int(JsonWriter *writer, const char *name, int64_t value);
void json_float(JsonWriter *writer, const char *name, float value);
void json_bool(JsonWriter *writer, const char *name, bool value);
void json_null(JsonWriter *writer, const char *name);
void json_string(JsonWriter *writer, const char *name, const char *value);
bool json_text(JsonWriter *writer, const char *name, Text text); // false: some bytes were replaced

// Arrays of numbers, compact on one line.
void json_floats(JsonWriter *writer, const char *name, const float *values, size_t n);
void json_bytes(JsonWriter *writer, const char *name, Text text);

#endif
