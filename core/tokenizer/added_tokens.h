// Added tokens, such as <|endoftext|>. They are found in a text before anything else happens to it; those
// with "normalized" set are found after the normalizer, which has changed them as it changes the text.
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
    AddedSet as_written; // with the texts of the vocabulary
    AddedSet normalized; // with the texts after the normalizer
    char **owned;        // [n_owned]: bytes of `normalized` that the normalizer has changed
    int n_owned;
    unsigned char *flags; // [n_ids of the vocabulary], AddedFlags
} AddedTokens;

typedef enum AddedFlag {
    ADDED_STRIPS_LEFT = 1,  // "lstrip": the token includes the white space before it
    ADDED_STRIPS_RIGHT = 2, // "rstrip": and after it
    ADDED_SINGLE_WORD = 4,  // "single_word": not found beside a character of a word
} AddedFlag;

// An added token at [begin, end) of a text. Without one, id is -1, and begin and end are the text's length.
typedef struct AddedMatch {
    size_t begin, end;
    int id;
} AddedMatch;

// Reads tokenizer.json's "added_tokens". Call vocabulary_load() first: it checks their ids and contents. The
// vocabulary must outlive the AddedTokens. Call added_tokens_done() after an error too.
bool added_tokens_load(AddedTokens *tokens, const Vocabulary *vocabulary, const Normalizer *normalizer,
                       const cJSON *added, const char *path, Error *err);
void added_tokens_done(AddedTokens *tokens);

// The id of the added token with this text as it is written, or -1.
int added_tokens_find(const AddedTokens *tokens, Text text);

// The first token of the set in the text from byte `from` on; of several that start there the longest.
AddedMatch added_tokens_next(const AddedTokens *tokens, const AddedSet *set, Text text, size_t from);

#endif
