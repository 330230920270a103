// Checked reading of a parsed JSON tree. An error names the file and the path of the value:
//
//     FILE: steps[3].n_rows: expected a whole number from 1 to 8, found "x"
//
// Interface:
// * A JsonNode is a value and its path. Keep nodes on the stack: a node borrows its parent, so no path is
//   stored or freed.
// * json_root() starts; json_member() and json_element() go down. A missing member makes a node too: reading
//   it fails, and json_is_absent() asks for it.
// * json_get_*() read a member of an object; json_as_*() read the node itself.
#ifndef KVSTEP_JSON_READER_H
#define KVSTEP_JSON_READER_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/text.h"

// A JSON reader that works with 64-bit floats holds all whole numbers up to this one exactly.
#define JSON_MAX_WHOLE ((int64_t)1 << 53)

typedef struct JsonNode {
    const cJSON *value;            // NULL: a member that is not there
    const struct JsonNode *parent; // NULL: the root
    const char *name;              // NULL: an element of an array
    int index;
    const char *file;   // what errors name
    const char *advice; // ends each error of json_expected(): what to do about it; or NULL
} JsonNode;

// `name` begins the paths in errors: the root's own name in a larger document, or NULL. All is borrowed.
JsonNode json_root(const char *file, const char *name, const cJSON *value, const char *advice);
JsonNode json_member(const JsonNode *object, const char *name);
JsonNode json_element(const JsonNode *array, int index, const cJSON *value);

// Whether the value is missing or null.
bool json_is_absent(const JsonNode *node);

// Writes "FILE: PATH: expected EXPECTED, found ...; ADVICE" and is false: a macro for the same reason as
// error_set().
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

// A text of any bytes, copied into the arena: the array of bytes `bytes_name` when it is there, else the
// string `name`. Null gives {NULL, 0}.
bool json_get_text(const JsonNode *object, const char *name, const char *bytes_name, Arena *arena, Text *out,
                   Error *err);

// Nested arrays of numbers of exactly this shape [n_dims]. With out == NULL they are only checked: allocate
// `out` once the sizes are known to be true. A null is read as if_null; it is an error when if_null is NAN.
bool json_as_floats(const JsonNode *node, int n_dims, const int64_t *shape, float if_null, float *out,
                    Error *err);

#endif
