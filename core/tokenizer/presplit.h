// Cutting a text into words before byte-pair encoding, by the regular expression that tokenizer.json names.
#ifndef KVSTEP_PRESPLIT_H
#define KVSTEP_PRESPLIT_H

#include <cjson/cJSON.h>

#include "core/base/error.h"
#include "core/base/text.h"

typedef struct Presplit Presplit;

// Takes one word; returns false to stop.
typedef bool WordFn(void *user, Text word, Error *err);

// Reads tokenizer.json's "pre_tokenizer": ByteLevel, with GPT-2's pattern or without one, Split (a Regex or
// String, Isolated) and Digits, and Sequences of these, each of which cuts what the one before leaves.
// Missing, or Metaspace, which the normalizer does: a text is one word.
bool presplit_new(Presplit **out, const cJSON *pre_tokenizer, const char *path, Error *err);
void presplit_free(Presplit *presplit);

// Hands over the words of a text in order; together they are the text (with a space before it, where the
// tokenizer adds one). What the pattern does not match is a word too, and so are bytes that are not UTF-8.
bool presplit_words(const Presplit *presplit, Text text, WordFn *fn, void *user, Error *err);

#endif
