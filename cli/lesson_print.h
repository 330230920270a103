// Prints a lesson as a handout: Markdown with its numbers, screens and answers.
#ifndef KVSTEP_LESSON_PRINT_H
#define KVSTEP_LESSON_PRINT_H

#include "lessons/lesson.h"

// Reads, runs and prints the lesson. Returns false, having printed nothing, when there are problems.
bool lesson_print(const char *path, Problems *problems);

#endif
