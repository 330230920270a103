// The state of a lesson that is being taken: the open page, the solved questions, the feedback to the last
// answer.
//
// app->lesson points to it. lesson_pane.c draws it, and commands_lesson.c has its commands. Opening a page
// runs all commands before it, as the App's script.
#ifndef KVSTEP_LESSON_PLAY_H
#define KVSTEP_LESSON_PLAY_H

#include "lessons/lesson.h"
#include "lessons/lesson_progress.h"
#include "lessons/trace_document.h"
#include "tui/app/app.h"

enum { FEEDBACK_BYTES = 1024 };

struct LessonPlay {
    Lesson lesson; // after lesson_run(): its numbers are filled in
    bool may_skip;
    bool is_presented;
    int page;
    int n_tries, n_hints;          // of the current question
    char feedback[FEEDBACK_BYTES]; // to a wrong answer, as prose; "" if there is none
    bool has_left;                 // the learner has run commands since the page was opened
    int scroll;                    // lines the text is scrolled up from its default place; negative: down
    bool shows_view;               // if the pane and the view do not both fit
    TraceDocument document;        // the App's, for the conditions of a task
    Canvas view;                   // the view is drawn here, then copied beside the pane
};

typedef struct LessonOptions {
    bool is_presented, may_not_skip;
} LessonOptions;

// Opens a lesson where the learner stopped. The App must run the lesson's model: lesson_setup(). Takes
// ownership of the lesson, which lesson_run() must have run.
bool lesson_play_open(App *app, Lesson *lesson, const LessonOptions *options, Error *err);
void lesson_play_done(App *app);

// Opens a page, or reopens the current one, and brings the decoder to its state.
bool lesson_play_page(App *app, int page, Error *err);

// The next question to solve on the open page; NULL if there is none, or no lesson.
Question *lesson_question_at_hand(const App *app);
// Its number in the whole lesson, from 1.
int lesson_question_number(const LessonPlay *play, const Question *question);
// The first page with an unsolved question; the last page if there is none.
int lesson_first_open_page(const LessonPlay *play);
// How many items of the page are shown: up to and including the current question.
int lesson_n_shown(const LessonPlay *play);

// The lesson's command for a key, which takes precedence over the view's. NULL: none, or no lesson.
const char *lesson_command(const App *app, const char *key);
// The learner has run a command. Unless it is one of the lesson, the decoder may no longer be in the state
// that the text describes.
void lesson_note(App *app, const char *line);

// While a page's commands run, only the lesson's commands and those that stop something are allowed: others
// would interleave.
bool lesson_is_opening(const App *app);
bool lesson_allows(const char *command);

// Checks an answer and sets the feedback.
bool lesson_answer(App *app, const char *typed, Error *err);
// Marks the question as solved or skipped, shows what follows it, and runs its commands.
bool lesson_settle_question(App *app, QuestionState state, Error *err);
// Checks whether the current task is done. Called before every draw.
void lesson_look(App *app);

#endif
