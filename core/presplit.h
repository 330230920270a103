// Cutting a text into words before byte-pair encoding, by the regular expression that tokenizer.json names.
#ifndef KVSTEP_PRESPLIT_H
#define KVSTEP_PRESPLIT_H

#include <cjson/cJSON.h>

#include "error.h"
#include "text.h"

typedef struct Presplit Presplit;

// Takes one word; returns false to stop.
typedef bool WordFn(void *user, Text word, Error *err);

// Reads tokenizer.json's "pre_tokenizer": ByteLevel, which means GPT-2's pattern, or a Sequence of a Split with a pattern
// of its own and ByteLevel.
bool presplit_new(Presplit **out, const cJSON *pre_tokenizer, const char *path, Error *err);
void presplit_free(Presplit *presplit);

// Hands over the words of a text in order; together they are the text (with a space before it, where the tokenizer adds
// one). What the pattern does not match is a word too, and so are bytes that are not UTF-8.
bool presplit_words(const Presplit *presplit, Text text, WordFn *fn, void *user, Error *err);

#endif
