// Byte-pair encoding of one word: its bytes, merged pair by pair, in the order in which training found the
// merges.
//
//     l o w e r   --"l o" came first-->   lo w e r   --"lo w"-->   low e r   --"e r"-->   low er
#ifndef KVSTEP_BPE_H
#define KVSTEP_BPE_H

#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary.h"

// Two neighbouring tokens that become one. A lower rank goes first.
typedef struct Merge {
    int left, right;
    int merged;
    int rank;
} Merge;

typedef struct Bpe {
    const Vocabulary *vocabulary;
    Merge *merges; // [n_merges], sorted by left and right
    int n_merges;
    int byte_ids[256];  // the tokens of single bytes; -1 where the vocabulary has none
    int unknown_id;     // SentencePiece-style: the token of what has none; -1: that is an error
    bool fuse_unknown;  // neighbours without a token are one unknown together
    bool ignore_merges; // a word that is a token as a whole is taken as it is (Llama 3)
} Bpe;

// Memory for the word in work, kept from word to word. Starts as {0}; ends with bpe_scratch_done().
typedef struct BpeScratch {
    struct Symbol *symbols;
    struct Candidate *candidates;
    size_t capacity; // symbols; three times as many candidates
} BpeScratch;

// Reads tokenizer.json's "model" object, whose vocabulary is loaded already and must outlive the Bpe.
bool bpe_load(Bpe *bpe, const Vocabulary *vocabulary, const cJSON *model, const char *path, Error *err);
void bpe_done(Bpe *bpe);

// Appends the ids of one word (of fewer than 2^30 bytes) to out.
bool bpe_encode(const Bpe *bpe, BpeScratch *scratch, Text word, TokenIds *out, Error *err);
void bpe_scratch_done(BpeScratch *scratch);

// Appends an id. The list grows by doubling: its capacity is the power of two at or above n.
bool token_ids_push(TokenIds *ids, int id, Error *err);

#endif
