// Interface: model_folder.h.
#include "core/model/model_folder.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/base/data_folder.h"
#include "core/base/file.h"

bool is_model_folder(const char *folder) {
    return file_exists_in(folder, "config.json");
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
