// What came with kvstep, such as models, is looked up in
//
//     $KVSTEP_MODELS             when it is set
//     BIN/../share/kvstep/models beside the program, as `make install` lays it out, wherever the tree was
//     moved BIN/../models              beside build/ in the source tree DATADIR/models             where
//     `make install` was told to put it
#include "core/model/model_folder.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"

void program_folder(char *folder, size_t size) {
    ssize_t n = readlink("/proc/self/exe", folder, size - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
}

bool is_model_folder(const char *folder) {
    return file_exists_in(folder, "config.json");
}

bool data_place(int place, const char *what, char *path, size_t size) {
    char program[PATH_MAX], variable[32] = "KVSTEP_";
    for (size_t i = 0, n = strlen(variable); what[i] && n + i + 1 < sizeof variable; i++)
        variable[n + i] = (char)toupper((unsigned char)what[i]);
    const char *chosen = getenv(variable);
    int length = 0;
    program_folder(program, sizeof program);
    if (place == 0) length = snprintf(path, size, "%s", chosen ? chosen : "");
    if (place == 1) length = snprintf(path, size, "%s/../share/kvstep/%s", program, what);
    if (place == 2) length = snprintf(path, size, "%s/../%s", program, what);
    if (place == 3) length = snprintf(path, size, "%s/%s", KVSTEP_DATADIR, what);
    return length > 0 && length < (int)size;
}

bool find_model(const char *name, char *folder, size_t size, Error *err) {
    char place[PATH_MAX];
    if (strchr(name, '/') || is_model_folder(name)) {
        if (snprintf(folder, size, "%s", name) < (int)size) return true;
        return error_set(err, "the path of the model folder is longer than %zu bytes", size);
    }
    for (int i = 0; i < N_DATA_PLACES; i++)
        if (data_place(i, "models", place, sizeof place) &&
            snprintf(folder, size, "%s/%s", place, name) < (int)size && is_model_folder(folder))
            return true;
    return error_set(
        err,
        "there is no model %s: give the path of a Hugging Face folder (config.json, model.safetensors, "
        "tokenizer.json), one that `kvstep models` lists, or none for the default, %s",
        name, DEFAULT_MODEL);
}
