// The tokenizer as a whole: tokenizer.json's parts, and the way of a text through them.
//
//     text --added tokens--> segments --presplit--> words --bpe--> ids
//
// What would change the ids and is not built here is refused by name, never ignored.
//
// Interface: tokenizer.h; the parts are in vocabulary.h, added_tokens.h, presplit.h and bpe.h.
#include "tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "added_tokens.h"
#include "bpe.h"
#include "file.h"
#include "presplit.h"

enum {
    MAX_FILE_BYTES = 64 << 20,
    MAX_CONFIG_BYTES = 4 << 20,
    MAX_TEXT_BYTES = 16 << 20,
};

struct Tokenizer {
    Vocabulary vocabulary;
    AddedTokens added;
    Presplit *presplit;
    Bpe bpe;
    int bos_id; // put before a prompt; -1: nothing is
};

// One text on its way to ids.
typedef struct Encoding {
    const Tokenizer *tokenizer;
    BpeScratch scratch;
    TokenIds *out;
} Encoding;

// What `name` says about the type of a part, for an error; NULL when there is no such part.
static const char *part_type(const cJSON *json, const char *name) {
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(json, name);
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "type"));
    if (!part || cJSON_IsNull(part)) return NULL;
    return type ? type : "of no type";
}

// A normalizer would change the text, and most post-processors the ids.
static bool check_parts(const cJSON *json, const char *path, Error *err) {
    const char *normalizer = part_type(json, "normalizer"), *post = part_type(json, "post_processor");
    if (normalizer)
        return error_set(err, "%s: the normalizer is %.40s; kvstep knows tokenizers without one alone", path, normalizer);
    if (post && strcmp(post, "ByteLevel") != 0)
        return error_set(err, "%s: the post_processor is %.40s; kvstep knows ByteLevel, or none, alone", path, post);
    return true;
}

static bool is_set(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsString(item)) return item->valuestring[0] != '\0';
    return cJSON_IsTrue(item) || (cJSON_IsNumber(item) && item->valuedouble != 0);
}

static bool check_model(const cJSON *model, const char *path, Error *err) {
    static const char *const UNKNOWN[] = {"dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"};
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(model, "type"));
    if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(model, "vocab")))
        return error_set(err, "%s: the model has no \"vocab\"; download the file again", path);
    if (type && strcmp(type, "BPE") != 0) // older files of byte-level BPE name no type
        return error_set(err, "%s: the model is %.40s; kvstep knows BPE alone", path, type);
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++)
        if (is_set(model, UNKNOWN[i]))
            return error_set(err, "%s: the model sets \"%s\", which kvstep does not know; use a byte-level tokenizer", path,
                             UNKNOWN[i]);
    return true;
}

static bool load_json(Tokenizer *tokenizer, const cJSON *json, const Config *config, const char *path, Error *err) {
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(json, "model");
    const cJSON *added = cJSON_GetObjectItemCaseSensitive(json, "added_tokens");
    const cJSON *pre_tokenizer = cJSON_GetObjectItemCaseSensitive(json, "pre_tokenizer");
    const cJSON *vocab = cJSON_GetObjectItemCaseSensitive(model, "vocab");
    return check_parts(json, path, err) && check_model(model, path, err) &&
           vocabulary_load(&tokenizer->vocabulary, vocab, added, config->n_vocab, path, err) &&
           added_tokens_load(&tokenizer->added, &tokenizer->vocabulary, added, path, err) &&
           presplit_new(&tokenizer->presplit, pre_tokenizer, path, err) &&
           bpe_load(&tokenizer->bpe, &tokenizer->vocabulary, model, path, err);
}

// Reads from tokenizer_config.json whether a prompt gets a beginning-of-text token, and which.
static bool read_bos(Tokenizer *tokenizer, const cJSON *json, const char *path, Error *err) {
    const cJSON *token = cJSON_GetObjectItemCaseSensitive(json, "bos_token");
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "add_bos_token"))) return true;
    if (cJSON_IsObject(token)) token = cJSON_GetObjectItemCaseSensitive(token, "content");
    const char *name = cJSON_GetStringValue(token);
    if (!name)
        return error_set(err, "%s: \"add_bos_token\" is set, but there is no \"bos_token\"; name it, or unset the other",
                         path);
    tokenizer->bos_id = added_tokens_find(&tokenizer->added, text_from(name));
    return tokenizer->bos_id >= 0 ||
           error_set(
               err,
               "%s: the \"bos_token\" %.60s is not among the added tokens of tokenizer.json; use the two files of one model",
               path, name);
}

