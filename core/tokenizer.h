// Byte-level BPE, as in GPT-2: text to token ids and back.
//
//     "Once upon"  --split by the pattern-->  "Once" " upon"  --bytes, merged by rank-->  417  862
//
// A text is first cut at the added tokens it spells out (<|endoftext|>), then into words by the pre-split pattern, a
// regular expression that tokenizer.json names. A word starts as its single bytes; the neighbouring pair whose merge
// came first in training is merged, again and again, until no pair has a merge (Sennrich et al. 2016).
#ifndef KVSTEP_TOKENIZER_H
#define KVSTEP_TOKENIZER_H

#include "config.h"
#include "error.h"
#include "text.h"

typedef struct Tokenizer Tokenizer;

typedef struct TokenIds {
    int *ids; // [n], on the heap: the caller frees it
    int n;
} TokenIds;

// Reads FOLDER/tokenizer.json, and from tokenizer_config.json whether a prompt starts with the beginning-of-text token.
// *out is NULL, with success, when the folder holds no tokenizer.json. A vocabulary with ids outside
// [0, config->n_vocab) is an error.
bool tokenizer_load(Tokenizer **out, const char *folder, const Config *config, Error *err);
void tokenizer_free(Tokenizer *tokenizer);

// The ids of a prompt: those of the text, after the beginning-of-text token where the tokenizer asks for one and the
// text does not spell it out itself. Any bytes are allowed.
bool tokenizer_encode_prompt(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err);

// The bytes that a token stands for; {NULL, 0} for an id that the vocabulary does not use. Borrowed from the tokenizer.
Text tokenizer_text(const Tokenizer *tokenizer, int id);

#endif
