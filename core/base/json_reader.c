// Interface: json_reader.h.
#include "core/base/json_reader.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

JsonNode json_root(const char *file, const char *name, const cJSON *value, const char *advice) {
    return (JsonNode){.value = value, .name = name, .file = file, .advice = advice};
}

JsonNode json_member(const JsonNode *object, const char *name) {
    const cJSON *value =
        cJSON_IsObject(object->value) ? cJSON_GetObjectItemCaseSensitive(object->value, name) : NULL;
    return (JsonNode){
        .value = value, .parent = object, .name = name, .file = object->file, .advice = object->advice};
}

JsonNode json_element(const JsonNode *array, int index, const cJSON *value) {
    return (JsonNode){
        .value = value, .parent = array, .index = index, .file = array->file, .advice = array->advice};
}

bool json_is_absent(const JsonNode *node) {
    return !node->value || cJSON_IsNull(node->value);
}

// Writes the path of the node: "steps[3].cost.cached", or "" for a root without a name. Returns its length,
// cut to size - 1.
static size_t write_path(const JsonNode *node, char *out, size_t size) {
    if (!node->parent) return (size_t)snprintf(out, size, "%.100s", node->name ? node->name : "");
    size_t n = write_path(node->parent, out, size);
    int written = node->name ? snprintf(out + n, size - n, "%s%s", n > 0 ? "." : "", node->name)
                             : snprintf(out + n, size - n, "[%d]", node->index);
    return (size_t)written < size - n ? n + (size_t)written : size - 1;
}

static void describe(const cJSON *value, char *out, size_t size) {
    if (!value)
        snprintf(out, size, "nothing: the member is missing");
    else if (cJSON_IsNull(value))
        snprintf(out, size, "null");
    else if (cJSON_IsBool(value))
        snprintf(out, size, cJSON_IsTrue(value) ? "true" : "false");
    else if (cJSON_IsNumber(value))
        snprintf(out, size, "%.9g", value->valuedouble);
    else if (cJSON_IsString(value))
        snprintf(out, size, "\"%.40s\"", value->valuestring);
    else if (cJSON_IsArray(value))
        snprintf(out, size, "an array of %d", cJSON_GetArraySize(value));
    else
        snprintf(out, size, "an object");
}

void json_write_expected(const JsonNode *node, Error *err, const char *format, ...) {
    char path[200], expected[200], found[80];
    write_path(node, path, sizeof path);
    describe(node->value, found, sizeof found);
    va_list args;
    va_start(args, format);
    vsnprintf(expected, sizeof expected, format, args);
    va_end(args);
    error_set(err, "%s: %s%sexpected %s, found %s%s%s", node->file, path, *path ? ": " : "", expected, found,
              node->advice ? "; " : "", node->advice ? node->advice : "");
}

bool json_as_object(const JsonNode *node, Error *err) {
    return cJSON_IsObject(node->value) || json_expected(node, err, "an object");
}

bool json_as_array(const JsonNode *node, int n, Error *err) {
    if (n < 0) return cJSON_IsArray(node->value) || json_expected(node, err, "an array");
    if (cJSON_IsArray(node->value) && cJSON_GetArraySize(node->value) == n) return true;
    return json_expected(node, err, "an array of %d", n);
}

bool json_as_whole(const JsonNode *node, int64_t min, int64_t max, int64_t *out, Error *err) {
    double value = node->value && cJSON_IsNumber(node->value) ? node->value->valuedouble : NAN;
    if (value >= (double)min && value <= (double)max && value == floor(value)) {
        *out = (int64_t)value;
        return true;
    }
    return json_expected(node, err, "a whole number from %lld to %lld", (long long)min, (long long)max);
}

bool json_as_string(const JsonNode *node, const char **out, Error *err) {
    if (!node->value || !cJSON_IsString(node->value)) return json_expected(node, err, "a string");
    if (!text_is_clean(text_from(node->value->valuestring)))
        return json_expected(node, err, "a string of valid UTF-8");
    *out = node->value->valuestring;
    return true;
}

