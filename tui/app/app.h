// The App: what the stepper shows and what its commands change.
//
// Keys and clicks are bound to commands (input.h); a command (command.h) is a function of the App; drawing
// (draw.h) takes a const App and changes nothing. The loop around them is tui/terminal/loop.h.
//
// An App is opened on a Session, which grows, or on a Timeline read from a trace, which does not. What a view
// has of its own, from a cursor to a page's scroll, is the view's state (view.h).
#ifndef KVSTEP_APP_H
#define KVSTEP_APP_H

#include "core/base/language.h"
#include "tui/app/command_line.h"
#include "tui/app/keys.h"
#include "tui/app/worker.h"
#include "tui/screen/theme.h"

typedef struct Program Program;
typedef struct View View;
typedef struct Command Command;
typedef struct Hint Hint;
typedef struct LessonPlay LessonPlay;

// Commands to run one after the other, each when the one before has finished its work. They stay the
// caller's.
enum { SCRIPT_COMMANDS = 512 };
typedef struct Script {
    const char *commands[SCRIPT_COMMANDS];
    int n, next;
} Script;

typedef struct App {
    const Program *program;
    const Timeline *timeline; // of a Session: its branch at hand
    Session *session;         // NULL on a trace
    Worker *worker;
    Model *model;       // the Session's, when the App owns both: see app_own()
    SessionSetup setup; // and what they were made from

    // what is shown
    int step; // of the timeline; -1 before the first
    const View *view;
    const View *tab;    // the view itself, or, of a page without a tab, the one it was opened from
    void **states;      // of the program's views, each the view's own
    int layer, head;    // whose attention
    bool is_cross;      // attention to the source, of an encoder-decoder; otherwise to the text
    int row;            // the position in the text that is looked at; -1: the newest
    Scale scale;        // of heat
    bool marks_changes; // what is new since the step before stands out
    ThemeId theme;
    Step *detail;          // all numbers of the Step detail_of, which did not keep them itself
    const Step *detail_of; // also when they could not be had: detail is then NULL

    LessonPlay *lesson; // the lesson that is taken; NULL: none. Only the lesson's own code looks into it

    // what goes on
    int n_rows, n_columns; // of the screen
    bool is_ascii;
    CommandLine line;
    Keys keys;
    Script script;
    bool runs_script; // while a command of it runs
    char search[64];  // what was searched for last
    bool is_playing;
    int play_ms;     // between two steps
    bool is_waiting; // a job takes so long that the screen says so
    int n_wanted;    // steps that follow when the worker is free
    bool is_running;
    bool wants_redraw; // all of the screen is to be sent again
    bool is_error;     // the message is one
    char message[256]; // one line for the foot of the screen; empty: the key hints
} App;

// Opens the App on a Session (session is the one that made the Timeline) or, with NULL, on a Timeline that is
// complete.
bool app_init(App *app, const Program *program, const Timeline *timeline, Session *session, Error *err);
// The App takes over the Session and its model, which was made for this SessionSetup, and can then open
// others.
bool app_own(App *app, Model *model, const SessionSetup *setup, Error *err);
void app_done(App *app);
// What is shown, and how, is again as at the start; the Session and its Steps stay.
void app_look_anew(App *app);

// Shows the next Step: a recorded one, or one that the worker is asked to compute, now or when it is free
// again.
void app_advance(App *app);
// Stops playing, and wants no further steps.
void app_halt(App *app);
// Takes what the worker has finished.
void app_wake(App *app);
// Waits until the worker is idle and no step is wanted any more: where nobody is looking.
void app_settle(App *app);
// Asks the worker for numbers that the view needs and that the Step has not kept.
void app_fetch_detail(App *app);
// Opens another SessionSetup, which the App takes over. Its first Step follows when one is shown now. Refused
// while the worker is busy, and on a trace.
bool app_open(App *app, SessionSetup *setup, Error *err);
// Another branch of the Session is at hand, or another Session: shows its Step `step`.
void app_show_timeline(App *app, int step);
// What can be done only between two jobs of the worker, and only on a Session.
bool app_check_idle(const App *app, const char *what, Error *err);
// What can be done only where a Step is shown.
bool app_check_step(const App *app, Error *err);

// The Step that is shown, or NULL before the first.
const Step *app_step(const App *app);
// The position of the row that is looked at: the cursor's, or the newest of the shown Step. A Step must be
// shown.
int app_row(const App *app);
// The Step that computed the row at `position`, as of the shown Step; NULL where it has not come yet. Of the
// Step whose numbers were computed once more it is that record, which has all of them but no candidates:
// Steps are compared by index.
const Step *app_step_of_row(const App *app, int position);
// The position that the mask of the row at `position` was made for: the same, but for the mistake of
// SessionOptions.
int app_masked_as(const App *app, int position);
bool app_is_new_row(const App *app, int position); // whether the shown Step computed it
bool app_is_busy(const App *app);
__attribute__((format(printf, 2, 3))) void app_say(App *app, const char *format, ...);
void app_complain(App *app, const Error *err);

#endif
