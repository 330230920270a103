// A vocabulary: token ids to bytes, and bytes to token ids.
//
// tokenizer.json spells a token in the byte-level alphabet: one printable character for each byte, the byte's
// own or, for bytes without one, a character from U+0100 on. " upon" is spelled "Ġupon". A Vocabulary holds
// the plain bytes.
//
// A SentencePiece-style vocabulary is spelled in plain UTF-8, with ▁ for a space and <0xNN> for a single
// byte. Its entries hold the spelling, its texts the bytes.
#ifndef KVSTEP_VOCABULARY_H
#define KVSTEP_VOCABULARY_H

#include <cjson/cJSON.h>

#include "core/base/error.h"
#include "core/base/text.h"

typedef struct VocabularyEntry {
    Text text;
    int id;
} VocabularyEntry;

typedef struct Vocabulary {
    Text *texts; // [n_ids], by id; {NULL, 0} for an id that is not used
    int n_ids;
    VocabularyEntry *entries; // [n_entries], sorted by text
    int n_entries;
    char *bytes;     // what all texts point into
    bool has_pieces; // SentencePiece-style
} Vocabulary;

// What a vocabulary is read from. Borrowed.
typedef struct VocabularyFile {
    const char *path;   // the file that errors name
    const cJSON *vocab; // model.vocab: {"spelling": id, ...}
    const cJSON *added; // added_tokens: [{"id": ..., "content": ...}, ...], whose contents are plain bytes
    bool has_pieces;
    int n_ids; // each id must be below; 0: any id will do
} VocabularyFile;

// Fails unless each id stands for one text and each text for one id. The vocabulary is empty after an error;
// after success vocabulary_done() frees it.
bool vocabulary_load(Vocabulary *vocabulary, const VocabularyFile *file, Error *err);
void vocabulary_done(Vocabulary *vocabulary);

// Compares entries by text, for qsort().
int vocabulary_by_text(const void *a, const void *b);

// The id of a text among n sorted entries, or -1.
int vocabulary_entries_find(const VocabularyEntry *entries, int n, Text text);

// The id of the entry with this text, or -1. Added tokens have none, unless model.vocab holds them too.
int vocabulary_find(const Vocabulary *vocabulary, Text text);

// Writes what vocabulary_find() takes for a spelling in tokenizer.json. `out` needs room for the spelling's
// length. Returns false when a character is outside the alphabet.
bool vocabulary_key(const Vocabulary *vocabulary, char *out, size_t *n_bytes, Text spelling);

// Compares bytes, as memcmp() does; a text comes before those that it begins.
int text_compare(Text a, Text b);

#endif
