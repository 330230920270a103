// Commands of a lesson.
#include <stdio.h>
#include <string.h>

#include "core/base/language.h"
#include "tui/app/command_argument.h"
#include "tui/lesson/lesson_mode.h"
#include "tui/lesson/lesson_pane.h"
#include "tui/lesson/lesson_play.h"

static bool check_lesson(const App *app, Error *err) {
    return app->lesson || error_set(err, "no lesson is open: `kvstep lesson` lists them");
}

static bool check_page_done(const App *app, Error *err) {
    if (!lesson_question_at_hand(app)) return true;
    return error_set(err, app->lesson->may_skip
                              ? N_("the question comes first: answer it, ask for a hint, or `skip` it")
                              : N_("the question comes first: answer it, or ask for a hint"));
}

static bool run_skip(App *app, const char *argument, Error *err) {
    (void)argument;
    if (!check_lesson(app, err)) return false;
    if (!lesson_question_at_hand(app)) return error_set(err, "there is no open question on this page");
    if (!app->lesson->may_skip)
        return error_set(err, "this lesson's questions cannot be skipped; `hint` helps");
    return lesson_settle_question(app, QUESTION_SKIPPED, err);
}

static bool open_next(App *app, Error *err) {
    const LessonPlay *play = app->lesson;
    int n_solved, n_skipped;
    // in front of a class one key goes on: to the answer first
    if (play->is_presented && play->may_skip && lesson_question_at_hand(app)) return run_skip(app, "", err);
    if (!check_page_done(app, err)) return false;
    if (play->page + 1 < play->lesson.n_pages) return lesson_play_page(app, play->page + 1, err);
    lesson_count(&play->lesson, &n_solved, &n_skipped);
    if (play->is_presented) return app_say(app, "the end of the lesson; q leaves"), true;
    app_say(app, "the end of the lesson: %d of %d questions solved, %d skipped; q leaves", n_solved,
            lesson_n_questions(&play->lesson), n_skipped);
    return true;
}

static bool run_continue(App *app, const char *argument, Error *err) {
    const Question *q = lesson_question_at_hand(app);
    (void)argument;
    if (!check_lesson(app, err)) return false;
    if (!q) return open_next(app, err);
    if (q->kind == QUESTION_DO)
        return error_set(err, "this is a task: do it in the view, and the lesson sees it; `hint` helps");
    command_line_open(&app->line, "answer ");
    return true;
}

static bool run_answer(App *app, const char *argument, Error *err) {
    return check_lesson(app, err) && lesson_answer(app, argument, err);
}

static bool run_hint(App *app, const char *argument, Error *err) {
    const Question *q = lesson_question_at_hand(app);
    (void)argument;
    if (!check_lesson(app, err)) return false;
    if (!q) return error_set(err, "there is no open question on this page");
    if (app->lesson->n_hints == q->n_hints)
        return error_set(err, app->lesson->may_skip ? N_("there are no more hints: `skip` shows the answer")
                                                    : N_("there are no more hints"));
    app->lesson->n_hints++;
    app->lesson->scroll = 0;
    return true;
}

static bool run_page(App *app, const char *argument, Error *err) {
    if (!check_lesson(app, err)) return false;
    int page = app->lesson->page, n_pages = app->lesson->lesson.n_pages;
    if (strcmp(argument, "+1") == 0) return open_next(app, err);
    if (strcmp(argument, "-1") == 0 && page == 0) return error_set(err, "this is the first page");
    if (!argument_rank(&page, n_pages, argument, "page", err)) return false;
    bool is_ahead = page > lesson_first_open_page(app->lesson);
    if (is_ahead && !app->lesson->may_skip)
        return error_set(err, "an earlier page has a question that is not solved yet");
    return lesson_play_page(app, page, err);
}

static bool run_read(App *app, const char *argument, Error *err) {
    int lines = 0;
    if (!check_lesson(app, err)) return false;
    if (sscanf(argument, "%d", &lines) != 1)
        return error_set(err, "read takes a number of lines, such as +5 or -5");
    app->lesson->scroll = lesson_scrolled(app, argument_clamp(lines, -10000, 10000));
    return true;
}

static bool run_pane(App *app, const char *argument, Error *err) {
    (void)argument;
    if (!check_lesson(app, err)) return false;
    app->lesson->shows_view = !app->lesson->shows_view;
    return true;
}

const Command COMMANDS_LESSON[] = {
    {"continue", NULL, N_("in a lesson: answer its question, or turn the page"), .run = run_continue,
     .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {"answer", "TEXT | N", N_("in a lesson: answer the question, or choose option N"), .run = run_answer,
     .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {"hint", NULL, N_("in a lesson: another hint for the question"), .run = run_hint,
     .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {"skip", NULL, N_("in a lesson: show the answer and go on"), .run = run_skip,
     .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {"page", "N | +1 | -1", N_("in a lesson: another page"), .run = run_page,
     .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {"read", "+N | -N", N_("in a lesson: move its text"), .run = run_read,
     .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {"pane", NULL, N_("in a lesson: the text or the view, where both do not fit"), .run = run_pane,
     .flags = NOT_IN_LESSONS | BESIDE_LESSONS},
    {0},
};
