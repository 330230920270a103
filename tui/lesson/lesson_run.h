// Runs a lesson from the first page to the last without a screen: fills in its numbers, answers its questions
// and reports what does not work. Checking, printing and taking a lesson all begin with this.
#ifndef KVSTEP_LESSON_RUN_H
#define KVSTEP_LESSON_RUN_H

#include "lessons/lesson.h"
#include "tui/app/app.h"

// The SessionSetup that a lesson starts from. Its strings belong to the lesson.
SessionSetup lesson_setup(const Lesson *lesson);
// Opens an App on it. On an error it can be closed by app_done() all the same.
bool lesson_open_app(App *app, const Program *program, const Lesson *lesson, Error *err);

// Called with the App at the end of each page that has commands, after they have run.
typedef void (*LessonPageEnd)(void *context, const App *app, int page);

// Runs all of it, every question solved. False when the report has anything, or the model cannot be opened.
bool lesson_run(Lesson *lesson, const Program *program, Problems *report, LessonPageEnd page_end,
                void *context);

#endif
