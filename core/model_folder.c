// A name is looked up in
//
//     $KVSTEP_MODELS             when it is set
//     BIN/../share/kvstep/models beside the program, as `make install` lays it out, wherever the tree was moved
//     BIN/../models              beside build/ in the source tree
//     DATADIR/models             where `make install` was told to put it
#include "model_folder.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

void program_folder(char *folder, size_t size) {
    ssize_t n = readlink("/proc/self/exe", folder, size - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
}

bool is_model_folder(const char *folder) {
    return file_exists_in(folder, "config.json");
}

bool model_place(int place, char *path, size_t size) {
    char program[PATH_MAX];
    const char *chosen = getenv("KVSTEP_MODELS");
    int length = 0;
    program_folder(program, sizeof program);
    if (place == 0) length = snprintf(path, size, "%s", chosen ? chosen : "");
    if (place == 1) length = snprintf(path, size, "%s/../share/kvstep/models", program);
    if (place == 2) length = snprintf(path, size, "%s/../models", program);
    if (place == 3) length = snprintf(path, size, "%s/models", KVSTEP_DATADIR);
    return length > 0 && length < (int)size;
}

bool find_model(const char *name, char *folder, size_t size, Error *err) {
    char place[PATH_MAX];
    if (strchr(name, '/') || is_model_folder(name)) {
        if (snprintf(folder, size, "%s", name) < (int)size) return true;
        return error_set(err, "the path of the model folder is longer than %zu bytes", size);
    }
    for (int i = 0; i < N_MODEL_PLACES; i++)
        if (model_place(i, place, sizeof place) && snprintf(folder, size, "%s/%s", place, name) < (int)size &&
            is_model_folder(folder))
            return true;
    return error_set(err,
                     "there is no model %s: give the path of a Hugging Face folder (config.json, model.safetensors, "
                     "tokenizer.json), one that `kvstep models` lists, or none for the default, %s",
                     name, DEFAULT_MODEL);
}
