// A piece ends where its brackets balance; those in strings do not count. Whether each bracket is closed by
// one of its own kind is left to cJSON, when it parses the piece.
//
// Interface: json_split.h.
#include "core/base/json_split.h"

#include <string.h>

static int line_of(JsonSpan document, const char *at) {
    int line = 1;
    for (const char *p = document.start; p < at; p++) line += *p == '\n';
    return line;
}

static bool cut_off(const JsonSplit *split, Error *err) {
    return error_set(
        err,
        "%s: line %d: the file seems to be cut off: it ends in the middle of a value; copy or make it again",
        split->file, line_of(split->document, split->end));
}

static bool unexpected(const JsonSplit *split, const char *at, const char *expected, Error *err) {
    if (at >= split->end && split->end == split->document.end) return cut_off(split, err);
    return error_set(err, "%s: line %d: expected %s; the JSON is damaged, make the file again", split->file,
                     line_of(split->document, at), expected);
}

static void skip_space(JsonSplit *split) {
    while (split->at < split->end && strchr(" \t\r\n", *split->at) && *split->at) split->at++;
}

// `brackets` is "{}" or "[]".
static bool start(JsonSplit *split, const char *file, JsonSpan document, JsonSpan span, const char *brackets,
                  Error *err) {
    *split = (JsonSplit){
        .file = file, .document = document, .at = span.start, .end = span.end, .close = brackets[1]};
    skip_space(split);
    if (split->at >= split->end || *split->at != brackets[0])
        return unexpected(split, split->at, brackets[0] == '{' ? "an object: \"{\"" : "an array: \"[\"", err);
    split->at++;
    return true;
}

bool json_split_object(JsonSplit *split, const char *file, JsonSpan document, JsonSpan span, Error *err) {
    return start(split, file, document, span, "{}", err);
}

bool json_split_array(JsonSplit *split, const char *file, JsonSpan document, JsonSpan span, Error *err) {
    return start(split, file, document, span, "[]", err);
}

// From an opening quote to after the closing one, or to the end.
static const char *after_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at + 1 : end;
}

// From a value's first character to after its last one: a string, all that brackets enclose, or a word.
static const char *after_value(const char *at, const char *end, int *n_values) {
    int depth = 0;
    *n_values = 1;
    while (at < end) {
        char c = *at;
        if (depth == 0 && strchr(",]} \t\r\n", c) && c) return at;
        if (c == '"') {
            at = after_string(at, end);
        } else {
            if (c == '[' || c == '{') depth++;
            if (c == ']' || c == '}') depth--;
            if (c == ',' || c == '[' || c == '{') (*n_values)++;
            at++;
        }
        bool closed = c == '"' || c == ']' || c == '}';
        if (depth == 0 && closed) return at;
    }
    return at;
}

static bool take_name(JsonSplit *split, JsonPiece *piece, Error *err) {
    if (split->at >= split->end || *split->at != '"')
        return unexpected(split, split->at, "a member's name in quotes", err);
    piece->name.start = split->at + 1;
    split->at = after_string(split->at, split->end);
    piece->name.end = split->at - 1;
    skip_space(split);
    if (split->at >= split->end || *split->at != ':')
        return unexpected(split, split->at, "\":\" after a member's name", err);
    split->at++;
    skip_space(split);
    return true;
}

static bool take_value(JsonSplit *split, JsonPiece *piece, Error *err) {
    int n_values;
    piece->value.start = split->at;
    piece->value.end = split->at = after_value(split->at, split->end, &n_values);
    if (piece->value.start == piece->value.end) return unexpected(split, split->at, "a value", err);
    // A document's value is followed by something: at the very least by the document's own bracket.
    if (split->at >= split->end) return unexpected(split, split->at, "a bracket that closes", err);
    if (n_values > JSON_PIECE_MAX_VALUES)
        return error_set(err,
                         "%s: line %d: one value holds %d others; kvstep reads no more than %d at once: "
                         "record fewer sites, or a shorter prompt",
                         split->file, line_of(split->document, piece->value.start), n_values,
                         (int)JSON_PIECE_MAX_VALUES);
    return true;
}

// After the closing bracket only space may follow.
static bool finish(JsonSplit *split, bool *more, Error *err) {
    *more = false;
    split->at++;
    skip_space(split);
    return split->at == split->end || unexpected(split, split->at, "nothing after the last bracket", err);
}

bool json_split_next(JsonSplit *split, JsonPiece *piece, bool *more, Error *err) {
    *piece = (JsonPiece){0};
    *more = true;
    skip_space(split);
    bool at_close = split->at < split->end && *split->at == split->close;
    if (at_close) return finish(split, more, err);
    if (split->started) {
        if (split->at >= split->end || *split->at != ',')
            return unexpected(split, split->at, "\",\" or a closing bracket", err);
        split->at++;
        skip_space(split);
    }
    split->started = true;
    return (split->close == ']' || take_name(split, piece, err)) && take_value(split, piece, err);
}

bool json_piece_is(const JsonPiece *piece, const char *name) {
    size_t length = (size_t)(piece->name.end - piece->name.start);
    return strlen(name) == length && memcmp(piece->name.start, name, length) == 0;
}

// cJSON ends a string at a NUL, and would give a part of it for the whole.
static const char *find_nul(JsonSpan span) {
    for (const char *at = span.start; at < span.end; at++) {
        if (*at == '\0' || (span.end - at >= 6 && memcmp(at, "\\u0000", 6) == 0)) return at;
        if (*at == '\\') at++;
    }
    return NULL;
}

bool json_piece_parse(cJSON **out, const char *file, JsonSpan document, const JsonPiece *piece, Error *err) {
    const char *end = piece->value.start, *nul = find_nul(piece->value);
    *out = NULL;
    if (nul)
        return error_set(err, "%s: line %d: expected JSON without NUL characters; write such a text as bytes",
                         file, line_of(document, nul));
    *out = cJSON_ParseWithLengthOpts(piece->value.start, (size_t)(piece->value.end - piece->value.start),
                                     &end, false);
    if (*out && end == piece->value.end) return true;
    cJSON_Delete(*out);
    *out = NULL;
    return error_set(err, "%s: line %d: expected a JSON value; the JSON is damaged, make the file again",
                     file, line_of(document, end));
}
