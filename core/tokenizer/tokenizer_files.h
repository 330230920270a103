// The files of a tokenizer, as one document in the form of tokenizer.json.
#ifndef KVSTEP_TOKENIZER_FILES_H
#define KVSTEP_TOKENIZER_FILES_H

#include <cjson/cJSON.h>

#include "core/base/error.h"

// tokenizer_files_done() frees all of it.
typedef struct TokenizerFiles {
    cJSON *json;              // NULL: the folder holds no tokenizer
    cJSON *config;            // tokenizer_config.json; NULL: there is none
    char *path, *config_path; // for errors; path is the folder when json was composed of several files
} TokenizerFiles;

// Reads FOLDER/tokenizer.json and FOLDER/tokenizer_config.json. Without the first, composes it of vocab.json
// and merges.txt, with the added tokens of tokenizer_config.json ("added_tokens_decoder") or else of
// added_tokens.json. A folder with neither is no error. Call tokenizer_files_done() after an error too.
bool tokenizer_files_read(TokenizerFiles *files, const char *folder, Error *err);
void tokenizer_files_done(TokenizerFiles *files);

#endif
