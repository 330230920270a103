#include "tui/lesson/lesson_play.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/language.h"
#include "lessons/expression.h"
#include "tui/app/program.h"
#include "tui/lesson/lesson_document.h"
#include "tui/lesson/lesson_run.h"

// ---- where the learner is -----------------------------------------------------------------------

// How many of a page's items can be seen.
static int n_shown_of(const Page *page) {
    for (int i = 0; i < page->n_items; i++)
        if (page->items[i].question && page->items[i].question->state == QUESTION_OPEN) return i + 1;
    return page->n_items + 1;
}

int lesson_n_shown(const LessonPlay *play) {
    const Page *page = &play->lesson.pages[play->page];
    int n = n_shown_of(page);
    return n > page->n_items ? page->n_items : n;
}

int lesson_first_open_page(const LessonPlay *play) {
    int page = 0;
    while (page + 1 < play->lesson.n_pages &&
           n_shown_of(&play->lesson.pages[page]) > play->lesson.pages[page].n_items)
        page++;
    return page;
}

Question *lesson_question_at_hand(const App *app) {
    if (!app->lesson) return NULL;
    const Page *page = &app->lesson->lesson.pages[app->lesson->page];
    int n_shown = lesson_n_shown(app->lesson);
    Question *last = n_shown > 0 ? page->items[n_shown - 1].question : NULL;
    return last && last->state == QUESTION_OPEN ? last : NULL;
}

int lesson_question_number(const LessonPlay *play, const Question *question) {
    int i = 0;
    for (const Question *q; (q = lesson_question(&play->lesson, i)) && q != question;) i++;
    return i + 1;
}

// ---- commands -----------------------------------------------------------------------------------

static void add_commands(Script *script, const CommandLines *commands) {
    for (int i = 0; i < commands->n && script->n < SCRIPT_COMMANDS; i++)
        script->commands[script->n++] = commands->lines[i];
}

// What the item's commands are once it is behind the learner.
static void add_item(Script *script, const Item *item) {
    add_commands(script, &item->commands);
    if (!item->question) return;
    add_commands(script, &item->question->solution);
    add_commands(script, &item->question->after);
}

// The commands of the open page after item `first` that the learner may see run: up to the question at hand.
static void add_shown(const LessonPlay *play, int first, Script *script) {
    const Page *page = &play->lesson.pages[play->page];
    for (int i = first, n = lesson_n_shown(play); i < n; i++) {
        const Question *q = page->items[i].question;
        if (!q || q->state != QUESTION_OPEN) add_item(script, &page->items[i]);
    }
}

// Whatever is computed was for the page that is left.
static void stop(App *app) {
    app_halt(app);
    app->script = (Script){.n = 0};
    if (app_is_busy(app)) worker_cancel(app->worker);
    app_settle(app);
    app->message[0] = '\0';
}

// Commands that are still to run stay before those that are added.
static void keep_rest(Script *script) {
    script->n -= script->next;
    memmove(script->commands, script->commands + script->next, (size_t)script->n * sizeof *script->commands);
    script->next = 0;
}

// Starts the decoder again, as a lesson finds it.
static bool begin_again(App *app, Error *err) {
    SessionSetup setup, wanted = lesson_setup(&app->lesson->lesson);
    stop(app);
    if (!session_setup_copy(&setup, &wanted)) return error_no_memory(err, "the settings", 0);
    if (!app_open(app, &setup, err)) {
        session_setup_done(&setup);
        return false;
    }
    app->n_wanted = 0;
    app_look_anew(app);
    return true;
}

static void begin_question(LessonPlay *play) {
    play->n_tries = play->n_hints = play->scroll = 0;
}

// Writes what this lesson has into the file as it is now: another kvstep may have written meanwhile. A file
// that cannot be read is not written over.
static bool keep(App *app, Error *err) {
    LessonPlay *play = app->lesson;
    LessonProgress now;
    if (!lesson_progress_read(&now, err)) return false;
    bool ok =
        lesson_progress_store(&now, &play->lesson, play->page) || error_no_memory(err, "the progress", 0);
    ok = ok && lesson_progress_write(&now, err);
    lesson_progress_load(&now, &play->lesson);
    lesson_progress_done(&now);
    return ok;
}

