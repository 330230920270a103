// The parts of tokenizer.json, and the way of a text through them:
//
//     text      cut at added tokens as they are written     added_tokens.h
//     rests     normalised                                  normalizer.h
//               cut at normalized added tokens              added_tokens.h
//     segments  Metaspace, cut into words                   normalizer.h, presplit.h
//     words     merged                                      bpe.h
//     ids
//
// A setting that would change the ids and is not supported is refused by name, never ignored.
//
// Interface: tokenizer.h.
#include "core/tokenizer/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/presplit.h"
#include "core/tokenizer/tokenizer_files.h"

enum { MAX_TEXT_BYTES = 16 << 20 };

struct Tokenizer {
    Vocabulary vocabulary;
    AddedTokens added;
    Normalizer normalizer, metaspace;
    Presplit *presplit; // NULL: a text is one word
    Bpe bpe;
    TokenIds prefix; // goes before a prompt: the beginning-of-text token and whatever else the files ask for
};

// One text on its way to ids.
typedef struct Encoding {
    const Tokenizer *tokenizer;
    BpeScratch scratch;
    TokenIds *out;
} Encoding;

static bool is_set(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsString(item)) return item->valuestring[0] != '\0';
    return cJSON_IsTrue(item) || (cJSON_IsNumber(item) && item->valuedouble != 0);
}

static bool check_model(const cJSON *model, const char *path, Error *err) {
    static const char *const UNKNOWN[] = {"dropout", "continuing_subword_prefix", "end_of_word_suffix"};
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(model, "type"));
    if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(model, "vocab")))
        return error_set(err, "%s: the model has no \"vocab\"; download the file again", path);
    if (type && strcmp(type, "BPE") != 0) // older files of byte-level BPE name no type
        return error_set(err, "%s: the model is %.40s; kvstep supports only BPE", path, type);
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++)
        if (is_set(model, UNKNOWN[i]))
            return error_set(
                err, "%s: the model sets \"%s\", which kvstep does not support; use a byte-level tokenizer",
                path, UNKNOWN[i]);
    return true;
}

// Whether tokens are spelled in the byte-level alphabet, or else in plain UTF-8.
static bool is_byte_level(const cJSON *pre_tokenizer) {
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(pre_tokenizer, "type"));
    const cJSON *item;
    if (type && strcmp(type, "ByteLevel") == 0) return true;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(pre_tokenizer, "pretokenizers")) {
        if (is_byte_level(item)) return true;
    }
    return false;
}

// A token by its text: an added one, or one of the vocabulary.
static int find_token(const Tokenizer *tokenizer, const char *name) {
    int id = added_tokens_find(&tokenizer->added, text_from(name));
    return id >= 0 ? id : vocabulary_find(&tokenizer->vocabulary, text_from(name));
}

// Appends the ids of a template's special token.
static bool add_special(const Tokenizer *tokenizer, const cJSON *template, const char *name, TokenIds *ids,
                        const char *path, Error *err) {
    const cJSON *specials = cJSON_GetObjectItemCaseSensitive(template, "special_tokens"), *item;
    const cJSON *special = name ? cJSON_GetObjectItemCaseSensitive(specials, name) : NULL;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(special, "ids");
    if (!cJSON_IsArray(list))
        return error_set(err,
                         "%s: the post_processor's token %.60s is not among its \"special_tokens\"; download "
                         "the file again",
                         path, name ? name : "without an \"id\"");
    cJSON_ArrayForEach(item, list) {
        double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
        if (!tokenizer_text(tokenizer, id >= 0 && id < tokenizer->vocabulary.n_ids ? (int)id : -1).bytes)
            return error_set(
                err, "%s: the post_processor's token %.60s is not in the vocabulary; download the file again",
                path, name);
        if (!token_ids_push(ids, (int)id, err)) return false;
    }
    return true;
}

// Puts the special tokens before a template's sequence in front of the prefix. Those after the sequence end a
// text; they are left out, because the model continues a prompt.
static bool read_template(Tokenizer *tokenizer, const cJSON *template, const char *path, Error *err) {
    TokenIds ids = {NULL, 0};
    const cJSON *piece, *special, *single = cJSON_GetObjectItemCaseSensitive(template, "single");
    bool ok = true;
    cJSON_ArrayForEach(piece, single) {
        if (!ok || !(special = cJSON_GetObjectItemCaseSensitive(piece, "SpecialToken"))) break;
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(special, "id"));
        ok = add_special(tokenizer, template, name, &ids, path, err);
    }
    for (int i = 0; ok && i < tokenizer->prefix.n; i++)
        ok = token_ids_push(&ids, tokenizer->prefix.ids[i], err);
    free(tokenizer->prefix.ids);
    tokenizer->prefix = ids;
    return ok;
}

