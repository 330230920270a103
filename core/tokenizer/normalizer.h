// What a tokenizer does to a text before it is split: Unicode's NFC, and SentencePiece's way with spaces ("a
// b" -> "▁a▁b").
#ifndef KVSTEP_NORMALIZER_H
#define KVSTEP_NORMALIZER_H

#include <cjson/cJSON.h>

#include "core/base/error.h"
#include "core/base/text.h"

typedef enum NormalizerKind {
    NORMALIZER_NFC,
    NORMALIZER_PREPEND,       // `to` before every text that is not empty
    NORMALIZER_PREPEND_FIRST, // `to` before the beginning of the whole prompt
    NORMALIZER_PREPEND_ONCE,  // `to` before every text that does not start with it
    NORMALIZER_REPLACE,       // every `from` becomes `to`
} NormalizerKind;

typedef struct NormalizerPart {
    NormalizerKind kind;
    char from[16], to[16];
} NormalizerPart;

enum { NORMALIZER_MAX_PARTS = 8 };

typedef struct Normalizer {
    NormalizerPart parts[NORMALIZER_MAX_PARTS]; // done in order
    int n_parts;
    bool splits_at_marks; // words begin at each ▁ (Metaspace with "split")
} Normalizer;

// Reads tokenizer.json's "normalizer", which may be missing.
bool normalizer_load(Normalizer *normalizer, const cJSON *json, const char *path, Error *err);

// Reads its "pre_tokenizer" where that is Metaspace, which normalises too, but not added tokens; another
// leaves a text as it is.
bool normalizer_load_metaspace(Normalizer *metaspace, const cJSON *pre_tokenizer, const char *path,
                               Error *err);

// *out is the text as it becomes; its bytes are on the heap, or the text's own when nothing changes (*owned
// is NULL). `first`: the prompt begins with this text. Bytes that are not UTF-8 stay as they are.
bool normalizer_apply(const Normalizer *normalizer, Text text, bool first, Text *out, char **owned,
                      Error *err);

#endif
