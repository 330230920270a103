// Writes JSON, value by value, in a layout that people can read.
//
// Interface:
// * Give every value a name inside an object, and NULL inside an array.
// * json_begin_object() and json_begin_array() open a level; json_end() closes the innermost one.
// * JSON_LINES puts each member on a line of its own; JSON_INLINE puts all of them on one line.
// * A float is written with six digits when they give the same float back, else with nine. NaN and infinities
//   are written as null.
// * A text may hold any bytes. Each byte that is not UTF-8, and each NUL, becomes U+FFFD; json_text() then
//   returns false, and the caller can write the bytes themselves with json_bytes(). Control and format
//   characters are escaped: the output is safe in a terminal.
// * Write errors stay in the Output: output_commit() reports them.
//
// LC_NUMERIC must be "C", whose decimal point is that of JSON.
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
