// Where models are: a folder on disk, or a name looked up in
//
//     $KVSTEP_MODELS             when it is set
//     BIN/../share/kvstep/models beside the program, as `make install` lays it out, wherever the tree was moved
//     BIN/../models              beside build/ in the source tree
//     DATADIR/models             where `make install` was told to put it
#include "cli.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"

// The folder of the running program, without the slash; empty when the system does not tell.
static void program_folder(char *folder, size_t size) {
    ssize_t n = readlink("/proc/self/exe", folder, size - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
}

static bool is_model(const char *folder) {
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/config.json", folder) < (int)sizeof path && file_exists(path);
}

bool find_model(const char *name, char *folder, size_t size, Error *err) {
    char program[PATH_MAX], places[4][PATH_MAX + 32];
    if (strchr(name, '/') || is_model(name)) {
        if (snprintf(folder, size, "%s", name) < (int)size) return true;
        return error_set(err, "the path of the model folder is longer than %zu bytes", size);
    }
    program_folder(program, sizeof program);
    const char *chosen = getenv("KVSTEP_MODELS");
    snprintf(places[0], sizeof places[0], "%s", chosen ? chosen : "");
    snprintf(places[1], sizeof places[1], "%s/../share/kvstep/models", program);
    snprintf(places[2], sizeof places[2], "%s/../models", program);
    snprintf(places[3], sizeof places[3], "%s/models", KVSTEP_DATADIR);
    for (int i = 0; i < 4; i++)
        if (*places[i] && snprintf(folder, size, "%s/%s", places[i], name) < (int)size && is_model(folder)) return true;
    return error_set(err,
                     "there is no model %s: give the path of a Hugging Face folder (config.json, model.safetensors, "
                     "tokenizer.json), or leave it out for the default model, %s",
                     name, DEFAULT_MODEL);
}
