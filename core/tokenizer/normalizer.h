// What happens to a text before it is split: Unicode's NFC, and SentencePiece's marks for spaces.
//
//     "a b"  ->  "▁a▁b"
#ifndef KVSTEP_NORMALIZER_H
#define KVSTEP_NORMALIZER_H

#include <cjson/cJSON.h>

#include "core/base/error.h"
#include "core/base/text.h"

typedef enum NormalizerKind {
    NORMALIZER_NFC,
    NORMALIZER_PREPEND,       // put `to` before every text that is not empty
    NORMALIZER_PREPEND_FIRST, // put `to` before the first text of a prompt
    NORMALIZER_PREPEND_ONCE,  // put `to` before every text that does not start with it
    NORMALIZER_REPLACE,       // replace every `from` by `to`
} NormalizerKind;

typedef struct NormalizerPart {
    NormalizerKind kind;
    char from[16], to[16];
} NormalizerPart;

enum { NORMALIZER_MAX_PARTS = 8 };

typedef struct Normalizer {
    NormalizerPart parts[NORMALIZER_MAX_PARTS]; // applied in this order
    int n_parts;
    bool splits_at_marks; // each ▁ begins a word (Metaspace with "split")
} Normalizer;

// Reads tokenizer.json's "normalizer"; json may be NULL.
bool normalizer_load(Normalizer *normalizer, const cJSON *json, const char *path, Error *err);

// Reads the "pre_tokenizer" if it is Metaspace, which normalises too, but not added tokens. Any other gives a
// Normalizer that changes nothing.
bool normalizer_load_metaspace(Normalizer *metaspace, const cJSON *pre_tokenizer, const char *path,
                               Error *err);

// *out is the normalised text. Its bytes are *owned, which the caller frees, or those of `text` when nothing
// changes: then *owned is NULL. `first`: the prompt begins with this text. Bytes that are not UTF-8 stay as
// they are.
bool normalizer_apply(const Normalizer *normalizer, Text text, bool first, Text *out, char **owned,
                      Error *err);

#endif
