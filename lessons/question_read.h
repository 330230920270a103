// The fenced blocks of a lesson: commands, choose, predict, do.
#ifndef KVSTEP_QUESTION_READ_H
#define KVSTEP_QUESTION_READ_H

#include "lessons/lesson.h"

// The lines of a `commands` block; blank ones and comments (#) are left out.
bool commands_read(CommandLines *out, const char *text, int first_line);
void commands_done(CommandLines *commands);

// A question from the lines inside its fence. `word` is choose, predict or do. What is wrong is in the
// problems. NULL when there is no memory.
Question *question_read(const char *word, const char *id, const char *text, int first_line,
                        Problems *problems);
void question_done(Question *question);

#endif
