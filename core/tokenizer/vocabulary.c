// An array by id gives the bytes of a token; a sorted array finds the id of bytes.
//
// All texts lie in one block, which is as long as the JSON strings together: the character that spells a byte
// is never shorter than the byte.
//
// Interface: vocabulary.h.
#include "core/tokenizer/vocabulary.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { MOST_IDS = 1 << 22 }; // without a model that says how many there are

typedef struct Loading {
    Vocabulary *vocabulary;
    const char **spellings; // [n_ids], as the file writes them; NULL for an id that is not used
    size_t used;            // of vocabulary->bytes
    const VocabularyFile *file;
} Loading;

int text_compare(Text a, Text b) {
    size_t shorter = a.n_bytes < b.n_bytes ? a.n_bytes : b.n_bytes;
    int order = shorter ? memcmp(a.bytes, b.bytes, shorter) : 0;
    return order ? order : (a.n_bytes > b.n_bytes) - (a.n_bytes < b.n_bytes);
}

// The byte of a character of the alphabet, or -1. Bytes without a printable character of their own have those
// from U+0100 on: 00-20, 7F-A0 and AD (GPT-2's bytes_to_unicode).
static int alphabet_byte(int character) {
    bool printable = (character >= 0x21 && character <= 0x7E) ||
                     (character >= 0xA1 && character <= 0xFF && character != 0xAD);
    if (printable) return character;
    if (character >= 0x100 && character <= 0x120) return character - 0x100;
    if (character >= 0x121 && character <= 0x142) return character - 0x121 + 0x7F;
    return character == 0x143 ? 0xAD : -1;
}

// Translates a spelling in the byte-level alphabet into bytes. `out` needs room for `length` bytes. Returns
// false when a character is outside the alphabet.
static bool alphabet_decode(char *out, size_t *n_bytes, const char *spelling, size_t length) {
    *n_bytes = 0;
    while (length > 0) {
        utf8proc_int32_t character;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)spelling, (utf8proc_ssize_t)length, &character);
        int byte = n > 0 ? alphabet_byte(character) : -1;
        if (byte < 0) return false;
        out[(*n_bytes)++] = (char)byte;
        spelling += n;
        length -= (size_t)n;
    }
    return true;
}

bool vocabulary_key(const Vocabulary *vocabulary, char *out, size_t *n_bytes, Text spelling) {
    if (!vocabulary->has_pieces) return alphabet_decode(out, n_bytes, spelling.bytes, spelling.n_bytes);
    memcpy(out, spelling.bytes, spelling.n_bytes);
    *n_bytes = spelling.n_bytes;
    return true;
}

static size_t bytes_needed(const VocabularyFile *file) {
    const cJSON *item;
    size_t n = 1;
    // twice: a piece has its spelling and what it stands for
    cJSON_ArrayForEach(item, file->vocab) n += 2 * strlen(item->string);
    cJSON_ArrayForEach(item, file->added) {
        const char *content = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "content"));
        n += content ? strlen(content) : 0;
    }
    return n;
}

static bool allocate(Loading *loading, Error *err) {
    Vocabulary *vocabulary = loading->vocabulary;
    size_t n_bytes = bytes_needed(loading->file);
    size_t n_entries = (size_t)cJSON_GetArraySize(loading->file->vocab) + 1;
    size_t n_ids = (size_t)vocabulary->n_ids;
    vocabulary->texts = calloc(n_ids, sizeof *vocabulary->texts);
    vocabulary->entries = calloc(n_entries, sizeof *vocabulary->entries);
    vocabulary->bytes = malloc(n_bytes);
    loading->spellings = calloc(n_ids, sizeof *loading->spellings);
    if (vocabulary->texts && vocabulary->entries && vocabulary->bytes && loading->spellings) return true;
    return error_no_memory(err, "the vocabulary",
                           (double)n_bytes + (double)n_ids * 24 + (double)n_entries * 24);
}

// Reads an id. One outside the model's range means that the files are of two models.
static bool read_id(const Loading *loading, const cJSON *number, const char *token, int *id, Error *err) {
    int n_ids = loading->vocabulary->n_ids;
    double value = cJSON_IsNumber(number) ? number->valuedouble : -1;
    *id = value >= 0 && value < n_ids ? (int)value : -1;
    if (*id >= 0 && *id == value) return true;
    if (!cJSON_IsNumber(number))
        return error_set(err, "%s: the token \"%.60s\" has no number as its id", loading->file->path, token);
    if (loading->file->n_ids == 0)
        return error_set(err,
                         "%s: the token \"%.60s\" has the id %.10g; an id is a whole number from 0 to %d: "
                         "download the file "
                         "again",
                         loading->file->path, token, value, MOST_IDS - 1);
    return error_set(
        err,
        "%s: the token \"%.60s\" has the id %.10g, but config.json's vocabulary has the ids 0 to %d; use the "
        "tokenizer and config.json of one model",
        loading->file->path, token, value, n_ids - 1);
}

static bool two_tokens(const Loading *loading, int id, const char *token, Error *err) {
    return error_set(
        err,
        "%s: the id %d stands for two tokens, one of them \"%.60s\"; the file is damaged: download it again",
        loading->file->path, id, token);
}

static bool is_byte_piece(const char *spelling) {
    return strncmp(spelling, "<0x", 3) == 0 && isxdigit((unsigned char)spelling[3]) &&
           isxdigit((unsigned char)spelling[4]) && strcmp(spelling + 5, ">") == 0;
}