// Brings the decoder to where the open page has come to.
static bool restore(App *app, Error *err) {
    LessonPlay *play = app->lesson;
    if (!begin_again(app, err)) return false;
    for (int i = 0; i < play->page; i++)
        for (int j = 0; j < play->lesson.pages[i].n_items; j++)
            add_item(&app->script, &play->lesson.pages[i].items[j]);
    add_shown(play, 0, &app->script);
    play->has_left = false;
    return true;
}

bool lesson_play_page(App *app, int page, Error *err) {
    LessonPlay *play = app->lesson;
    if (page < 0 || page >= play->lesson.n_pages)
        return error_set(err, "the lesson has %d pages", play->lesson.n_pages);
    play->page = page;
    play->shows_view = false;
    play->feedback[0] = '\0';
    begin_question(play);
    return restore(app, err) && keep(app, err);
}

bool lesson_play_open(App *app, Lesson *lesson, const LessonOptions *options, Error *err) {
    LessonPlay *play = calloc(1, sizeof *play);
    if (!play) {
        lesson_done(lesson);
        return error_no_memory(err, "a lesson", sizeof *play);
    }
    play->lesson = *lesson;
    play->is_presented = options->is_presented;
    play->may_skip = lesson->may_skip && !options->may_not_skip;
    app->lesson = play;
    LessonProgress progress;
    if (!lesson_progress_read(&progress, err)) return false;
    lesson_progress_load(&progress, &play->lesson);
    int page = lesson_progress_page(&progress, lesson->name);
    lesson_progress_done(&progress);
    // without a place to write to the lesson can be taken all the same
    if (!lesson_play_page(app, page < lesson->n_pages ? page : lesson->n_pages - 1, err))
        app_complain(app, err);
    return true;
}

void lesson_play_done(App *app) {
    LessonPlay *play = app->lesson;
    if (!play) return;
    trace_document_done(&play->document);
    lesson_done(&play->lesson);
    free(play);
    app->lesson = NULL;
}

static bool is_opening(const App *app) {
    return app->script.next < app->script.n;
}

bool lesson_takes(const App *app, const Command *command) {
    return !is_opening(app) || !command || command->flags & BESIDE_LESSONS;
}

void lesson_note(App *app, const Command *command) {
    bool breaks_off = is_opening(app) && strcmp(command->name, "cancel") == 0;
    bool stays = command->flags & BESIDE_LESSONS && !breaks_off;
    if (!app->runs_script && !stays) app->lesson->has_left = true;
}

// In a task the view's own keys go first: they may be what it asks for. An option is chosen by its number.
const char *lesson_command(const App *app, const char *key) {
    static const char *const CHOICES[MAX_OPTIONS] = {"answer 1", "answer 2", "answer 3",
                                                     "answer 4", "answer 5", "answer 6",
                                                     "answer 7", "answer 8", "answer 9"};
    const Question *q = lesson_question_at_hand(app);
    if (!app->lesson) return NULL;
    if (q && q->kind == QUESTION_CHOOSE && key[0] >= '1' && key[0] < '1' + q->n_options && !key[1])
        return CHOICES[key[0] - '1'];
    if (q && q->kind == QUESTION_DO && !app->lesson->is_presented &&
        keys_own(&app->keys, app->view->name, key))
        return NULL;
    return keys_own(&app->keys, LESSON_KEYS, key);
}

// ---- answers ------------------------------------------------------------------------------------

__attribute__((format(printf, 2, 3))) static void say(LessonPlay *play, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(play->feedback, sizeof play->feedback, format, args);
    va_end(args);
    play->scroll = 0;
}

bool lesson_settle_question(App *app, QuestionState state, Error *err) {
    LessonPlay *play = app->lesson;
    Question *q = lesson_question_at_hand(app);
    int item = lesson_n_shown(play);
    bool is_skipped = state == QUESTION_SKIPPED;
    q->state = state;
    q->n_tries = play->n_tries;
    if (play->shows_view && q->kind == QUESTION_DO && !is_skipped)
        app_say(app, "the task is done: o, or `pane`, goes back to the lesson's text");
    play->feedback[0] = '\0';
    begin_question(play);
    if (play->has_left && (q->kind != QUESTION_DO || is_skipped)) return restore(app, err) && keep(app, err);
    keep_rest(&app->script);
    if (is_skipped) add_commands(&app->script, &q->solution);
    add_commands(&app->script, &q->after);
    add_shown(play, item, &app->script);
    return keep(app, err);
}

