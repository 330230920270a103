// A lesson from its first page to its last without a screen: its numbers are filled in, its questions get
// their answers, and what cannot work is reported. Checking, printing and taking a lesson all begin with
// this.
#ifndef KVSTEP_LESSON_RUN_H
#define KVSTEP_LESSON_RUN_H

#include "lessons/lesson.h"
#include "tui/app/app.h"

// The SessionSetup that a lesson starts from; its texts are the lesson's.
SessionSetup lesson_setup(const Lesson *lesson);
// Opens an App on it. On an error it can be closed by app_done() all the same.
bool lesson_open_app(App *app, const Program *program, const Lesson *lesson, Error *err);

// Is told of the App at the end of each page that has run commands, when they have run.
typedef void (*LessonPageEnd)(void *context, const App *app, int page);

// Runs all of it, every question solved. False when the report has anything, or the model cannot be opened.
bool lesson_run(Lesson *lesson, const Program *program, Problems *report, LessonPageEnd page_end,
                void *context);

#endif
