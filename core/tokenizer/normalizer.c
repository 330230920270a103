#include "core/tokenizer/normalizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define MARK "\u2581" // ▁

enum { MAX_BYTES = 64 << 20 }; // of a normalised text

static const cJSON *member(const cJSON *json, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsNull(item) ? NULL : item;
}

static const char *member_text(const cJSON *json, const char *name) {
    const char *text = cJSON_GetStringValue(member(json, name));
    return text ? text : "";
}

static bool add_part(Normalizer *normalizer, NormalizerKind kind, const char *from, const char *to,
                     const char *path, Error *err) {
    NormalizerPart *part = &normalizer->parts[normalizer->n_parts];
    if (normalizer->n_parts == NORMALIZER_MAX_PARTS || strlen(from) >= sizeof part->from ||
        strlen(to) >= sizeof part->to)
        return error_set(err, "%s: the normalizer has more or longer parts than any that kvstep knows", path);
    part->kind = kind;
    strcpy(part->from, from);
    strcpy(part->to, to);
    normalizer->n_parts++;
    return true;
}

static bool load_part(Normalizer *normalizer, const cJSON *json, const char *path, Error *err) {
    const char *type = member_text(json, "type"), *from = member_text(member(json, "pattern"), "String");
    const cJSON *part;
    if (strcmp(type, "NFC") == 0) return add_part(normalizer, NORMALIZER_NFC, "", "", path, err);
    if (strcmp(type, "Prepend") == 0)
        return add_part(normalizer, NORMALIZER_PREPEND, "", member_text(json, "prepend"), path, err);
    if (strcmp(type, "Replace") == 0 && *from)
        return add_part(normalizer, NORMALIZER_REPLACE, from, member_text(json, "content"), path, err);
    if (strcmp(type, "Sequence") != 0)
        return error_set(err,
                         "%s: the normalizer is %.40s; kvstep knows NFC, Prepend, Replace of a String, and "
                         "Sequences of them",
                         path, *type ? type : "of no type");
    cJSON_ArrayForEach(part, member(json, "normalizers")) {
        if (!load_part(normalizer, part, path, err)) return false;
    }
    return true;
}

bool normalizer_load(Normalizer *normalizer, const cJSON *json, const char *path, Error *err) {
    *normalizer = (Normalizer){0};
    return !json || cJSON_IsNull(json) || load_part(normalizer, json, path, err);
}

static bool load_metaspace(Normalizer *normalizer, const cJSON *json, const char *path, Error *err) {
    const char *mark = *member_text(json, "replacement") ? member_text(json, "replacement") : MARK;
    const char *scheme = member_text(json, "prepend_scheme");
    const cJSON *old = member(json, "add_prefix_space"), *split = member(json, "split");
    if (!*scheme) scheme = old && !cJSON_IsTrue(old) ? "never" : "always";
    normalizer->splits_at_marks = !split || cJSON_IsTrue(split);
    if (!add_part(normalizer, NORMALIZER_REPLACE, " ", mark, path, err)) return false;
    if (strcmp(scheme, "never") == 0) return true;
    if (strcmp(scheme, "always") == 0)
        return add_part(normalizer, NORMALIZER_PREPEND_ONCE, "", mark, path, err);
    if (strcmp(scheme, "first") == 0)
        return add_part(normalizer, NORMALIZER_PREPEND_FIRST, "", mark, path, err);
    return error_set(err, "%s: Metaspace's prepend_scheme is %.20s; kvstep knows first, always and never",
                     path, scheme);
}

bool normalizer_load_metaspace(Normalizer *metaspace, const cJSON *pre_tokenizer, const char *path,
                               Error *err) {
    *metaspace = (Normalizer){0};
    return strcmp(member_text(pre_tokenizer, "type"), "Metaspace") != 0 ||
           load_metaspace(metaspace, pre_tokenizer, path, err);
}

// A text that grows.
typedef struct Builder {
    char *bytes;
    size_t n, capacity;
    bool failed, too_long; // the second is a kind of the first
} Builder;

static void put(Builder *builder, const char *bytes, size_t n) {
    if (n > MAX_BYTES - builder->n) builder->failed = builder->too_long = true;
    if (builder->failed) return;
    if (!builder->bytes || builder->n + n + 1 > builder->capacity) {
        size_t capacity = 2 * (builder->n + n + 1);
        char *grown = realloc(builder->bytes, capacity);
        if (!grown) {
            builder->failed = true;
            return;
        }
        builder->bytes = grown;
        builder->capacity = capacity;
    }
    if (n) memcpy(builder->bytes + builder->n, bytes, n);
    builder->n += n;
}

// How many bytes at the start are valid UTF-8.
static size_t valid_length(Text text) {
    size_t at = 0;
    while (at < text.n_bytes) {
        utf8proc_int32_t character;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.bytes + at,
                                              (utf8proc_ssize_t)(text.n_bytes - at), &character);
        if (n <= 0) break;
        at += (size_t)n;
    }
    return at;
}

static int combining_class(utf8proc_int32_t character) {
    return utf8proc_get_property(character)->combining_class;
}

