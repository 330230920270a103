// Interface: tokenizer_files.h.
#include "core/tokenizer/tokenizer_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"

enum {
    MAX_FILE_BYTES = 64 << 20,
    MAX_CONFIG_BYTES = 4 << 20,
};

static bool make_path(char **path, const char *folder, const char *name, Error *err) {
    if (asprintf(path, "%s/%s", folder, name) >= 0) return true;
    *path = NULL;
    return error_no_memory(err, "a path", (double)strlen(folder));
}

static bool load_in(cJSON **out, const char *folder, const char *name, size_t max_bytes, Error *err) {
    char *path = NULL;
    bool ok = make_path(&path, folder, name, err) && json_load(out, path, max_bytes, err);
    free(path);
    return ok;
}

// A pair on each line, lowest rank first. Only the first line may name the version; any other that starts the
// same way is a pair.
static bool add_lines(cJSON *merges, char *text) {
    bool is_first = true;
    for (char *line; (line = strsep(&text, "\n")); is_first = false) {
        size_t n = strlen(line);
        if (n > 0 && line[n - 1] == '\r') line[--n] = '\0';
        if (n == 0 || (is_first && strncmp(line, "#version", 8) == 0)) continue;
        if (!cJSON_AddItemToArray(merges, cJSON_CreateString(line))) return false;
    }
    return true;
}

static bool read_merges(cJSON **out, const char *folder, Error *err) {
    Mapping file = {NULL, 0};
    char *path = NULL, *text = NULL;
    bool ok = make_path(&path, folder, "merges.txt", err) && mapping_open(&file, path, err);
    if (ok) {
        *out = cJSON_CreateArray();
        text = strndup((const char *)file.bytes, file.n_bytes);
        if (text && strlen(text) < file.n_bytes)
            ok = error_set(err, "%s holds a NUL character; download the file again", path);
        else if (!*out || !text || !add_lines(*out, text))
            ok = error_no_memory(err, path, (double)file.n_bytes);
    }
    free(path);
    free(text);
    mapping_close(&file);
    return ok;
}

// Adds an entry of tokenizer.json's "added_tokens". The id is copied.
static void add_token(cJSON *added, const char *content, const cJSON *id) {
    cJSON *token = cJSON_CreateObject();
    cJSON_AddItemToObject(token, "id", cJSON_Duplicate(id, false));
    cJSON_AddStringToObject(token, "content", content);
    cJSON_AddItemToArray(added, token);
}

// Adds those of tokenizer_config.json: {"50256": {"content": "<|endoftext|>", ...}, ...}.
static void add_decoder(cJSON *added, const cJSON *decoder) {
    const cJSON *item;
    cJSON_ArrayForEach(item, decoder) {
        char *end;
        cJSON *token = cJSON_Duplicate(item, true);
        double id = strtod(item->string, &end);
        if (cJSON_IsObject(token) && !*end) cJSON_AddNumberToObject(token, "id", id);
        cJSON_AddItemToArray(added, token);
    }
}

static bool holds_token(const cJSON *added, const char *content) {
    const cJSON *item;
    cJSON_ArrayForEach(item, added) {
        const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "content"));
        if (found && strcmp(found, content) == 0) return true;
    }
    return false;
}

// Collects the added tokens: those of tokenizer_config.json, or else of added_tokens.json, {"<|endoftext|>":
// 50256, ...}; and <|endoftext|> when the vocabulary holds it, because GPT-2's own folder does not list it.
static bool collect_added(cJSON *added, const TokenizerFiles *files, const cJSON *vocab, const char *folder,
                          Error *err) {
    const cJSON *item, *decoder = cJSON_GetObjectItemCaseSensitive(files->config, "added_tokens_decoder");
    const cJSON *end_of_text = cJSON_GetObjectItemCaseSensitive(vocab, "<|endoftext|>");
    cJSON *older = NULL;
    if (cJSON_IsObject(decoder))
        add_decoder(added, decoder);
    else if (file_exists_in(folder, "added_tokens.json") &&
             !load_in(&older, folder, "added_tokens.json", MAX_CONFIG_BYTES, err))
        return false;
    cJSON_ArrayForEach(item, older) add_token(added, item->string ? item->string : "", item);
    if (end_of_text && !holds_token(added, "<|endoftext|>")) add_token(added, "<|endoftext|>", end_of_text);
    cJSON_Delete(older);
    return true;
}

// Composes the document that tokenizer.json would be of the older files of GPT-2.
static bool compose(TokenizerFiles *files, const char *folder, Error *err) {
    cJSON *vocab = NULL, *merges = NULL, *json = files->json = cJSON_CreateObject();
    cJSON *model = cJSON_AddObjectToObject(json, "model"),
          *added = cJSON_AddArrayToObject(json, "added_tokens");
    cJSON *byte_level = cJSON_AddObjectToObject(json, "pre_tokenizer");
    cJSON_AddStringToObject(byte_level, "type", "ByteLevel");
    cJSON_AddBoolToObject(byte_level, "add_prefix_space", false);
    bool ok = load_in(&vocab, folder, "vocab.json", MAX_FILE_BYTES, err) &&
              read_merges(&merges, folder, err) && collect_added(added, files, vocab, folder, err);
    cJSON_AddItemToObject(model, "vocab", vocab);
    cJSON_AddItemToObject(model, "merges", merges);
    return ok;
}

bool tokenizer_files_read(TokenizerFiles *files, const char *folder, Error *err) {
    *files = (TokenizerFiles){.json = NULL};
    bool has_json = file_exists_in(folder, "tokenizer.json");
    bool has_parts = file_exists_in(folder, "vocab.json") && file_exists_in(folder, "merges.txt");
    if (!has_json && !has_parts) return true;
    bool ok = make_path(&files->path, folder, has_json ? "tokenizer.json" : "", err) &&
              make_path(&files->config_path, folder, "tokenizer_config.json", err);
    if (ok && file_exists(files->config_path))
        ok = json_load(&files->config, files->config_path, MAX_CONFIG_BYTES, err);
    return ok && (has_json ? json_load(&files->json, files->path, MAX_FILE_BYTES, err)
                           : compose(files, folder, err));
}

void tokenizer_files_done(TokenizerFiles *files) {
    cJSON_Delete(files->json);
    cJSON_Delete(files->config);
    free(files->path);
    free(files->config_path);
}
