// Byte-pair encoding of one word: its bytes, merged pair by pair in the order of the merges' ranks.
//
//     l o w e r   --"l o" came first-->   lo w e r   --"lo w"-->   low e r   --"e r"-->   low er
#ifndef KVSTEP_BPE_H
#define KVSTEP_BPE_H

#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary.h"

// Two neighbouring tokens that become one. The lowest rank is merged first.
typedef struct Merge {
    int left, right;
    int merged;
    int rank;
} Merge;

typedef struct Bpe {
    const Vocabulary *vocabulary;
    Merge *merges; // [n_merges], sorted by left and right
    int n_merges;
    int byte_ids[256];  // the tokens of single bytes; -1: the vocabulary has none
    int unknown_id;     // SentencePiece-style: for characters without a token; -1: they are an error
    bool fuse_unknown;  // neighbouring characters without a token become one unknown token
    bool ignore_merges; // a word that is a token is not merged from its bytes (Llama 3)
} Bpe;

// Memory that bpe_encode() keeps from word to word. Start with {0}, end with bpe_scratch_done().
typedef struct BpeScratch {
    struct Symbol *symbols;
    struct Candidate *candidates;
    size_t capacity; // of symbols; candidates have three times as many
} BpeScratch;

// Reads tokenizer.json's "model" object. Load the vocabulary first; it must outlive the Bpe.
bool bpe_load(Bpe *bpe, const Vocabulary *vocabulary, const cJSON *model, const char *path, Error *err);
void bpe_done(Bpe *bpe);

// Appends the ids of one word, of fewer than 2^30 bytes, to out.
bool bpe_encode(const Bpe *bpe, BpeScratch *scratch, Text word, TokenIds *out, Error *err);
void bpe_scratch_done(BpeScratch *scratch);

// Appends an id. The capacity is the power of two at or above n: build the list by this function alone.
bool token_ids_push(TokenIds *ids, int id, Error *err);

#endif