// The text of a piece: ▁ is a space, <0xNN> a byte.
static Text piece_text(Loading *loading, const char *spelling) {
    char *bytes = loading->vocabulary->bytes + loading->used;
    size_t n = 0;
    if (is_byte_piece(spelling)) {
        bytes[n++] = (char)strtoul(spelling + 3, NULL, 16);
    } else {
        while (*spelling) {
            bool is_mark = strncmp(spelling, "\u2581", 3) == 0;
            bytes[n++] = is_mark ? ' ' : *spelling;
            spelling += is_mark ? 3 : 1;
        }
    }
    loading->used += n;
    return (Text){bytes, n};
}

static bool read_word(Loading *loading, const cJSON *item, Error *err) {
    Vocabulary *vocabulary = loading->vocabulary;
    const char *spelling = item->string;
    char *bytes = vocabulary->bytes + loading->used;
    size_t n_bytes;
    int id;
    if (!read_id(loading, item, spelling, &id, err)) return false;
    if (loading->spellings[id]) return two_tokens(loading, id, spelling, err);
    if (!spelling[0])
        return error_set(err, "%s: the token with the id %d is empty; the file is damaged: download it again",
                         loading->file->path, id);
    loading->spellings[id] = spelling;
    if (!vocabulary_key(vocabulary, bytes, &n_bytes, text_from(spelling)))
        return true; // an added token must explain it
    vocabulary->entries[vocabulary->n_entries++] = (VocabularyEntry){{bytes, n_bytes}, id};
    loading->used += n_bytes;
    vocabulary->texts[id] = (Text){bytes, n_bytes};
    if (vocabulary->has_pieces) vocabulary->texts[id] = piece_text(loading, spelling);
    return true;
}

static bool read_added(Loading *loading, const cJSON *item, Error *err) {
    const char *content = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "content"));
    char *bytes = loading->vocabulary->bytes + loading->used;
    int id;
    if (!content || !content[0])
        return error_set(err, "%s: an added token has no \"content\"; the file is damaged: download it again",
                         loading->file->path);
    if (!read_id(loading, cJSON_GetObjectItemCaseSensitive(item, "id"), content, &id, err)) return false;
    if (loading->spellings[id] && strcmp(loading->spellings[id], content) != 0)
        return two_tokens(loading, id, content, err);
    Text text = text_from(content);
    memcpy(bytes, text.bytes, text.n_bytes);
    loading->vocabulary->texts[id] = (Text){bytes, text.n_bytes};
    loading->spellings[id] = content;
    loading->used += text.n_bytes;
    return true;
}

static bool check_alphabet(const Loading *loading, Error *err) {
    for (int id = 0; id < loading->vocabulary->n_ids; id++)
        if (loading->spellings[id] && !loading->vocabulary->texts[id].bytes)
            return error_set(err,
                             "%s: the token \"%.60s\" is not spelled in the byte-level alphabet, as the "
                             "ByteLevel pre_tokenizer "
                             "would have it; download the file again",
                             loading->file->path, loading->spellings[id]);
    return true;
}

int vocabulary_by_text(const void *a, const void *b) {
    return text_compare(((const VocabularyEntry *)a)->text, ((const VocabularyEntry *)b)->text);
}

static bool sort_entries(Vocabulary *vocabulary, const char *path, Error *err) {
    VocabularyEntry *entries = vocabulary->entries;
    qsort(entries, (size_t)vocabulary->n_entries, sizeof *entries, vocabulary_by_text);
    for (int i = 1; i < vocabulary->n_entries; i++)
        if (vocabulary_by_text(&entries[i - 1], &entries[i]) == 0)
            return error_set(err, "%s: the ids %d and %d stand for the same token; the file is damaged", path,
                             entries[i - 1].id, entries[i].id);
    return true;
}

static bool read_all(Loading *loading, Error *err) {
    const cJSON *item;
    cJSON_ArrayForEach(item, loading->file->vocab) {
        if (!read_word(loading, item, err)) return false;
    }
    cJSON_ArrayForEach(item, loading->file->added) {
        if (!read_added(loading, item, err)) return false;
    }
    return true;
}

// One more than the largest id: n_ids for a tokenizer without a model.
static int count_ids(const VocabularyFile *file) {
    double largest = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, file->vocab) if (item->valuedouble > largest) largest = item->valuedouble;
    cJSON_ArrayForEach(item, file->added) {
        double id = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(item, "id"));
        if (id > largest) largest = id;
    }
    return largest < MOST_IDS ? (int)largest + 1 : MOST_IDS;
}

bool vocabulary_load(Vocabulary *vocabulary, const VocabularyFile *file, Error *err) {
    Loading loading = {.vocabulary = vocabulary, .file = file};
    *vocabulary =
        (Vocabulary){.n_ids = file->n_ids ? file->n_ids : count_ids(file), .has_pieces = file->has_pieces};
    bool ok = allocate(&loading, err) && read_all(&loading, err) && check_alphabet(&loading, err) &&
              sort_entries(vocabulary, file->path, err);
    free(loading.spellings);
    if (!ok) vocabulary_done(vocabulary);
    return ok;
}

void vocabulary_done(Vocabulary *vocabulary) {
    free(vocabulary->texts);
    free(vocabulary->entries);
    free(vocabulary->bytes);
    *vocabulary = (Vocabulary){.texts = NULL};
}

int vocabulary_entries_find(const VocabularyEntry *entries, int n, Text text) {
    VocabularyEntry key = {text, 0};
    const VocabularyEntry *found =
        n > 0 ? bsearch(&key, entries, (size_t)n, sizeof key, vocabulary_by_text) : NULL;
    return found ? found->id : -1;
}

int vocabulary_find(const Vocabulary *vocabulary, Text text) {
    return vocabulary_entries_find(vocabulary->entries, vocabulary->n_entries, text);
}
