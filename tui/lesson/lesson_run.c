#include "tui/lesson/lesson_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/expression.h"
#include "tui/app/program.h"
#include "tui/lesson/lesson_document.h"

// What the Steps' numbers may take: a lesson's text is short.
enum { LESSON_BYTES = 16 << 20 };

typedef struct Run {
    App app;
    Lesson *lesson;
    Problems *report;
    TraceDocument document;
    bool is_stale; // commands have run since the document was made
} Run;

SessionSetup lesson_setup(const Lesson *lesson) {
    return (SessionSetup){.model = lesson->model,
                          .prompt = {.text = lesson->prompt, .source = lesson->source},
                          .fills_in = true,
                          .session = {.sampling = {.top_p = 1},
                                      .n_candidates = 10,
                                      .recompute = true,
                                      .record = SITE_ALL,
                                      .record_limit = LESSON_BYTES}};
}

static const cJSON *document(Run *run, Error *err) {
    if (run->is_stale && !lesson_document(&run->document, &run->app, err)) return NULL;
    run->is_stale = false;
    return run->document.json;
}

// ---- filling in ---------------------------------------------------------------------------------

static void fill(Run *run, Prose *prose) {
    Error err;
    if (!prose->text || prose->filled) return;
    const cJSON *json = document(run, &err);
    prose->filled = json ? expression_fill(prose->text, json, &err) : NULL;
    if (!prose->filled) problems_add(run->report, prose->line, "%s", err.text);
}

static bool value_of(Run *run, const char *expression, int line, Value *out) {
    Error err;
    const cJSON *json = document(run, &err);
    if (json && expression_value(expression, json, out, &err)) return true;
    problems_add(run->report, line, "%s", err.text);
    return false;
}

// ---- commands -----------------------------------------------------------------------------------

static void run_command(Run *run, const char *line, int number) {
    App *app = &run->app;
    const Command *command = program_find_in(app->program, line);
    if (command && command->flags & NOT_IN_LESSONS) { // a lesson may come from anywhere
        problems_add(run->report, number, "a lesson cannot run `%s`", command->name);
        return;
    }
    app->message[0] = '\0';
    app->is_error = false;
    command_execute(app, line);
    app_settle(app);
    if (app->is_error) problems_add(run->report, number, "`%s`: %s", line, app->message);
    run->is_stale = true;
}

static void run_commands(Run *run, const CommandLines *commands) {
    for (int i = 0; i < commands->n; i++) run_command(run, commands->lines[i], commands->numbers[i]);
}

// ---- questions ----------------------------------------------------------------------------------

static void answer_choose(Run *run, Question *q) {
    Value value;
    int n_right = 0;
    if (!q->answer || !value_of(run, q->answer, q->line, &value)) return;
    for (int i = 0; i < q->n_options; i++) {
        Option *option = &q->options[i];
        option->is_right =
            option->text.filled && value_matches(&value, (Tolerance){0, 0}, option->text.filled);
        n_right += option->is_right;
    }
    if (n_right != 1)
        problems_add(run->report, q->line, "the answer is the text of %d options instead of one", n_right);
}

// The answer as a text that its own check takes: with as few digits as that allows.
static bool write_answer(const Question *q, const Value *value, char *out, size_t size) {
    static const char *const FORMATS[] = {"", "1", "2", "3", "4", "6", "9", "sci"};
    Error err;
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (value_write(value, FORMATS[i], out, size, &err) &&
            value_matches(value, question_tolerance(q), out))
            return true;
    return false;
}

