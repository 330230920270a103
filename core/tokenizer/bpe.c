// Merges the bytes of a word in O(n log n): a word may have a million letters.
//
// The symbols are a linked list. A heap holds the pairs that can be merged, lowest rank first and then
// leftmost first. A merge changes the pairs with its two neighbours. Their old entries stay in the heap; they
// are skipped later, because the symbols are no longer those that the merge joins.
//
//     symbols:  [l]<->[o]<->[w]       heap: (rank of "l o", at 0), (rank of "o w", at 1)
//     merged:   [lo]<-------->[w]           (rank of "lo w", at 0), (rank of "o w", at 1: stale)
//
// Interface: bpe.h.
#include "core/tokenizer/bpe.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { NONE = -1 };

typedef struct Symbol {
    int id;             // NONE once it is merged into the one before it
    int previous, next; // NONE at the ends
} Symbol;

typedef struct Candidate {
    const Merge *merge;
    int at; // the left symbol
} Candidate;

static int by_pair(const void *a, const void *b) {
    const Merge *left = a, *right = b;
    if (left->left != right->left) return left->left < right->left ? -1 : 1;
    return (left->right > right->right) - (left->right < right->right);
}

static const Merge *find_merge(const Bpe *bpe, int left, int right) {
    Merge key = {.left = left, .right = right};
    return bpe->n_merges ? bsearch(&key, bpe->merges, (size_t)bpe->n_merges, sizeof key, by_pair) : NULL;
}

// Splits "a b" or ["a", "b"] into its two spellings.
static bool split_merge(const cJSON *item, Text *left, Text *right) {
    if (cJSON_IsArray(item) && cJSON_GetArraySize(item) == 2) {
        *left = text_from(cJSON_GetStringValue(item->child));
        *right = text_from(cJSON_GetStringValue(item->child->next));
        return left->bytes && right->bytes;
    }
    const char *pair = cJSON_GetStringValue(item), *space = pair ? strchr(pair, ' ') : NULL;
    if (!space) return false;
    *left = (Text){pair, (size_t)(space - pair)};
    *right = text_from(space + 1);
    return true;
}

// Finds the three tokens of a merge. The joined bytes are built in scratch.
static bool read_merge(const Bpe *bpe, Merge *merge, const cJSON *item, char *scratch) {
    Text left, right;
    size_t n_left, n_right;
    if (!split_merge(item, &left, &right)) return false;
    if (!vocabulary_key(bpe->vocabulary, scratch, &n_left, left)) return false;
    if (!vocabulary_key(bpe->vocabulary, scratch + n_left, &n_right, right)) return false;
    merge->left = vocabulary_find(bpe->vocabulary, (Text){scratch, n_left});
    merge->right = vocabulary_find(bpe->vocabulary, (Text){scratch + n_left, n_right});
    merge->merged = vocabulary_find(bpe->vocabulary, (Text){scratch, n_left + n_right});
    return merge->left >= 0 && merge->right >= 0 && merge->merged >= 0;
}

static size_t merge_length(const cJSON *item) {
    Text left, right;
    return split_merge(item, &left, &right) ? left.n_bytes + right.n_bytes : 0;
}

static bool read_merges(Bpe *bpe, const cJSON *list, const char *path, Error *err) {
    const cJSON *item;
    size_t longest = 1;
    cJSON_ArrayForEach(item, list) {
        size_t length = merge_length(item);
        if (length > longest) longest = length;
    }
    char *scratch = malloc(longest);
    bpe->merges = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *bpe->merges);
    bool ok = (scratch && bpe->merges) || error_no_memory(err, "the merges", (double)longest);
    cJSON_ArrayForEach(item, list) {
        Merge *merge = &bpe->merges[bpe->n_merges];
        if (!ok) break;
        merge->rank = bpe->n_merges++;
        if (!read_merge(bpe, merge, item, scratch))
            ok = error_set(
                err,
                "%s: merge %d does not join two tokens of the vocabulary into a third; the file is damaged: "
                "download it again",
                path, merge->rank);
    }
    free(scratch);
    return ok;
}

