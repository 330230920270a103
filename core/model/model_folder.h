// Where models are: a folder on disk, or a name looked up in the folders where models are installed.
#ifndef KVSTEP_MODEL_FOLDER_H
#define KVSTEP_MODEL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

#define DEFAULT_MODEL "story"

// The folder of the running program, without the slash; empty when the system does not tell.
void program_folder(char *folder, size_t size);

// The folder of a model: the folder itself when `name` is one, else the model of that name among the
// installed ones.
bool find_model(const char *name, char *folder, size_t size, Error *err);
bool is_model_folder(const char *folder); // it holds a config.json

// The folders in which `what` came with kvstep ("models") is looked up, in this order. False: that one is not
// set, or its path is too long.
enum { N_DATA_PLACES = 4 };
bool data_place(int place, const char *what, char *path, size_t size);

#endif
