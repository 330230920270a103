// What a learner has done so far: the text file kvstep/lessons under $XDG_STATE_HOME, or ~/.local/state.
//
//     kvstep lessons 1
//     at causal-mask 3                       the page of a lesson, from 1
//     solved causal-mask first-row 2         a question, and the number of tries since the page was opened
//     skipped causal-mask triangle 0
//
// Questions are known by their ids, in all languages. The progress of a question whose id an edited lesson no
// longer has is not counted. Unknown lines are kept.
#ifndef KVSTEP_LESSON_PROGRESS_H
#define KVSTEP_LESSON_PROGRESS_H

#include <stddef.h>

#include "lessons/lesson.h"

typedef struct LessonProgress {
    char **lines; // of the file, without the first
    int n;
} LessonProgress;

// Reads the file; a missing one is empty. Free the lines with lesson_progress_done().
bool lesson_progress_read(LessonProgress *progress, Error *err);

// Writes the file, all or nothing, and makes its folders.
bool lesson_progress_write(const LessonProgress *progress, Error *err);
void lesson_progress_done(LessonProgress *progress);

// The page of a lesson, from 0; 0 when there is no progress.
int lesson_progress_page(const LessonProgress *progress, const char *lesson);

// Whether there is any progress in a lesson.
bool lesson_progress_has(const LessonProgress *progress, const char *lesson);

// The state of a question, and its tries.
QuestionState lesson_progress_state(const LessonProgress *progress, const char *lesson, const char *id,
                                    int *n_tries);

// Sets the state of the lesson's open questions to that of the progress.
void lesson_progress_load(const LessonProgress *progress, Lesson *lesson);

// The setters below return false when there is no memory.

// Stores the page and the state of every question that is not open.
bool lesson_progress_store(LessonProgress *progress, const Lesson *lesson, int page);

bool lesson_progress_set_page(LessonProgress *progress, const char *lesson, int page);
bool lesson_progress_set(LessonProgress *progress, const char *lesson, const char *id, QuestionState state,
                         int n_tries);

// Forgets the lesson, or all of them when it is NULL.
void lesson_progress_reset(LessonProgress *progress, const char *lesson);

#endif
