// Interface: tokenizer_files.h.
#include "tokenizer_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

enum {
    MAX_FILE_BYTES = 64 << 20,
    MAX_CONFIG_BYTES = 4 << 20,
};

static bool make_path(char **path, const char *folder, const char *name, Error *err) {
    if (asprintf(path, "%s/%s", folder, name) >= 0) return true;
    *path = NULL;
    return error_memory(err, "a path", (double)strlen(folder));
}

static bool load_in(cJSON **out, const char *folder, const char *name, size_t max_bytes, Error *err) {
    char *path = NULL;
    bool ok = make_path(&path, folder, name, err) && json_load(out, path, max_bytes, err);
    free(path);
    return ok;
}

// A pair on each line, in the order of their ranks. The first line may name the version; any other that starts so is a pair.
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
            ok = error_memory(err, path, (double)file.n_bytes);
    }
    free(path);
    free(text);
    mapping_close(&file);
    return ok;
}

// Adds <|endoftext|>, which GPT-2's folders do not name, where the vocabulary has it.
static void add_end_of_text(cJSON *added, const cJSON *vocab) {
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(vocab, "<|endoftext|>");
    cJSON *token = cJSON_IsNumber(id) ? cJSON_CreateObject() : NULL;
    if (!token) return;
    cJSON_AddNumberToObject(token, "id", id->valuedouble);
    cJSON_AddStringToObject(token, "content", "<|endoftext|>");
    cJSON_AddItemToArray(added, token);
}

// GPT-2's older form of a tokenizer: vocab.json and merges.txt, put together as tokenizer.json would be.
static bool put_together(TokenizerFiles *files, const char *folder, Error *err) {
    cJSON *vocab = NULL, *merges = NULL, *json = files->json = cJSON_CreateObject();
    cJSON *model = cJSON_AddObjectToObject(json, "model"), *added = cJSON_AddArrayToObject(json, "added_tokens");
    cJSON *byte_level = cJSON_AddObjectToObject(json, "pre_tokenizer");
    cJSON_AddStringToObject(byte_level, "type", "ByteLevel");
    cJSON_AddBoolToObject(byte_level, "add_prefix_space", false);
    bool ok = load_in(&vocab, folder, "vocab.json", MAX_FILE_BYTES, err) && read_merges(&merges, folder, err);
    if (ok) add_end_of_text(added, vocab);
    cJSON_AddItemToObject(model, "vocab", vocab);
    cJSON_AddItemToObject(model, "merges", merges);
    return ok;
}

bool tokenizer_files_read(TokenizerFiles *files, const char *folder, Error *err) {
    *files = (TokenizerFiles){.json = NULL};
    bool has_json = file_exists_in(folder, "tokenizer.json");
    bool has_parts = file_exists_in(folder, "vocab.json") && file_exists_in(folder, "merges.txt");
    if (!has_json && !has_parts) return true;
    bool ok = make_path(&files->path, folder, has_json ? "tokenizer.json" : "vocab.json", err) &&
              make_path(&files->config_path, folder, "tokenizer_config.json", err);
    if (ok && file_exists(files->config_path)) ok = json_load(&files->config, files->config_path, MAX_CONFIG_BYTES, err);
    return ok && (has_json ? json_load(&files->json, files->path, MAX_FILE_BYTES, err) : put_together(files, folder, err));
}

void tokenizer_files_done(TokenizerFiles *files) {
    cJSON_Delete(files->json);
    cJSON_Delete(files->config);
    free(files->path);
    free(files->config_path);
}
