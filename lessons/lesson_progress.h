// What a learner has done so far, in a small text file under $XDG_STATE_HOME (~/.local/state): kvstep/lessons
//
//     kvstep lessons 1
//     at causal-mask 3                       the page of a lesson, from 1
//     solved causal-mask first-row 2         a question, and the tries that it took since the page was opened
//     skipped causal-mask triangle 0
//
// Questions are kept by their ids, whatever language the lesson was taken in: those that an edited lesson
// still has count. Lines that are not understood stay as they are.
#ifndef KVSTEP_LESSON_PROGRESS_H
#define KVSTEP_LESSON_PROGRESS_H

#include <stddef.h>

#include "lessons/lesson.h"

typedef struct LessonProgress {
    char **lines; // the file's, without its first
    int n;
} LessonProgress;

bool lesson_progress_path(char *path, size_t size, Error *err);

// A file that is not there is an empty one.
bool lesson_progress_read(LessonProgress *progress, Error *err);
// Writes the file: either the new one is there whole, or the old one. Folders are made.
bool lesson_progress_write(const LessonProgress *progress, Error *err);
void lesson_progress_done(LessonProgress *progress);

int lesson_progress_page(const LessonProgress *progress,
                         const char *lesson); // from 0; 0 when nothing is known
bool lesson_progress_has(const LessonProgress *progress, const char *lesson); // anything of this lesson
QuestionState lesson_progress_state(const LessonProgress *progress, const char *lesson, const char *id,
                                    int *n_tries);

// The state of the lesson's open questions is what is known of them.
void lesson_progress_load(const LessonProgress *progress, Lesson *lesson);
// And what the lesson has is known: its page, and the questions that are not open.
bool lesson_progress_store(LessonProgress *progress, const Lesson *lesson, int page);

bool lesson_progress_set_page(LessonProgress *progress, const char *lesson, int page);
bool lesson_progress_set(LessonProgress *progress, const char *lesson, const char *id, QuestionState state,
                         int n_tries);
void lesson_progress_reset(LessonProgress *progress,
                           const char *lesson); // forgets the lesson; NULL: all of them

#endif
