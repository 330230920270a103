// A lesson being taken: which page is open, which questions are solved, what has been said to the last
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
    Lesson lesson; // run: its numbers are filled in
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

// Opens a lesson where the learner has stopped. The App must be on the lesson's model: lesson_setup(). The
// lesson, which has been run, is taken over.
bool lesson_play_open(App *app, Lesson *lesson, const LessonOptions *options, Error *err);
void lesson_play_done(App *app);

// Opens a page, or this one again, and puts the decoder there.
bool lesson_play_page(App *app, int page, Error *err);

// The question of the open page that is to be solved next; NULL when there is none, or no lesson.
Question *lesson_question_at_hand(const App *app);
// Its number in the whole lesson, from 1.
int lesson_question_number(const LessonPlay *play, const Question *question);
// The first page that has an open question; the last page when none has.
int lesson_first_open_page(const LessonPlay *play);
// How many of the page's items are shown: up to and with the question at hand.
int lesson_n_shown(const LessonPlay *play);

// The command that a key stands for in a lesson before any view's: NULL: none, or no lesson.
const char *lesson_command(const App *app, const char *key);
// The learner runs a command: unless nothing that the text speaks of changes by it, the decoder may leave its
// state.
void lesson_note(App *app, const Command *command);
// While a page's commands run, others would get between them: only those that stand beside a lesson are
// taken.
bool lesson_takes(const App *app, const Command *command);

// Judges an answer; the feedback says what came of it.
bool lesson_answer(App *app, const char *typed, Error *err);
// The question is solved, or skipped: what follows it is shown, and its commands run.
bool lesson_settle_question(App *app, QuestionState state, Error *err);
// Looks whether the task at hand is done. Called before every draw.
void lesson_look(App *app);

#endif
