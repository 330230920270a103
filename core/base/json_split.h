// Takes a large JSON document apart before it is parsed. Only one piece at a time is in memory as a tree.
//
//     {"model": {...}, "steps": [ {...}, {...} ]}
//               |---|            |---|  |---|       the pieces
//
// cJSON needs about 64 bytes for a number that takes 10 in the file. Splitting only counts brackets and skips
// strings; json_piece_parse() finds out whether a piece is JSON.
//
// Interface:
// * json_split_object() or json_split_array() starts; json_split_next() gives the next member or element.
// * Errors name the file and the line. The error for a document that ends too early says that it is cut off.
// * Everything is borrowed from the document's text, which must outlive it.
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
    JsonSpan name; // what stands between the quotes, escapes not replaced; empty in an array
    JsonSpan value;
} JsonPiece;

typedef struct JsonSplit {
    const char *file;
    JsonSpan document; // errors count lines from its start
    const char *at, *end;
    char close; // '}' or ']'
    bool started;
} JsonSplit;

// `span`, a part of `document`, must hold an object (an array) and nothing else.
bool json_split_object(JsonSplit *split, const char *file, JsonSpan document, JsonSpan span, Error *err);
bool json_split_array(JsonSplit *split, const char *file, JsonSpan document, JsonSpan span, Error *err);

// Gives the next piece. *more is false when there was none left.
bool json_split_next(JsonSplit *split, JsonPiece *piece, bool *more, Error *err);

bool json_piece_is(const JsonPiece *piece, const char *name);

// The caller frees *out with cJSON_Delete.
bool json_piece_parse(cJSON **out, const char *file, JsonSpan document, const JsonPiece *piece, Error *err);

#endif
