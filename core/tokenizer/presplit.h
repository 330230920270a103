// Cuts a text into words before byte-pair encoding, by the regular expressions of tokenizer.json.
#ifndef KVSTEP_PRESPLIT_H
#define KVSTEP_PRESPLIT_H

#include <cjson/cJSON.h>

#include "core/base/error.h"
#include "core/base/text.h"

typedef struct Presplit Presplit;

// Receives one word; returns false, with an Error, to stop.
typedef bool WordFn(void *user, Text word, Error *err);

// Reads tokenizer.json's "pre_tokenizer": ByteLevel, with GPT-2's pattern or without one; Split (a Regex or
// String, Isolated); Digits; and Sequences of these, each of which cuts the words of the one before. Without
// one, or with Metaspace, which normalizer.h reads, *out is NULL and a text is one word. Free *out with
// presplit_free().
bool presplit_new(Presplit **out, const cJSON *pre_tokenizer, const char *path, Error *err);
void presplit_free(Presplit *presplit);

// Calls fn with the words of the text in order; together they are the text, with a space before it if
// ByteLevel adds one. What the pattern does not match is a word too, and so are bytes that are not UTF-8.
// presplit may be NULL.
bool presplit_words(const Presplit *presplit, Text text, WordFn *fn, void *user, Error *err);

#endif
