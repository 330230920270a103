// The tokens are sorted, and each byte of the text narrows down the range of those that may match:
//
//     text "<|endoftext|>..."    '<': all that start with <    '|': <|end|>, <|endoftext|>    ...
//
// The longest match is kept.
//
// Interface: added_tokens.h.
#include "core/tokenizer/added_tokens.h"

#include <stdlib.h>
#include <utf8proc.h>

static bool is_set(const cJSON *item, const char *name) {
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, name));
}

// Collects the tokens that are normalized, or those that are not, with their texts as they are written.
static void collect(AddedTokens *tokens, AddedSet *set, const cJSON *added, bool normalized) {
    const cJSON *item;
    cJSON_ArrayForEach(item, added) {
        int id = (int)cJSON_GetObjectItemCaseSensitive(item, "id")->valuedouble;
        if (is_set(item, "normalized") != normalized) continue;
        if (is_set(item, "lstrip")) tokens->flags[id] |= ADDED_STRIPS_LEFT;
        if (is_set(item, "rstrip")) tokens->flags[id] |= ADDED_STRIPS_RIGHT;
        if (is_set(item, "single_word")) tokens->flags[id] |= ADDED_SINGLE_WORD;
        set->entries[set->n++] = (VocabularyEntry){tokens->vocabulary->texts[id], id};
    }
}

static bool stands_twice(int id, int other, const char *how, const char *path, Error *err) {
    return error_set(
        err,
        "%s: an added token appears twice%s, with the ids %d and %d; the file is damaged: download it again",
        path, how, id, other);
}

static bool sort_set(AddedSet *set, const char *how, const char *path, Error *err) {
    qsort(set->entries, (size_t)set->n, sizeof *set->entries, vocabulary_by_text);
    for (int i = 1; i < set->n; i++)
        if (vocabulary_by_text(&set->entries[i - 1], &set->entries[i]) == 0)
            return stands_twice(set->entries[i - 1].id, set->entries[i].id, how, path, err);
    return true;
}

static bool normalize_set(AddedTokens *tokens, const Normalizer *normalizer, const char *path, Error *err) {
    AddedSet *set = &tokens->normalized;
    for (int i = 0; i < set->n; i++) {
        VocabularyEntry *entry = &set->entries[i];
        int other = vocabulary_entries_find(tokens->as_written.entries, tokens->as_written.n, entry->text);
        if (other >= 0) return stands_twice(entry->id, other, "", path, err);
        if (!normalizer_apply(normalizer, entry->text, false, &entry->text, &tokens->owned[tokens->n_owned++],
                              err))
            return false;
        if (entry->text.n_bytes == 0)
            return error_set(err,
                             "%s: nothing is left of the added token with the id %d when it is normalised",
                             path, entry->id);
    }
    return sort_set(set, " when it is normalised", path, err);
}

bool added_tokens_load(AddedTokens *tokens, const Vocabulary *vocabulary, const Normalizer *normalizer,
                       const cJSON *added, const char *path, Error *err) {
    size_t n = (size_t)cJSON_GetArraySize(added) + 1;
    *tokens = (AddedTokens){.vocabulary = vocabulary};
    tokens->as_written.entries = calloc(n, sizeof *tokens->as_written.entries);
    tokens->normalized.entries = calloc(n, sizeof *tokens->normalized.entries);
    tokens->owned = calloc(n, sizeof *tokens->owned);
    tokens->flags = calloc((size_t)vocabulary->n_ids + 1, 1);
    if (!tokens->as_written.entries || !tokens->normalized.entries || !tokens->owned || !tokens->flags)
        return error_no_memory(err, "the added tokens", (double)n * 3 * sizeof(VocabularyEntry));
    collect(tokens, &tokens->as_written, added, false);
    collect(tokens, &tokens->normalized, added, true);
    return sort_set(&tokens->as_written, "", path, err) && sort_set(&tokens->normalized, "", path, err) &&
           normalize_set(tokens, normalizer, path, err);
}

void added_tokens_done(AddedTokens *tokens) {
    for (int i = 0; i < tokens->n_owned; i++) free(tokens->owned[i]);
    free(tokens->owned);
    free(tokens->as_written.entries);
    free(tokens->normalized.entries);
    free(tokens->flags);
    *tokens = (AddedTokens){.vocabulary = NULL};
}

static int find_in(const AddedTokens *tokens, const AddedSet *set, Text text) {
    for (int i = 0; i < set->n; i++)
        if (text_compare(tokens->vocabulary->texts[set->entries[i].id], text) == 0) return set->entries[i].id;
    return -1;
}