static bool sort_merges(Bpe *bpe, const char *path, Error *err) {
    qsort(bpe->merges, (size_t)bpe->n_merges, sizeof *bpe->merges, by_pair);
    for (int i = 1; i < bpe->n_merges; i++)
        if (by_pair(&bpe->merges[i - 1], &bpe->merges[i]) == 0)
            return error_set(
                err,
                "%s: the merges %d and %d join the same two tokens; the file is damaged: download it again",
                path, bpe->merges[i - 1].rank, bpe->merges[i].rank);
    return true;
}

// Reads the tokens of single bytes and that of unknown characters.
static void find_bytes(Bpe *bpe, const cJSON *model) {
    const char *unknown = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(model, "unk_token"));
    bool pieces = bpe->vocabulary->has_pieces;
    bool fallback = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(model, "byte_fallback"));
    for (int byte = 0; byte < 256; byte++) {
        char bytes[8] = {(char)byte};
        if (pieces) snprintf(bytes, sizeof bytes, "<0x%02X>", (unsigned)byte);
        bpe->byte_ids[byte] =
            pieces && !fallback ? NONE : vocabulary_find(bpe->vocabulary, (Text){bytes, pieces ? 6 : 1});
    }
    bpe->unknown_id = pieces && unknown ? vocabulary_find(bpe->vocabulary, text_from(unknown)) : NONE;
    bpe->fuse_unknown = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(model, "fuse_unk"));
}

bool bpe_load(Bpe *bpe, const Vocabulary *vocabulary, const cJSON *model, const char *path, Error *err) {
    const cJSON *merges = cJSON_GetObjectItemCaseSensitive(model, "merges");
    *bpe = (Bpe){.vocabulary = vocabulary};
    bpe->ignore_merges = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(model, "ignore_merges"));
    find_bytes(bpe, model);
    if (!cJSON_IsArray(merges))
        return error_set(err, "%s: the model has no list of \"merges\"; download the file again", path);
    if (read_merges(bpe, merges, path, err) && sort_merges(bpe, path, err)) return true;
    bpe_done(bpe);
    return false;
}

void bpe_done(Bpe *bpe) {
    free(bpe->merges);
    *bpe = (Bpe){.merges = NULL};
}

static bool goes_before(Candidate a, Candidate b) {
    return a.merge->rank != b.merge->rank ? a.merge->rank < b.merge->rank : a.at < b.at;
}

