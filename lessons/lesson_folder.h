// Where lessons are: a file, or a name looked up among those that came with kvstep, in a language.
#ifndef KVSTEP_LESSON_FOLDER_H
#define KVSTEP_LESSON_FOLDER_H

#include "core/base/error.h"

// The paths of the lessons in a language ("en"), in their order. On the heap, each too; NULL after the last.
// NULL when there are none, or no memory.
char **lesson_paths(const char *language);
void lesson_paths_free(char **paths);

// The file of a lesson: `name` itself when it is a path, else the lesson of that name, or number, in the
// language, or in English. On the heap.
bool find_lesson(const char *name, const char *language, char **path, Error *err);

#endif
