// A lesson as a handout: Markdown with its numbers, its answers and the screens filled in.
#ifndef KVSTEP_LESSON_PRINT_H
#define KVSTEP_LESSON_PRINT_H

#include "lessons/lesson.h"

// Reads and runs the lesson and prints it. False: the problems says why nothing is printed.
bool lesson_print(const char *path, Problems *problems);

#endif