static bool read_post_processor(Tokenizer *tokenizer, const cJSON *json, const char *path, Error *err) {
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "type"));
    const cJSON *item;
    if (!json || cJSON_IsNull(json) || (type && strcmp(type, "ByteLevel") == 0)) return true;
    if (type && strcmp(type, "TemplateProcessing") == 0) return read_template(tokenizer, json, path, err);
    if (!type || strcmp(type, "Sequence") != 0)
        return error_set(
            err, "%s: the post_processor is %.40s; kvstep knows ByteLevel, TemplateProcessing, and Sequences",
            path, type ? type : "of no type");
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "processors")) {
        if (!read_post_processor(tokenizer, item, path, err)) return false;
    }
    return true;
}

static bool load_json(Tokenizer *tokenizer, const cJSON *json, int n_vocab, const char *path, Error *err) {
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(json, "model");
    const cJSON *added = cJSON_GetObjectItemCaseSensitive(json, "added_tokens");
    const cJSON *pre_tokenizer = cJSON_GetObjectItemCaseSensitive(json, "pre_tokenizer");
    VocabularyFile vocabulary = {.path = path,
                                 .vocab = cJSON_GetObjectItemCaseSensitive(model, "vocab"),
                                 .added = added,
                                 .has_pieces = !is_byte_level(pre_tokenizer),
                                 .n_ids = n_vocab};
    return check_model(model, path, err) &&
           normalizer_load(&tokenizer->normalizer, cJSON_GetObjectItemCaseSensitive(json, "normalizer"), path,
                           err) &&
           normalizer_load_metaspace(&tokenizer->metaspace, pre_tokenizer, path, err) &&
           presplit_new(&tokenizer->presplit, pre_tokenizer, path, err) &&
           vocabulary_load(&tokenizer->vocabulary, &vocabulary, err) &&
           added_tokens_load(&tokenizer->added, &tokenizer->vocabulary, &tokenizer->normalizer, added, path,
                             err) &&
           bpe_load(&tokenizer->bpe, &tokenizer->vocabulary, model, path, err) &&
           read_post_processor(tokenizer, cJSON_GetObjectItemCaseSensitive(json, "post_processor"), path,
                               err);
}

// Reads from tokenizer_config.json whether a prompt starts with a beginning-of-text token, and which. What it
// says overrides the post-processor.
static bool read_bos(Tokenizer *tokenizer, const cJSON *json, const char *path, Error *err) {
    const cJSON *token = cJSON_GetObjectItemCaseSensitive(json, "bos_token");
    const cJSON *adds = cJSON_GetObjectItemCaseSensitive(json, "add_bos_token");
    if (cJSON_IsBool(adds)) tokenizer->prefix.n = 0;
    if (!cJSON_IsTrue(adds)) return true;
    if (cJSON_IsObject(token)) token = cJSON_GetObjectItemCaseSensitive(token, "content");
    const char *name = cJSON_GetStringValue(token);
    if (!name)
        return error_set(
            err, "%s: \"add_bos_token\" is set, but there is no \"bos_token\"; name it, or unset the other",
            path);
    int id = find_token(tokenizer, name);
    if (id < 0)
        return error_set(err,
                         "%s: the \"bos_token\" %.60s is not among the added tokens of tokenizer.json; use "
                         "the two files of one model",
                         path, name);
    return token_ids_push(&tokenizer->prefix, id, err);
}

bool tokenizer_load(Tokenizer **out, const char *folder, int n_vocab, Error *err) {
    TokenizerFiles files;
    Tokenizer *tokenizer = *out = NULL;
    bool ok = tokenizer_files_read(&files, folder, err);
    if (ok && files.json) {
        tokenizer = calloc(1, sizeof *tokenizer);
        ok = tokenizer || error_no_memory(err, "the tokenizer", sizeof *tokenizer);
        ok = ok && load_json(tokenizer, files.json, n_vocab, files.path, err) &&
             read_bos(tokenizer, files.config, files.config_path, err);
    }
    tokenizer_files_done(&files);
    if (ok)
        *out = tokenizer;
    else
        tokenizer_free(tokenizer);
    return ok;
}

void tokenizer_free(Tokenizer *tokenizer) {
    if (!tokenizer) return;
    bpe_done(&tokenizer->bpe);
    presplit_free(tokenizer->presplit);
    added_tokens_done(&tokenizer->added);
    vocabulary_done(&tokenizer->vocabulary);
    free(tokenizer->prefix.ids);
    free(tokenizer);
}