// Sorts combining marks by class, stably. utf8proc sorts them by insertion, which takes seconds for a run of
// some ten thousand.
static void order_marks(utf8proc_int32_t *marks, size_t n, utf8proc_int32_t *scratch) {
    size_t starts[257] = {0};
    for (size_t i = 0; i < n; i++) starts[combining_class(marks[i]) + 1]++;
    for (int class = 1; class < 257; class ++) starts[class] += starts[class - 1];
    for (size_t i = 0; i < n; i++) scratch[starts[combining_class(marks[i])]++] = marks[i];
    memcpy(marks, scratch, n * sizeof *marks);
}

// Decomposes valid UTF-8 into out, which has room for all of it, or is NULL. Returns the number of
// characters.
static size_t decompose(utf8proc_int32_t *out, Text text, int options) {
    enum { LONGEST = 8 }; // more than any one character becomes
    size_t n = 0;
    int unused = 0;
    for (size_t at = 0; at < text.n_bytes;) {
        utf8proc_int32_t character;
        const utf8proc_uint8_t *rest = (const utf8proc_uint8_t *)text.bytes + at;
        at += (size_t)utf8proc_iterate(rest, (utf8proc_ssize_t)(text.n_bytes - at), &character);
        n += (size_t)utf8proc_decompose_char(character, out ? out + n : NULL, out ? LONGEST : 0, options,
                                             &unused);
    }
    return n;
}

// Unicode's NFC: decompose, order each run of marks, compose.
static void put_composed(Builder *builder, Text text) {
    const int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    size_t n = decompose(NULL, text, options);
    utf8proc_int32_t *characters = malloc((2 * n + 1) * sizeof *characters); // and scratch for as many
    if (!characters) {
        builder->failed = true;
        return;
    }
    decompose(characters, text, options);
    for (size_t begin = 0, end; begin < n; begin = end + 1) {
        for (end = begin; end < n && combining_class(characters[end]) > 0;) end++;
        if (end > begin + 1) order_marks(characters + begin, end - begin, characters + n);
    }
    utf8proc_ssize_t n_bytes = utf8proc_reencode(characters, (utf8proc_ssize_t)n, options);
    if (n_bytes < 0)
        builder->failed = true;
    else
        put(builder, (const char *)characters, (size_t)n_bytes);
    free(characters);
}

static void put_nfc(Builder *builder, Text text) {
    while (text.n_bytes > 0 && !builder->failed) {
        size_t n = valid_length(text);
        if (n > 0) put_composed(builder, (Text){text.bytes, n});
        text = (Text){text.bytes + n, text.n_bytes - n};
        if (text.n_bytes == 0) break;
        put(builder, text.bytes, 1); // a byte that is not UTF-8
        text = (Text){text.bytes + 1, text.n_bytes - 1};
    }
}

static void put_replaced(Builder *builder, Text text, const NormalizerPart *part) {
    size_t n_from = strlen(part->from), n_to = strlen(part->to), at = 0;
    while (at < text.n_bytes) {
        bool found = at + n_from <= text.n_bytes && memcmp(text.bytes + at, part->from, n_from) == 0;
        put(builder, found ? part->to : text.bytes + at, found ? n_to : 1);
        at += found ? n_from : 1;
    }
}

static bool begins_with(Text text, const char *start) {
    size_t n = strlen(start);
    return text.n_bytes >= n && memcmp(text.bytes, start, n) == 0;
}

static void apply_part(Builder *builder, Text text, const NormalizerPart *part, bool first) {
    bool prepends = part->kind == NORMALIZER_PREPEND || (part->kind == NORMALIZER_PREPEND_FIRST && first) ||
                    part->kind == NORMALIZER_PREPEND_ONCE;
    if (prepends && part->kind != NORMALIZER_PREPEND && begins_with(text, part->to)) prepends = false;
    if (part->kind == NORMALIZER_NFC) {
        put_nfc(builder, text);
    } else if (part->kind == NORMALIZER_REPLACE) {
        put_replaced(builder, text, part);
    } else {
        if (prepends && text.n_bytes > 0) put(builder, part->to, strlen(part->to));
        put(builder, text.bytes, text.n_bytes);
    }
}

bool normalizer_apply(const Normalizer *normalizer, Text text, bool first, Text *out, char **owned,
                      Error *err) {
    *out = text;
    *owned = NULL;
    for (int i = 0; i < normalizer->n_parts; i++) {
        Builder builder = {0};
        apply_part(&builder, *out, &normalizer->parts[i], first);
        free(*owned);
        *owned = builder.bytes;
        *out = (Text){builder.bytes ? builder.bytes : "", builder.n};
        if (!builder.failed) continue;
        free(*owned);
        *owned = NULL;
        if (builder.too_long)
            return error_set(
                err, "the tokenizer's normalizer makes more than %d MB of this text; try a shorter text",
                MAX_BYTES >> 20);
        return error_no_memory(err, "a text on its way to tokens", (double)text.n_bytes);
    }
    return true;
}
