// Finding added tokens: they are sorted, and the text narrows them down byte by byte.
//
//     text "<|endoftext|>..."    '<': all that start with <    '|': <|end|>, <|endoftext|>    ...    the longest is kept
//
// Interface: added_tokens.h.
#include "added_tokens.h"

#include <stdlib.h>

// The settings that would make a token match differently from how it is written.
static bool check_settings(const cJSON *item, Text text, const char *path, Error *err) {
    static const char *const UNKNOWN[] = {"single_word"};
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++)
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, UNKNOWN[i])))
            return error_set(
                err, "%s: the added token \"%.*s\" sets \"%s\", which kvstep does not know; choose a model without it", path,
                text.n_bytes < 60 ? (int)text.n_bytes : 60, text.bytes, UNKNOWN[i]);
    return true;
}

bool added_tokens_load(AddedTokens *tokens, const Vocabulary *vocabulary, const cJSON *added, const char *path, Error *err) {
    const cJSON *item;
    tokens->entries = calloc((size_t)cJSON_GetArraySize(added) + 1, sizeof *tokens->entries);
    tokens->n = 0;
    tokens->strips = calloc((size_t)vocabulary->n_ids + 1, 1);
    if (!tokens->entries || !tokens->strips)
        return error_memory(err, "the added tokens", (double)cJSON_GetArraySize(added) * sizeof *tokens->entries);
    cJSON_ArrayForEach(item, added) {
        int id = (int)cJSON_GetObjectItemCaseSensitive(item, "id")->valuedouble;
        if (!check_settings(item, vocabulary->texts[id], path, err)) return false;
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "lstrip"))) tokens->strips[id] |= STRIPS_LEFT;
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "rstrip"))) tokens->strips[id] |= STRIPS_RIGHT;
        tokens->entries[tokens->n++] = (VocabularyEntry){vocabulary->texts[id], id};
    }
    qsort(tokens->entries, (size_t)tokens->n, sizeof *tokens->entries, vocabulary_by_text);
    for (int i = 1; i < tokens->n; i++)
        if (vocabulary_by_text(&tokens->entries[i - 1], &tokens->entries[i]) == 0)
            return error_set(
                err, "%s: an added token stands twice, with the ids %d and %d; the file is damaged: download it again", path,
                tokens->entries[i - 1].id, tokens->entries[i].id);
    return true;
}

void added_tokens_done(AddedTokens *tokens) {
    free(tokens->entries);
    free(tokens->strips);
    *tokens = (AddedTokens){.entries = NULL};
}

int added_tokens_find(const AddedTokens *tokens, Text text) {
    return vocabulary_entries_find(tokens->entries, tokens->n, text);
}

// The first entry of [low, high) whose byte k is at least `byte`; all of them have a byte k.
static int lower_bound(const AddedTokens *tokens, int low, int high, size_t k, int byte) {
    while (low < high) {
        int middle = low + (high - low) / 2;
        if ((unsigned char)tokens->entries[middle].text.bytes[k] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The longest added token that the text starts with, or NULL.
static const VocabularyEntry *longest_at(const AddedTokens *tokens, Text text) {
    const VocabularyEntry *longest = NULL;
    int low = 0, high = tokens->n;
    for (size_t k = 0; low < high; k++) {
        if (tokens->entries[low].text.n_bytes == k) longest = &tokens->entries[low++];
        if (k == text.n_bytes) break;
        unsigned char byte = (unsigned char)text.bytes[k];
        low = lower_bound(tokens, low, high, k, byte);
        high = lower_bound(tokens, low, high, k, byte + 1);
    }
    return longest;
}

// ASCII's white space; no known tokenizer has a stripping token beside another kind.
static bool is_space(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static AddedMatch with_spaces(const AddedTokens *tokens, Text text, AddedMatch match) {
    if (tokens->strips[match.id] & STRIPS_LEFT)
        while (match.begin > 0 && is_space(text.bytes[match.begin - 1])) match.begin--;
    if (tokens->strips[match.id] & STRIPS_RIGHT)
        while (match.end < text.n_bytes && is_space(text.bytes[match.end])) match.end++;
    return match;
}

AddedMatch added_tokens_next(const AddedTokens *tokens, Text text) {
    for (size_t at = 0; at < text.n_bytes; at++) {
        const VocabularyEntry *entry = longest_at(tokens, (Text){text.bytes + at, text.n_bytes - at});
        if (entry) return with_spaces(tokens, text, (AddedMatch){at, at + entry->text.n_bytes, entry->id});
    }
    return (AddedMatch){text.n_bytes, text.n_bytes, -1};
}
