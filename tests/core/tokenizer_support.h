// A small tokenizer.json of parts that a test can replace.
#ifndef KVSTEP_TESTS_TOKENIZER_SUPPORT_H
#define KVSTEP_TESTS_TOKENIZER_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tokenizer/tokenizer.h"
#include "tests/support.h"

enum { N_VOCAB = 400 };

// The parts of a tokenizer.json.
typedef struct TokenizerParts {
    const char *vocab, *merges, *added, *pre_tokenizer, *more;
} TokenizerParts;

// The six bytes "abc xy" and a few merges.
static const TokenizerParts SMALL = {
    .vocab = "\"a\":0,\"b\":1,\"c\":2,\"Ġ\":3,\"x\":4,\"y\":5,\"ab\":6,\"bc\":7,\"abc\":8,\"Ġa\":9,\"aa\":10",
    .merges = "\"b c\",\"a bc\",[\"a\",\"b\"],\"Ġ a\",\"a a\"",
    .added =
        "{\"id\":20,\"content\":\"<x>\"},{\"id\":21,\"content\":\"<x>y\"},{\"id\":22,\"content\":\"é \"}",
    .pre_tokenizer = "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}",
    .more = "",
};

static inline void write_parts(const char *folder, TokenizerParts parts) {
    char text[16384];
    snprintf(text, sizeof text,
             "{\"added_tokens\":[%s],\"pre_tokenizer\":%s,\"model\":{\"type\":\"BPE\",\"vocab\":{%s},"
             "\"merges\":[%s]%s}}",
             parts.added, parts.pre_tokenizer, parts.vocab, parts.merges, parts.more);
    file_write_text(folder, "tokenizer.json", text);
}

// SMALL with another pattern, written into the buffer.
static inline TokenizerParts with_pattern(char *buffer, size_t size, const char *pattern) {
    TokenizerParts parts = SMALL;
    snprintf(buffer, size,
             "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"%s\"},"
             "\"behavior\":\"Isolated\",\"invert\":false},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
             "\"use_regex\":false}]}",
             pattern);
    parts.pre_tokenizer = buffer;
    return parts;
}

static inline Tokenizer *tokenizer_from_folder(const char *folder) {
    Error err;
    Tokenizer *tokenizer;
    if (!tokenizer_load(&tokenizer, folder, 0, &err)) fail_msg("%s", err.text);
    assert_non_null(tokenizer);
    return tokenizer;
}

static inline Tokenizer *tokenizer_from_json(const char *json) {
    char *folder = folder_new();
    file_write_text(folder, "tokenizer.json", json);
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    folder_remove(folder);
    return tokenizer;
}

// Asserts that the prompt has these ids: "1 2 3".
static inline void assert_prompt(const Tokenizer *tokenizer, const char *text, const char *expected) {
    Error err;
    TokenIds ids;
    char found[256] = "";
    if (!tokenizer_encode_prompt(tokenizer, text_from(text), &ids, &err)) fail_msg("%s", err.text);
    for (int i = 0; i < ids.n; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%d", i ? " " : "", ids.ids[i]);
    free(ids.ids);
    assert_string_equal(found, expected);
}

#endif
