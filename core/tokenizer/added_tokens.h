// Added tokens, such as <|endoftext|>: found in a text before anything else looks at it, or, where they are
// "normalized", right after the normalizer, which changes them as it changes the text.
#ifndef KVSTEP_ADDED_TOKENS_H
#define KVSTEP_ADDED_TOKENS_H

#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/vocabulary.h"

typedef struct AddedSet {
    VocabularyEntry *entries; // [n], sorted by text
    int n;
} AddedSet;

typedef struct AddedTokens {
    const Vocabulary *vocabulary;
    AddedSet as_written; // the texts are the vocabulary's
    AddedSet normalized; // the texts are what the normalizer makes of them
    char **owned;        // [n_owned], the latter's bytes where they are not the vocabulary's
    int n_owned;
    unsigned char *flags; // [n_ids of the vocabulary], AddedFlags
} AddedTokens;

typedef enum AddedFlag {
    ADDED_STRIPS_LEFT = 1,  // takes the white space before it
    ADDED_STRIPS_RIGHT = 2, // and after it
    ADDED_SINGLE_WORD = 4,  // is none right beside a word's character
} AddedFlag;

// An added token at [begin, end) of a text; id is -1, and begin and end are the text's end, when there is
// none.
typedef struct AddedMatch {
    size_t begin, end;
    int id;
} AddedMatch;

// Reads tokenizer.json's "added_tokens", after vocabulary_load(), which has checked their ids and contents.
// The vocabulary must outlive the AddedTokens. added_tokens_done() is due after an error too.
bool added_tokens_load(AddedTokens *tokens, const Vocabulary *vocabulary, const Normalizer *normalizer,
                       const cJSON *added, const char *path, Error *err);
void added_tokens_done(AddedTokens *tokens);

// The id of the added token that is written so, or -1.
int added_tokens_find(const AddedTokens *tokens, Text text);

// The first token of a set that lies in the text from `from` on; the longest one of several that start there.
AddedMatch added_tokens_next(const AddedTokens *tokens, const AddedSet *set, Text text, size_t from);

#endif
