// BPE on bytes, as in GPT-2, Llama 3 and Qwen, or on characters, as in Llama 2 and Mistral, with bytes or an
// unknown token for those that are not in the vocabulary: text to token ids and back.
//
//     "Once upon"  --split by the pattern-->  "Once" " upon"  --bytes, merged by rank-->  417  862
//
// A text is first cut at the added tokens it spells out (<|endoftext|>), then into words by the pre-split
// pattern, a regular expression that tokenizer.json names. A word starts as its single bytes; the
// neighbouring pair whose merge came first in training is merged, again and again, until no pair has a merge
// (Sennrich et al. 2016).
#ifndef KVSTEP_TOKENIZER_H
#define KVSTEP_TOKENIZER_H

#include "core/base/error.h"
#include "core/base/text.h"

typedef struct Tokenizer Tokenizer;

typedef struct TokenIds {
    int *ids; // [n], on the heap: the caller frees it
    int n;
} TokenIds;

// Reads FOLDER/tokenizer.json, or vocab.json, merges.txt and the added tokens beside them, and from
// tokenizer_config.json whether a prompt starts with the beginning-of-text token. *out is NULL, with success,
// when the folder holds none of them. Every id must lie in [0, n_vocab); n_vocab 0 allows any id.
bool tokenizer_load(Tokenizer **out, const char *folder, int n_vocab, Error *err);
void tokenizer_free(Tokenizer *tokenizer);

// The ids of a prompt: those of the text, after the special tokens that the tokenizer puts before one
// (beginning-of-text, as a rule) where the text does not spell them out itself. Special tokens that it puts
// after a text, such as end-of-text, are left out: what follows a prompt is for the model to say. Any bytes
// are allowed.
bool tokenizer_encode_prompt(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err);

// The ids of a text alone, with nothing put before it.
bool tokenizer_encode(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err);

// The bytes that a token stands for; {NULL, 0} for an id that the vocabulary does not use. Borrowed from the
// tokenizer.
Text tokenizer_text(const Tokenizer *tokenizer, int id);

#endif
