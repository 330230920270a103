// A vocabulary: token ids to bytes, and bytes to token ids.
//
// tokenizer.json spells a token in the byte-level alphabet: each byte is one printable character, the byte's
// own where it has one, and one from U+0100 on where not, so that " upon" is "Ġupon". Here tokens are plain
// bytes again.
//
// A SentencePiece-style vocabulary spells in plain UTF-8, with ▁ for a space and <0xNN> for a single byte.
// There entries are found by their spelling, and texts are what it stands for.
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
    char *bytes;     // all texts
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

// The order of entries by text, for qsort; and the id of a text among n sorted ones, or -1.
int vocabulary_by_text(const void *a, const void *b);
int vocabulary_entries_find(const VocabularyEntry *entries, int n, Text text);

// The id of these bytes, or -1. Added tokens are found only when model.vocab holds them too.
int vocabulary_find(const Vocabulary *vocabulary, Text text);

// Turns a spelling of this vocabulary into what entries are found by; out has room for its length.
bool vocabulary_key(const Vocabulary *vocabulary, char *out, size_t *n_bytes, Text spelling);

// Turns a spelling into bytes; out has room for strlen(spelling). Returns false when a character is outside
// the alphabet.
bool alphabet_decode(char *out, size_t *n_bytes, const char *spelling, size_t length);

// Orders by bytes; a text comes before those that it begins.
int text_compare(Text a, Text b);

#endif