static bool encode_word(void *user, Text word, Error *err) {
    Encoding *encoding = user;
    return bpe_encode(&encoding->tokenizer->bpe, &encoding->scratch, word, encoding->out, err);
}

// Encodes a text word by word, where each ▁ begins a word.
static bool split_at_marks(Encoding *encoding, Text text, Error *err) {
    size_t begin = 0;
    for (size_t at = 1; at + 3 <= text.n_bytes; at++) {
        if (memcmp(text.bytes + at, "\u2581", 3) != 0) continue;
        if (!encode_word(encoding, (Text){text.bytes + begin, at - begin}, err)) return false;
        begin = at;
    }
    return text.n_bytes == begin ||
           encode_word(encoding, (Text){text.bytes + begin, text.n_bytes - begin}, err);
}

// Encodes a normalised text that holds no added tokens.
static bool encode_segment(Encoding *encoding, Text segment, bool first, Error *err) {
    const Tokenizer *tokenizer = encoding->tokenizer;
    char *owned;
    Text text;
    bool ok = normalizer_apply(&tokenizer->metaspace, segment, first, &text, &owned, err);
    if (ok && tokenizer->metaspace.splits_at_marks)
        ok = split_at_marks(encoding, text, err);
    else if (ok)
        ok = presplit_words(tokenizer->presplit, text, encode_word, encoding, err);
    free(owned);
    return ok;
}

// Encodes a text between added tokens. `first`: the prompt begins with it.
typedef bool BetweenFn(Encoding *encoding, Text text, bool first, Error *err);

static bool cut_at_added(Encoding *encoding, const AddedSet *set, Text text, bool first, BetweenFn *between,
                         Error *err) {
    for (size_t at = 0; at < text.n_bytes;) {
        AddedMatch match = added_tokens_next(&encoding->tokenizer->added, set, text, at);
        Text before = {text.bytes + at, match.begin - at};
        if (before.n_bytes > 0 && !between(encoding, before, first && at == 0, err)) return false;
        if (match.id >= 0 && !token_ids_push(encoding->out, match.id, err)) return false;
        at = match.end;
    }
    return true;
}

// Encodes what lies between the added tokens that are found as they are written.
static bool encode_rest(Encoding *encoding, Text rest, bool first, Error *err) {
    const Tokenizer *tokenizer = encoding->tokenizer;
    char *owned;
    Text text;
    bool ok = normalizer_apply(&tokenizer->normalizer, rest, first, &text, &owned, err) &&
              cut_at_added(encoding, &tokenizer->added.normalized, text, first, encode_segment, err);
    free(owned);
    return ok;
}

// Whether the ids begin with the prefix.
static bool has_prefix(const TokenIds *prefix, const TokenIds *ids) {
    return ids->n >= prefix->n &&
           (prefix->n == 0 || memcmp(ids->ids, prefix->ids, (size_t)prefix->n * sizeof *ids->ids) == 0);
}

bool tokenizer_encode(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err) {
    Encoding encoding = {.tokenizer = tokenizer, .out = out};
    *out = (TokenIds){NULL, 0};
    if (text.n_bytes > MAX_TEXT_BYTES)
        return error_set(err, "the prompt has %.1f MB; at most %d MB were expected",
                         (double)text.n_bytes / (1 << 20), MAX_TEXT_BYTES >> 20);
    bool ok = cut_at_added(&encoding, &tokenizer->added.as_written, text, true, encode_rest, err);
    bpe_scratch_done(&encoding.scratch);
    if (!ok) {
        free(out->ids);
        *out = (TokenIds){NULL, 0};
    }
    return ok;
}

bool tokenizer_encode_prompt(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err) {
    TokenIds ids, prompt = {NULL, 0};
    *out = prompt;
    if (!tokenizer_encode(tokenizer, text, &ids, err)) return false;
    bool ok = true, prefixed = has_prefix(&tokenizer->prefix, &ids);
    for (int i = 0; ok && !prefixed && i < tokenizer->prefix.n; i++)
        ok = token_ids_push(&prompt, tokenizer->prefix.ids[i], err);
    for (int i = 0; ok && i < ids.n; i++) ok = token_ids_push(&prompt, ids.ids[i], err);
    free(ids.ids);
    if (ok)
        *out = prompt;
    else
        free(prompt.ids);
    return ok;
}

Text tokenizer_text(const Tokenizer *tokenizer, int id) {
    bool known = id >= 0 && id < tokenizer->vocabulary.n_ids;
    return known ? tokenizer->vocabulary.texts[id] : (Text){NULL, 0};
}
