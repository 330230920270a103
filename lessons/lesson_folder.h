// Finds the file of a lesson: a path, or the name of a lesson that came with kvstep.
#ifndef KVSTEP_LESSON_FOLDER_H
#define KVSTEP_LESSON_FOLDER_H

#include "core/base/error.h"

// The paths of the lessons in a language ("en"), in order, ended by NULL; free them with lesson_paths_free().
// NULL when there are none, or no memory.
char **lesson_paths(const char *language);
void lesson_paths_free(char **paths);

// Sets *path, on the heap: `name` itself when it is a path, else the lesson with that name or number, in the
// language or else in English.
bool find_lesson(const char *name, const char *language, char **path, Error *err);

#endif
