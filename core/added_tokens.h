// Added tokens, such as <|endoftext|>: found in a text as they are written, before anything else looks at it.
#ifndef KVSTEP_ADDED_TOKENS_H
#define KVSTEP_ADDED_TOKENS_H

#include "vocabulary.h"

typedef struct AddedTokens {
    VocabularyEntry *entries; // [n], sorted by text; the texts are the vocabulary's
    int n;
    unsigned char
        *strips; // [n_ids of the vocabulary]: STRIPS_LEFT and STRIPS_RIGHT, the white space beside a token that it takes
} AddedTokens;

enum { STRIPS_LEFT = 1, STRIPS_RIGHT = 2 };

// An added token at [begin, end) of a text; id is -1, and begin and end are the text's, when it holds none.
typedef struct AddedMatch {
    size_t begin, end;
    int id;
} AddedMatch;

// Reads tokenizer.json's "added_tokens", after vocabulary_load(), which has checked their ids and contents. The vocabulary
// must outlive the AddedTokens.
bool added_tokens_load(AddedTokens *tokens, const Vocabulary *vocabulary, const cJSON *added, const char *path, Error *err);
void added_tokens_done(AddedTokens *tokens);

// The id of the added token with this text, or -1.
int added_tokens_find(const AddedTokens *tokens, Text text);

// The first added token in the text; the longest one of several that start there.
AddedMatch added_tokens_next(const AddedTokens *tokens, Text text);

#endif
