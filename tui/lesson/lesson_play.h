// The state of a lesson that is being taken: the open page, the solved questions, the feedback to the last
// answer.
//
// The App has it in app->lesson. The screen's part of it is lesson_pane.c, its commands are
// lesson_commands.c; what the App calls is in lesson_mode.c. A page begins with all commands that stand
// before it, which run as the App's script.
#ifndef KVSTEP_LESSON_PLAY_H
#define KVSTEP_LESSON_PLAY_H

#include "lessons/lesson.h"
#include "lessons/lesson_progress.h"
#include "lessons/trace_document.h"
#include "tui/app/command.h"

enum { FEEDBACK_BYTES = 1024 };

// The name that stands for a view in the bindings that hold while a lesson is open.
#define LESSON_KEYS "lesson"

struct LessonPlay {
    Lesson lesson; // after lesson_run(): its numbers are filled in
    bool may_skip;
    bool is_presented;
    int page;
    int n_tries, n_hints;          // of the question at hand
    char feedback[FEEDBACK_BYTES]; // to a wrong answer, as prose; "" before one
    bool has_left;                 // commands of the learner's own have run since the page was opened
    int scroll;             // lines that the text is moved up by, from where it would stand; negative: down
    bool shows_view;        // where the pane and the view do not both fit
    TraceDocument document; // of the App, for the conditions of a task
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
// The learner runs a command: unless nothing that the text speaks of changes by it, the decoder may leave its
// state.
void lesson_note(App *app, const Command *command);
// While a page's commands run, others would get between them: only those that stand beside a lesson are
// taken.
bool lesson_takes(const App *app, const Command *command);

// Checks an answer and sets the feedback.
bool lesson_answer(App *app, const char *typed, Error *err);
// Marks the question as solved or skipped, shows what follows it, and runs its commands.
bool lesson_settle_question(App *app, QuestionState state, Error *err);
// Checks whether the current task is done. Called before every draw.
void lesson_look(App *app);

#endif
