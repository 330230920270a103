// Text to token ids and back, by byte-pair encoding (Sennrich et al. 2016): on bytes, as in GPT-2, Llama 3
// and Qwen, or on characters, as in Llama 2 and Mistral. A character that the vocabulary lacks becomes its
// bytes or an unknown token.
//
//     "Once upon"  --split by the pattern-->  "Once" " upon"  --bytes, merged by rank-->  417  862
//
// A text is first cut at the added tokens that it contains (<|endoftext|>), then into words by the regular
// expression of tokenizer.json. A word starts as single bytes; the neighbouring pair whose merge has the
// lowest rank is merged until no pair has a merge.
#ifndef KVSTEP_TOKENIZER_H
#define KVSTEP_TOKENIZER_H

#include "core/base/error.h"
#include "core/base/text.h"

typedef struct Tokenizer Tokenizer;

typedef struct TokenIds {
    int *ids; // [n], on the heap: the caller frees it
    int n;
} TokenIds;

// Reads FOLDER/tokenizer.json, or vocab.json, merges.txt and the added tokens beside them;
// tokenizer_config.json says whether a prompt starts with the beginning-of-text token. Success with *out
// NULL: the folder has no tokenizer. Every id must lie in [0, n_vocab); n_vocab 0 allows any id. Free *out
// with tokenizer_free(). A Tokenizer does not change: threads may share it.
bool tokenizer_load(Tokenizer **out, const char *folder, int n_vocab, Error *err);
void tokenizer_free(Tokenizer *tokenizer);

// The ids of a prompt: the special tokens that the tokenizer puts before a text (as a rule
// beginning-of-text), unless the text spells them out itself, then the text's. Special tokens that it puts
// after a text, such as end-of-text, are left out: the model continues a prompt. The text may hold any bytes.
bool tokenizer_encode_prompt(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err);

// The ids of the text alone.
bool tokenizer_encode(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err);

// The bytes of a token, borrowed from the tokenizer; {NULL, 0} for an id that the vocabulary does not use.
Text tokenizer_text(const Tokenizer *tokenizer, int id);

#endif
