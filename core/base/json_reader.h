// Checked reading of a parsed JSON tree. Errors say where and what: "FILE: steps[3].n_rows: expected ...,
// found ...".
//
// Interface:
// * A JsonNode is a place in the document: a value, and the way to it. Nodes live on the caller's stack; a
// node borrows
//   its parent, so that no path is ever stored or freed.
// * json_root() starts, json_member() and json_element() go down. A member that is missing makes a node too:
// reading it
//   fails with a message, json_is_absent() asks for it.
// * json_get_*() read the member of an object; json_as_*() read the node itself.
#ifndef KVSTEP_JSON_READER_H
#define KVSTEP_JSON_READER_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/text.h"

// The largest whole number that a JSON reader with 64-bit floats has exactly.
#define JSON_MAX_WHOLE ((int64_t)1 << 53)

typedef struct JsonNode {
    const cJSON *value;            // NULL: a member that is not there
    const struct JsonNode *parent; // NULL: the root
    const char *name;              // NULL: an element of an array
    int index;
    const char *file;
} JsonNode;

JsonNode json_root(const char *file, const char *name, const cJSON *value);
JsonNode json_member(const JsonNode *object, const char *name);
JsonNode json_element(const JsonNode *array, int index, const cJSON *value);

// Missing or null.
bool json_is_absent(const JsonNode *node);

// Writes "FILE: PATH: expected EXPECTED, found ...; record the trace anew" and is false: a macro as
// error_set() is one.
#define json_expected(...) (json_write_expected(__VA_ARGS__), error_false())
__attribute__((format(printf, 3, 4))) void json_write_expected(const JsonNode *node, Error *err,
                                                               const char *format, ...);

bool json_as_object(const JsonNode *node, Error *err);
bool json_as_array(const JsonNode *node, int n, Error *err); // of n elements; n < 0: of any number
bool json_as_whole(const JsonNode *node, int64_t min, int64_t max, int64_t *out, Error *err);
bool json_as_string(const JsonNode *node, const char **out, Error *err);     // UTF-8; borrowed from the tree
bool json_is_string(const JsonNode *node, const char *expected, Error *err); // exactly this one

bool json_get_whole(const JsonNode *object, const char *name, int64_t min, int64_t max, int64_t *out,
                    Error *err);
bool json_get_number(const JsonNode *object, const char *name, int min, int max, int *out, Error *err);
bool json_get_float(const JsonNode *object, const char *name, float min, float max, float *out, Error *err);
bool json_get_bool(const JsonNode *object, const char *name, bool *out, Error *err);
bool json_get_string(const JsonNode *object, const char *name, const char **out, Error *err);

// The text of two members: `name`, a string, and `bytes_name`, an array of bytes that counts instead when it
// is there. A missing text is null in the file and {NULL, 0} here. The bytes are copied into the arena.
bool json_get_text(const JsonNode *object, const char *name, const char *bytes_name, Arena *arena, Text *out,
                   Error *err);

// Nested arrays of numbers, of exactly the shape given. With out == NULL they are only checked, so that
// memory can be asked for once the sizes are known to be true. null is read as if_null, or is an error when
// if_null is NAN.
bool json_as_floats(const JsonNode *node, int n_dims, const int64_t *shape, float if_null, float *out,
                    Error *err);

#endif