// What would be true of a wrong prediction; NULL when the lesson does not say.
static const char *reason_of_wrong(const Question *q, const char *typed) {
    for (int i = 0; i < q->n_wrong && q->wrong_values; i++)
        if (value_matches(&q->wrong_values[i], (Tolerance){0, 0}, typed))
            return prose_text(&q->wrong[i].reason);
    return NULL;
}

// A slip that has nothing to do with the question; NULL when it is none that can be told.
static const char *slip_of(const Question *q, const char *typed) {
    Value slipped = *q->answer_value;
    if (slipped.kind != VALUE_NUMBER || slipped.number == 0) return NULL;
    slipped.number = -q->answer_value->number;
    if (value_matches(&slipped, question_tolerance(q), typed))
        return _("The digits are right, the sign is not.");
    slipped.number = 100 * q->answer_value->number;
    if (value_matches(&slipped, question_tolerance(q), typed))
        return _("As a percentage it would be right: write it with %.");
    return NULL;
}

static bool answer_choose(App *app, const Question *q, const char *typed, Error *err) {
    double number;
    bool is_one =
        number_read(typed, &number) && number >= 1 && number <= q->n_options && number == floor(number);
    int n = is_one ? (int)number : 0;
    if (!is_one) return error_set(err, "choose one of 1 to %d", q->n_options);
    const Option *option = &q->options[n - 1];
    app->lesson->n_tries++;
    if (option->is_right) return lesson_settle_question(app, QUESTION_SOLVED, err);
    say(app->lesson, _("%d is not it. %s"), n, prose_text(&option->reason));
    return true;
}

static bool answer_predict(App *app, const Question *q, const char *typed, Error *err) {
    double number;
    bool is_number = q->answer_value->kind == VALUE_NUMBER;
    if (is_number && !number_read(typed, &number))
        return error_set(err, "the answer is a number, such as 1234, 0.25, 1/4, 25%% or 36 kB; not \"%s\"",
                         typed);
    app->lesson->n_tries++;
    if (value_matches(q->answer_value, question_tolerance(q), typed))
        return lesson_settle_question(app, QUESTION_SOLVED, err);
    const char *reason = reason_of_wrong(q, typed);
    if (!reason) reason = slip_of(q, typed);
    char shown[128];
    text_neutralise(shown, sizeof shown, text_from(typed), TEXT_LINE);
    say(app->lesson, _("%c%s%c is not it. %s"), MARK_STRONG, shown, MARK_END, reason ? reason : "");
    return true;
}

bool lesson_answer(App *app, const char *typed, Error *err) {
    const Question *q = lesson_question_at_hand(app);
    if (!q) return error_set(err, "there is no open question on this page");
    if (q->kind == QUESTION_DO) return error_set(err, "this is a task: do it, and the lesson sees it");
    app->lesson->feedback[0] = '\0';
    if (!*typed) return error_set(err, "answer takes what you think, such as `answer 2`");
    return q->kind == QUESTION_CHOOSE ? answer_choose(app, q, typed, err)
                                      : answer_predict(app, q, typed, err);
}

// ---- tasks --------------------------------------------------------------------------------------

void lesson_look(App *app) {
    const Question *q = lesson_question_at_hand(app);
    Value value;
    Error err;
    if (!q || q->kind != QUESTION_DO || app_is_busy(app) || is_opening(app)) return;
    if (!lesson_document(&app->lesson->document, app, &err)) return;
    for (int i = 0; i < q->until.n; i++) {
        // a value that is not there yet is no error here: the step that has it may not have run
        bool is_there = expression_value(q->until.lines[i], app->lesson->document.json, &value, &err);
        if (!is_there || value.kind != VALUE_TRUTH || value.number == 0) return;
    }
    if (!lesson_settle_question(app, QUESTION_SOLVED, &err)) app_complain(app, &err);
}
