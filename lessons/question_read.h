// Reads the fenced blocks of a lesson: commands, choose, predict, do.
#ifndef KVSTEP_QUESTION_READ_H
#define KVSTEP_QUESTION_READ_H

#include "lessons/lesson.h"

// Reads the lines of a `commands` block without blank ones and comments (#). Returns false when there is no
// memory.
bool commands_read(CommandLines *out, const char *text, int first_line);
void commands_done(CommandLines *commands);

// Reads a question from the lines inside its fence; `word` is choose, predict or do. Adds what is wrong to
// `problems`. Free it with question_done(). Returns NULL when there is no memory.
Question *question_read(const char *word, const char *id, const char *text, int first_line,
                        Problems *problems);
void question_done(Question *question);

#endif