static void answer_predict(Run *run, Question *q) {
    Value value;
    char text[VALUE_TEXT_BYTES];
    if (!q->answer || !value_of(run, q->answer, q->line, &value)) return;
    if (!write_answer(q, &value, text, sizeof text)) {
        problems_add(run->report, q->line, "the answer is neither a number nor a text that can be typed");
        return;
    }
    q->answer_text = strdup(text);
    q->answer_value = malloc(sizeof *q->answer_value);
    q->wrong_values = calloc((size_t)q->n_wrong + 1, sizeof *q->wrong_values);
    if (!q->answer_text || !q->answer_value || !q->wrong_values) {
        problems_add(run->report, q->line, "there is not enough memory");
        return;
    }
    *q->answer_value = value;
    for (int i = 0; i < q->n_wrong; i++) {
        Wrong *wrong = &q->wrong[i];
        if (!value_of(run, wrong->expression, wrong->reason.line, &q->wrong_values[i])) continue;
        char typed[VALUE_TEXT_BYTES];
        if (value_write(&q->wrong_values[i], "", typed, sizeof typed, &(Error){""}) &&
            value_matches(&value, question_tolerance(q), typed))
            problems_add(run->report, wrong->reason.line, "this wrong answer, %s, would be taken as right",
                         typed);
    }
}

// How many of the conditions hold.
static int count_true(Run *run, const Question *q) {
    Value value;
    int n = 0;
    for (int i = 0; i < q->until.n; i++)
        if (value_of(run, q->until.lines[i], q->until.numbers[i], &value)) {
            if (value.kind != VALUE_TRUTH)
                problems_add(run->report, q->until.numbers[i], "until: compares, with = or another sign");
            n += value.kind == VALUE_TRUTH && value.number != 0;
        }
    return n;
}

static void answer_do(Run *run, Question *q) {
    int n_before = run->report->n;
    if (count_true(run, q) == q->until.n)
        problems_add(run->report, q->line, "this is true already when the task begins");
    if (run->report->n > n_before) return;
    run_commands(run, &q->solution);
    if (run->report->n == n_before && count_true(run, q) != q->until.n)
        problems_add(run->report, q->line, "the solution does not make every until: true");
}

static void run_question(Run *run, Question *q) {
    for (int i = 0; i < q->n_text; i++) fill(run, &q->text[i]);
    for (int i = 0; i < q->n_hints; i++) fill(run, &q->hints[i]);
    if (q->kind == QUESTION_DO) answer_do(run, q);
    run_commands(run, &q->after);
    for (int i = 0; i < q->n_options; i++) fill(run, &q->options[i].text), fill(run, &q->options[i].reason);
    for (int i = 0; i < q->n_wrong; i++) fill(run, &q->wrong[i].reason);
    fill(run, &q->because);
    if (q->kind == QUESTION_CHOOSE) answer_choose(run, q);
    if (q->kind == QUESTION_PREDICT) answer_predict(run, q);
}

// ---- pages --------------------------------------------------------------------------------------

static void run_item(Run *run, Item *item) {
    if (item->kind == ITEM_CODE) return; // shown as it is
    if (item->kind == ITEM_QUESTION)
        run_question(run, item->question);
    else if (item->kind == ITEM_COMMANDS)
        run_commands(run, &item->commands);
    else
        fill(run, &item->prose);
}

bool lesson_open_app(App *app, const Program *program, const Lesson *lesson, Error *err) {
    Opened opened;
    SessionSetup setup = lesson_setup(lesson);
    *app = (App){0};
    if (!session_setup_open(&setup, NULL, NULL, NULL, &opened, err)) return false;
    bool ok = app_init(app, program, session_timeline(opened.session), opened.session, err);
    return app_own(app, opened.model, &setup, err) && ok;
}

bool lesson_run(Lesson *lesson, const Program *program, Problems *report, LessonPageEnd page_end,
                void *context) {
    Error err;
    int n_before = report->n;
    Run run = {.lesson = lesson, .report = report, .is_stale = true};
    if (!lesson_open_app(&run.app, program, lesson, &err)) {
        problems_add(report, 1, "%s", err.text);
        app_done(&run.app);
        return false;
    }
    for (int i = 0; i < lesson->n_pages; i++) {
        for (int j = 0; j < lesson->pages[i].n_items; j++) run_item(&run, &lesson->pages[i].items[j]);
        if (page_end) page_end(context, &run.app, i);
    }
    trace_document_done(&run.document);
    app_done(&run.app);
    return report->n == n_before;
}
