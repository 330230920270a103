// A stack of open levels tells what goes before the next value: a comma, a space, a line break and its
// indent.
//
// Interface: json_writer.h.
#include "core/base/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { INDENT = 2, NUMBER_SIZE = 32 };

static void put(JsonWriter *writer, const char *string) {
    output_write(writer->output, string, strlen(string));
}

static void new_line(JsonWriter *writer) {
    char line[1 + INDENT * JSON_MAX_LEVELS + 1];
    snprintf(line, sizeof line, "\n%*s", INDENT * writer->n_levels, "");
    put(writer, line);
}

void json_writer_init(JsonWriter *writer, Output *output) {
    *writer = (JsonWriter){.output = output};
}

static bool write_string(JsonWriter *writer, Text text);

// Writes what goes before a value: comma, space or line break, name.
static void start_value(JsonWriter *writer, const char *name) {
    if (writer->n_levels > 0) {
        JsonLevel *level = &writer->levels[writer->n_levels - 1];
        assert((level->close == '}') == (name != NULL));
        if (level->has_values) put(writer, level->layout == JSON_LINES ? "," : ", ");
        if (level->layout == JSON_LINES) new_line(writer);
        level->has_values = true;
    }
    if (!name) return;
    write_string(writer, text_from(name));
    put(writer, ": ");
}

static void begin(JsonWriter *writer, const char *name, JsonLayout layout, const char *open, char close) {
    start_value(writer, name);
    put(writer, open);
    assert(writer->n_levels < JSON_MAX_LEVELS);
    writer->levels[writer->n_levels++] = (JsonLevel){.close = close, .layout = layout};
}

void json_begin_object(JsonWriter *writer, const char *name, JsonLayout layout) {
    begin(writer, name, layout, "{", '}');
}

void json_begin_array(JsonWriter *writer, const char *name, JsonLayout layout) {
    begin(writer, name, layout, "[", ']');
}

void json_end(JsonWriter *writer) {
    assert(writer->n_levels > 0);
    JsonLevel level = writer->levels[--writer->n_levels];
    if (level.layout == JSON_LINES && level.has_values) new_line(writer);
    output_write(writer->output, &level.close, 1);
    if (writer->n_levels == 0) put(writer, "\n");
}

static void format_float(char out[NUMBER_SIZE], float value) {
    if (!isfinite(value)) {
        strcpy(out, "null");
        return;
    }
    snprintf(out, NUMBER_SIZE, "%.6g", (double)value);
    if (strtof(out, NULL) != value) snprintf(out, NUMBER_SIZE, "%.9g", (double)value);
}

void json_int(JsonWriter *writer, const char *name, int64_t value) {
    char number[NUMBER_SIZE];
    snprintf(number, sizeof number, "%" PRId64, value);
    start_value(writer, name);
    put(writer, number);
}

void json_float(JsonWriter *writer, const char *name, float value) {
    char number[NUMBER_SIZE];
    format_float(number, value);
    start_value(writer, name);
    put(writer, number);
}

void json_bool(JsonWriter *writer, const char *name, bool value) {
    start_value(writer, name);
    put(writer, value ? "true" : "false");
}

void json_null(JsonWriter *writer, const char *name) {
    start_value(writer, name);
    put(writer, "null");
}

void json_floats(JsonWriter *writer, const char *name, const float *values, size_t n) {
    start_value(writer, name);
    put(writer, "[");
    for (size_t i = 0; i < n; i++) {
        char number[NUMBER_SIZE];
        format_float(number, values[i]);
        if (i > 0) put(writer, ",");
        put(writer, number);
    }
    put(writer, "]");
}

void json_bytes(JsonWriter *writer, const char *name, Text text) {
    start_value(writer, name);
    put(writer, "[");
    for (size_t i = 0; i < text.n_bytes; i++) {
        char number[NUMBER_SIZE];
        snprintf(number, sizeof number, i > 0 ? ",%d" : "%d", (unsigned char)text.bytes[i]);
        put(writer, number);
    }
    put(writer, "]");
}

static bool needs_escape(utf8proc_int32_t character) {
    utf8proc_category_t category = utf8proc_category(character);
    return character == '"' || character == '\\' || category == UTF8PROC_CATEGORY_CC ||
           category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP;
}

static void put_escape(JsonWriter *writer, utf8proc_int32_t character) {
    static const char SHORT[][2] = {{'"', '"'},  {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'},
                                    {'\t', 't'}, {'\b', 'b'},  {'\f', 'f'}};
    char escape[16];
    for (size_t i = 0; i < sizeof SHORT / sizeof *SHORT; i++) {
        if (character != SHORT[i][0]) continue;
        snprintf(escape, sizeof escape, "\\%c", SHORT[i][1]);
        put(writer, escape);
        return;
    }
    unsigned code = (unsigned)character;
    if (code < 0x10000)
        snprintf(escape, sizeof escape, "\\u%04x", code);
    else // a surrogate pair
        snprintf(escape, sizeof escape, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
                 0xdc00 + (code & 0x3ff));
    put(writer, escape);
}

// Returns false when bytes had to be replaced.
static bool write_string(JsonWriter *writer, Text text) {
    bool clean = true;
    put(writer, "\"");
    for (size_t at = 0; at < text.n_bytes;) {
        utf8proc_int32_t character;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.bytes + at,
                                              (utf8proc_ssize_t)(text.n_bytes - at), &character);
        if (n <= 0 || character == 0) {
            put(writer, "\uFFFD");
            clean = false;
            n = 1;
        } else if (needs_escape(character)) {
            put_escape(writer, character);
        } else {
            output_write(writer->output, text.bytes + at, (size_t)n);
        }
        at += (size_t)n;
    }
    put(writer, "\"");
    return clean;
}

bool json_text(JsonWriter *writer, const char *name, Text text) {
    start_value(writer, name);
    return write_string(writer, text);
}

void json_string(JsonWriter *writer, const char *name, const char *value) {
    json_text(writer, name, text_from(value));
}
