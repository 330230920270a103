// A large JSON document taken apart before it is parsed, so that only one piece of it is in memory as a tree
// at a time.
//
//     {"model": {...}, "steps": [ {...}, {...} ]}
//               |---|            |---|  |---|       the pieces
//
// cJSON needs about 64 bytes for a number that takes 10 in the file. Splitting only counts brackets and skips
// strings; whether a piece is JSON is for json_piece_parse() to find out.
//
// Interface:
// * json_split_object() and json_split_array() start; json_split_next() gives one member or element after the
// other.
// * Errors name the file and the line; a document that ends too early is said to be cut off.
#ifndef KVSTEP_JSON_SPLIT_H
#define KVSTEP_JSON_SPLIT_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/base/error.h"

enum { JSON_PIECE_MAX_VALUES = 1 << 25 }; // in one piece: about 2 GB while it is parsed

// A stretch of the file.
typedef struct JsonSpan {
    const char *start, *end;
} JsonSpan;

typedef struct JsonPiece {
    JsonSpan name; // between the quotes, escapes as they stand; empty in an array
    JsonSpan value;
} JsonPiece;

typedef struct JsonSplit {
    const char *file;
    JsonSpan document; // the whole of it: errors count lines from its start
    const char *at, *end;
    char close; // '}' or ']'
    bool started;
} JsonSplit;

// `span` must hold an object (or an array) and nothing else. Everything is borrowed.
bool json_split_object(JsonSplit *split, const char *file, JsonSpan document, JsonSpan span, Error *err);
bool json_split_array(JsonSplit *split, const char *file, JsonSpan document, JsonSpan span, Error *err);

// *more is false after the last piece.
bool json_split_next(JsonSplit *split, JsonPiece *piece, bool *more, Error *err);

bool json_piece_is(const JsonPiece *piece, const char *name);

// The caller frees *out with cJSON_Delete.
bool json_piece_parse(cJSON **out, const char *file, JsonSpan document, const JsonPiece *piece, Error *err);

#endif
