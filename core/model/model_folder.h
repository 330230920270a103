// Finds the folder of a model: a path, or the name of an installed model.
#ifndef KVSTEP_MODEL_FOLDER_H
#define KVSTEP_MODEL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

#define DEFAULT_MODEL "story"

// Writes the folder of a model into folder[size]: `name` itself when it is a path or a model's folder, else
// the installed model of that name (data_folder.h).
bool find_model(const char *name, char *folder, size_t size, Error *err);

// Whether the folder holds a config.json.
bool is_model_folder(const char *folder);

#endif