// A binary heap: the children of heap[i] are heap[2i + 1] and heap[2i + 2], and go after it.
static void heap_push(Candidate *heap, size_t *n, Candidate added) {
    size_t i = (*n)++;
    for (; i > 0 && goes_before(added, heap[(i - 1) / 2]); i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
    heap[i] = added;
}

static Candidate heap_pop(Candidate *heap, size_t *n) {
    Candidate first = heap[0], last = heap[--*n];
    size_t i = 0;
    for (size_t child = 1; child < *n; child = 2 * i + 1) {
        if (child + 1 < *n && goes_before(heap[child + 1], heap[child])) child++;
        if (!goes_before(heap[child], last)) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return first;
}

// Room for a word: n symbols; n - 1 candidates at the start and two more for each of at most n - 1 merges.
static bool reserve(BpeScratch *scratch, size_t n, Error *err) {
    if (n <= scratch->capacity) return true;
    bpe_scratch_done(scratch);
    scratch->symbols = malloc(n * sizeof *scratch->symbols);
    scratch->candidates = malloc(3 * n * sizeof *scratch->candidates);
    if (!scratch->symbols || !scratch->candidates)
        return error_no_memory(err, "a long word", (double)n * (sizeof(Symbol) + 3 * sizeof(Candidate)));
    scratch->capacity = n;
    return true;
}

void bpe_scratch_done(BpeScratch *scratch) {
    free(scratch->symbols);
    free(scratch->candidates);
    *scratch = (BpeScratch){0};
}

// A character is a symbol where it has a token; otherwise each of its bytes is one, or all of it is unknown.
static bool split_characters(const Bpe *bpe, Symbol *symbols, int *n_symbols, Text word, Error *err) {
    int n = 0;
    bool after_unknown = false;
    for (size_t at = 0, length; at < word.n_bytes; at += length) {
        utf8proc_int32_t character;
        utf8proc_ssize_t valid = utf8proc_iterate((const utf8proc_uint8_t *)word.bytes + at,
                                                  (utf8proc_ssize_t)(word.n_bytes - at), &character);
        length = valid > 0 ? (size_t)valid : 1;
        int id = valid > 0 ? vocabulary_find(bpe->vocabulary, (Text){word.bytes + at, length}) : NONE;
        bool has_bytes = id == NONE;
        for (size_t i = 0; i < length && has_bytes; i++)
            has_bytes = bpe->byte_ids[(unsigned char)word.bytes[at + i]] != NONE;
        bool unknown = id == NONE && !has_bytes, fused = unknown && after_unknown && bpe->fuse_unknown;
        after_unknown = unknown;
        if (fused) continue;
        if (unknown) id = bpe->unknown_id;
        if (unknown && id == NONE)
            return error_set(
                err,
                "the text holds a character for which the model's vocabulary has no token; leave it out");
        for (size_t i = 0; i < (has_bytes ? length : 1); i++, n++)
            symbols[n].id = has_bytes ? bpe->byte_ids[(unsigned char)word.bytes[at + i]] : id;
    }
    for (int i = 0; i < n; i++) symbols[i].previous = i - 1, symbols[i].next = i + 1 < n ? i + 1 : NONE;
    *n_symbols = n;
    return true;
}

static bool split_bytes(const Bpe *bpe, Symbol *symbols, Text word, Error *err) {
    int n = (int)word.n_bytes;
    for (int i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)word.bytes[i];
        symbols[i] = (Symbol){bpe->byte_ids[byte], i - 1, i + 1 < n ? i + 1 : NONE};
        if (symbols[i].id == NONE)
            return error_set(
                err,
                "the text holds the byte 0x%02X, for which the model's vocabulary has no token; leave it out",
                byte);
    }
    return true;
}

// Adds the pair that starts at a symbol to the heap, if there is a merge for it.
static void consider(const Bpe *bpe, const Symbol *symbols, int at, Candidate *heap, size_t *n) {
    if (at == NONE || symbols[at].next == NONE) return;
    const Merge *merge = find_merge(bpe, symbols[at].id, symbols[symbols[at].next].id);
    if (merge) heap_push(heap, n, (Candidate){merge, at});
}

static void merge_all(const Bpe *bpe, BpeScratch *scratch, int n_symbols) {
    Symbol *symbols = scratch->symbols;
    Candidate *heap = scratch->candidates;
    size_t n_heap = 0;
    for (int i = 0; i < n_symbols; i++) consider(bpe, symbols, i, heap, &n_heap);
    while (n_heap > 0) {
        Candidate best = heap_pop(heap, &n_heap);
        Symbol *left = &symbols[best.at];
        bool stale =
            left->id != best.merge->left || left->next == NONE || symbols[left->next].id != best.merge->right;
        if (stale) continue;
        Symbol *right = &symbols[left->next];
        left->id = best.merge->merged;
        left->next = right->next;
        right->id = NONE;
        if (left->next != NONE) symbols[left->next].previous = best.at;
        consider(bpe, symbols, left->previous, heap, &n_heap);
        consider(bpe, symbols, best.at, heap, &n_heap);
    }
}

bool bpe_encode(const Bpe *bpe, BpeScratch *scratch, Text word, TokenIds *out, Error *err) {
    assert(word.n_bytes > 0 && word.n_bytes < (size_t)1 << 30);
    int whole = bpe->ignore_merges ? vocabulary_find(bpe->vocabulary, word) : NONE;
    if (whole != NONE) return token_ids_push(out, whole, err);
    int n_symbols = (int)word.n_bytes;
    if (!reserve(scratch, word.n_bytes, err)) return false;
    if (bpe->vocabulary->has_pieces ? !split_characters(bpe, scratch->symbols, &n_symbols, word, err)
                                    : !split_bytes(bpe, scratch->symbols, word, err))
        return false;
    merge_all(bpe, scratch, n_symbols);
    for (int i = 0; i != NONE; i = scratch->symbols[i].next)
        if (!token_ids_push(out, scratch->symbols[i].id, err)) return false;
    return true;
}

bool token_ids_push(TokenIds *ids, int id, Error *err) {
    bool full = (ids->n & (ids->n - 1)) == 0; // 0 or a power of two
    if (full) {
        size_t capacity = ids->n ? 2 * (size_t)ids->n : 1;
        int *grown = realloc(ids->ids, capacity * sizeof *grown);
        if (!grown) return error_no_memory(err, "the token ids", (double)capacity * sizeof *grown);
        ids->ids = grown;
    }
    ids->ids[ids->n++] = id;
    return true;
}
