// The folders that came with kvstep: models, lessons, texts of other languages.
#ifndef KVSTEP_DATA_FOLDER_H
#define KVSTEP_DATA_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

// The folder of the running program, without a slash at the end; empty when the system does not tell.
void program_folder(char *folder, size_t size);

// Writes place number `place` of [0, N_DATA_PLACES) in which `what` ("models", "lessons") is looked up; the
// lowest number goes first. Returns false when that place is not set or its path does not fit.
enum { N_DATA_PLACES = 4 };
bool data_place(int place, const char *what, char *path, size_t size);

#endif