static bool load_file(Tokenizer *tokenizer, const Config *config, const char *path, Error *err) {
    cJSON *json = NULL;
    bool ok = json_load(&json, path, MAX_FILE_BYTES, err) && load_json(tokenizer, json, config, path, err);
    cJSON_Delete(json);
    return ok;
}

static bool load_config(Tokenizer *tokenizer, const char *path, Error *err) {
    cJSON *json = NULL;
    if (!file_exists(path)) return true;
    bool ok = json_load(&json, path, MAX_CONFIG_BYTES, err) && read_bos(tokenizer, json, path, err);
    cJSON_Delete(json);
    return ok;
}

bool tokenizer_load(Tokenizer **out, const char *folder, const Config *config, Error *err) {
    char *path = NULL, *config_path = NULL;
    Tokenizer *tokenizer = *out = NULL;
    bool ok =
        asprintf(&path, "%s/tokenizer.json", folder) >= 0 && asprintf(&config_path, "%s/tokenizer_config.json", folder) >= 0;
    if (!ok) error_memory(err, "a path", (double)strlen(folder));
    if (ok && file_exists(path)) {
        tokenizer = calloc(1, sizeof *tokenizer);
        if (tokenizer) tokenizer->bos_id = -1;
        ok = tokenizer ? load_file(tokenizer, config, path, err) && load_config(tokenizer, config_path, err)
                       : error_memory(err, "the tokenizer", sizeof *tokenizer);
    }
    free(path);
    free(config_path);
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
    free(tokenizer);
}

static bool encode_word(void *user, Text word, Error *err) {
    Encoding *encoding = user;
    return bpe_encode(&encoding->tokenizer->bpe, &encoding->scratch, word, encoding->out, err);
}

// Cuts the text at added tokens and encodes what lies between them.
static bool encode_text(Encoding *encoding, Text text, Error *err) {
    const Tokenizer *tokenizer = encoding->tokenizer;
    while (text.n_bytes > 0) {
        AddedMatch match = added_tokens_next(&tokenizer->added, text);
        if (!presplit_words(tokenizer->presplit, (Text){text.bytes, match.begin}, encode_word, encoding, err)) return false;
        if (match.id >= 0 && !token_ids_push(encoding->out, match.id, err)) return false;
        text = (Text){text.bytes + match.end, text.n_bytes - match.end};
    }
    return true;
}

// Drops the beginning-of-text token that was added when the text starts with one of its own.
static void drop_second_bos(const Tokenizer *tokenizer, TokenIds *ids) {
    if (tokenizer->bos_id < 0 || ids->n < 2 || ids->ids[1] != tokenizer->bos_id) return;
    memmove(ids->ids, ids->ids + 1, (size_t)--ids->n * sizeof *ids->ids);
}

bool tokenizer_encode_prompt(const Tokenizer *tokenizer, Text text, TokenIds *out, Error *err) {
    Encoding encoding = {.tokenizer = tokenizer, .out = out};
    *out = (TokenIds){NULL, 0};
    if (text.n_bytes > MAX_TEXT_BYTES)
        return error_set(err, "the prompt has %.1f MB; at most %d MB were expected", (double)text.n_bytes / (1 << 20),
                         MAX_TEXT_BYTES >> 20);
    bool ok = tokenizer->bos_id < 0 || token_ids_push(out, tokenizer->bos_id, err);
    ok = ok && encode_text(&encoding, text, err);
    bpe_scratch_done(&encoding.scratch);
    if (ok) {
        drop_second_bos(tokenizer, out);
        return true;
    }
    free(out->ids);
    *out = (TokenIds){NULL, 0};
    return false;
}

Text tokenizer_text(const Tokenizer *tokenizer, int id) {
    bool known = id >= 0 && id < tokenizer->vocabulary.n_ids;
    return known ? tokenizer->vocabulary.texts[id] : (Text){NULL, 0};
}