int added_tokens_find(const AddedTokens *tokens, Text text) {
    int id = find_in(tokens, &tokens->as_written, text);
    return id >= 0 ? id : find_in(tokens, &tokens->normalized, text);
}

// The first entry of [low, high) whose byte k is at least `byte`; all of them have a byte k.
static int lower_bound(const AddedSet *set, int low, int high, size_t k, int byte) {
    while (low < high) {
        int middle = low + (high - low) / 2;
        if ((unsigned char)set->entries[middle].text.bytes[k] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The longest added token that the text starts with, or NULL.
static const VocabularyEntry *longest_at(const AddedSet *set, Text text) {
    const VocabularyEntry *longest = NULL;
    int low = 0, high = set->n;
    for (size_t k = 0; low < high; k++) {
        if (set->entries[low].text.n_bytes == k) longest = &set->entries[low++];
        if (k == text.n_bytes) break;
        unsigned char byte = (unsigned char)text.bytes[k];
        low = lower_bound(set, low, high, k, byte);
        high = lower_bound(set, low, high, k, byte + 1);
    }
    return longest;
}

// The character at [at, at + *n), or right before `at`; -1 for a byte that is not UTF-8, and for the end of
// the text.
static int character_at(Text text, size_t at, size_t *n) {
    utf8proc_int32_t character;
    const utf8proc_uint8_t *rest = (const utf8proc_uint8_t *)text.bytes + at;
    utf8proc_ssize_t length = utf8proc_iterate(rest, (utf8proc_ssize_t)(text.n_bytes - at), &character);
    *n = length > 0 ? (size_t)length : 1;
    return length > 0 ? character : -1;
}

static int character_before(Text text, size_t at, size_t *n) {
    size_t length;
    for (*n = 1; *n <= 4 && *n <= at; ++*n) {
        int character = character_at((Text){text.bytes, at}, at - *n, &length);
        if (character >= 0 && length == *n) return character;
    }
    *n = 1;
    return -1;
}

// Unicode's white space.
static bool is_space(int character) {
    utf8proc_category_t category = utf8proc_category(character);
    return (character >= '\t' && character <= '\r') || character == 0x85 ||
           (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP);
}

static AddedMatch with_spaces(const AddedTokens *tokens, Text text, size_t from, AddedMatch match) {
    size_t n;
    if (tokens->flags[match.id] & ADDED_STRIPS_LEFT)
        for (; match.begin > from && is_space(character_before(text, match.begin, &n)); match.begin -= n) {
        }
    if (tokens->flags[match.id] & ADDED_STRIPS_RIGHT)
        for (; match.end < text.n_bytes && is_space(character_at(text, match.end, &n)); match.end += n) {
        }
    return match;
}

// What \w means to Rust's regular expressions: Unicode's Alphabetic, marks, decimal digits, connectors,
// joiners. Alphabetic are letters, letter-like numbers, and four ranges of enclosed letters.
static bool is_word(int character) {
    utf8proc_category_t category = utf8proc_category(character);
    bool enclosed =
        (character >= 0x24B6 && character <= 0x24E9) || (character >= 0x1F130 && character <= 0x1F149) ||
        (character >= 0x1F150 && character <= 0x1F169) || (character >= 0x1F170 && character <= 0x1F189);
    bool joiner = character == 0x200C || character == 0x200D;
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) ||
           category == UTF8PROC_CATEGORY_PC || enclosed || joiner;
}

// Whether neither side of [begin, end) is a word's character.
static bool stands_alone(Text text, size_t begin, size_t end) {
    size_t n;
    return !is_word(character_before(text, begin, &n)) && !is_word(character_at(text, end, &n));
}

// A "single_word" token inside a word is skipped as a whole.
AddedMatch added_tokens_next(const AddedTokens *tokens, const AddedSet *set, Text text, size_t from) {
    for (size_t at = from, length; at < text.n_bytes; at += length) {
        const VocabularyEntry *entry = longest_at(set, (Text){text.bytes + at, text.n_bytes - at});
        length = entry ? entry->text.n_bytes : 1;
        if (!entry || (tokens->flags[entry->id] & ADDED_SINGLE_WORD && !stands_alone(text, at, at + length)))
            continue;
        return with_spaces(tokens, text, from, (AddedMatch){at, at + length, entry->id});
    }
    return (AddedMatch){text.n_bytes, text.n_bytes, -1};
}