bool json_is_string(const JsonNode *node, const char *expected, Error *err) {
    if (cJSON_IsString(node->value) && strcmp(node->value->valuestring, expected) == 0) return true;
    return json_expected(node, err, "\"%s\"", expected);
}

bool json_get_whole(const JsonNode *object, const char *name, int64_t min, int64_t max, int64_t *out,
                    Error *err) {
    JsonNode node = json_member(object, name);
    return json_as_whole(&node, min, max, out, err);
}

bool json_get_number(const JsonNode *object, const char *name, int min, int max, int *out, Error *err) {
    int64_t value;
    if (!json_get_whole(object, name, min, max, &value, err)) return false;
    *out = (int)value;
    return true;
}

bool json_get_float(const JsonNode *object, const char *name, float min, float max, float *out, Error *err) {
    JsonNode node = json_member(object, name);
    // Compared as floats: what was written from a float within the range is within it again.
    float value = node.value && cJSON_IsNumber(node.value) ? (float)node.value->valuedouble : NAN;
    if (value >= min && value <= max) {
        *out = value;
        return true;
    }
    return json_expected(&node, err, "a number from %.6g to %.6g", (double)min, (double)max);
}

bool json_get_bool(const JsonNode *object, const char *name, bool *out, Error *err) {
    JsonNode node = json_member(object, name);
    *out = cJSON_IsTrue(node.value);
    return cJSON_IsBool(node.value) || json_expected(&node, err, "true or false");
}

bool json_get_string(const JsonNode *object, const char *name, const char **out, Error *err) {
    JsonNode node = json_member(object, name);
    return json_as_string(&node, out, err);
}

static bool copy_bytes(const JsonNode *array, Arena *arena, Text *out, Error *err) {
    if (!json_as_array(array, -1, err)) return false;
    size_t n = (size_t)cJSON_GetArraySize(array->value);
    char *bytes = arena_take(arena, n);
    if (!bytes) return error_no_memory(err, "a text", (double)n);
    int index = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, array->value) {
        JsonNode element = json_element(array, index, value);
        int64_t byte;
        if (!json_as_whole(&element, 0, 255, &byte, err)) return false;
        bytes[index++] = (char)byte;
    }
    *out = (Text){bytes, n};
    return true;
}

bool json_get_text(const JsonNode *object, const char *name, const char *bytes_name, Arena *arena, Text *out,
                   Error *err) {
    JsonNode node = json_member(object, name), bytes = json_member(object, bytes_name);
    *out = (Text){NULL, 0};
    if (cJSON_IsNull(node.value)) return true;
    const char *string;
    if (!json_as_string(&node, &string, err)) return false;
    if (!json_is_absent(&bytes)) return copy_bytes(&bytes, arena, out, err);
    size_t n = strlen(string);
    char *copy = arena_take(arena, n);
    if (!copy) return error_no_memory(err, "a text", (double)n);
    memcpy(copy, string, n);
    *out = (Text){copy, n};
    return true;
}

static bool read_floats(const JsonNode *node, int n_dims, const int64_t *shape, float if_null, float **out,
                        Error *err) {
    int64_t n = cJSON_IsArray(node->value) ? cJSON_GetArraySize(node->value) : -1;
    if (n != shape[0]) return json_expected(node, err, "an array of %lld", (long long)shape[0]);
    int index = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, node->value) {
        JsonNode element = json_element(node, index++, value);
        if (n_dims > 1) {
            if (!read_floats(&element, n_dims - 1, shape + 1, if_null, out, err)) return false;
            continue;
        }
        float number = cJSON_IsNumber(value) ? (float)value->valuedouble
                       : cJSON_IsNull(value) ? if_null
                                             : NAN;
        if (isnan(number) || (isinf(number) && !cJSON_IsNull(value)))
            return json_expected(&element, err, "a number within the range of a 32-bit float");
        if (*out) *(*out)++ = number;
    }
    return true;
}

bool json_as_floats(const JsonNode *node, int n_dims, const int64_t *shape, float if_null, float *out,
                    Error *err) {
    return read_floats(node, n_dims, shape, if_null, &out, err);
}
