// A lesson taken in an App without a terminal: answers, hints, tasks, pages, and what is remembered.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "tui/app/command.h"
#include "tui/app/draw.h"
#include "tui/app/input.h"
#include "tui/lesson/lesson_play.h"
#include "tui/lesson/lesson_run.h"
#include "tui/views/views.h"

static const char LESSON[] =
    "---\ntitle: A lesson\nminutes: 5\nmodel: story\nprompt: Once upon a time\n---\n\n"
    "## One\n\n```commands\nstep\n```\n\n"
    "```predict rows\nHow many rows?\n\nafter: step\nanswer: /step/n_rows\n"
    "wrong: /cache/length :: That is what the cache holds.\nhint: first hint\nhint: second hint\n"
    "because: the rest is kept\n```\n\nNow {{/step/n_rows}} row.\n\n"
    "```commands\nview cache\n```\n\n"
    "```choose kept\nWhat is kept?\n\n- [ ] Q :: nobody reads it\n- [x] K and V\nbecause: they are "
    "read\n```\n\n"
    "## Two\n\nText.\n\n```do look\nLook at head 2.\n\nuntil: /screen/view = \"attention\"\n"
    "until: /screen/head = 2\nsolution: view attention\nsolution: head 2\nbecause: there it is\n```\n\n"
    "## Three\n\nThe end.\n";

typedef struct Learner {
    char *folder, *state;
    App app;
    Canvas canvas;
} Learner;

// A folder for the lesson, and one for the progress.
static void begin(Learner *learner) {
    *learner = (Learner){.folder = folder_new(), .state = folder_new()};
    setenv("XDG_STATE_HOME", learner->state, 1);
    file_write_text(learner->folder, "01-play.md", LESSON);
}

// What is left to run before somebody looks at the screen, as loop_run() does it.
static void look(Learner *learner) {
    App *app = &learner->app;
    app_settle(app);
    while (app->script.next < app->script.n) {
        const char *command = app->script.commands[app->script.next++];
        if (!command_execute(app, command)) fail_msg("%s: %s", command, app->message);
        app_settle(app);
    }
    lesson_look(app);
}

static void open_lesson(Learner *learner, bool may_not_skip) {
    char path[512];
    Error err;
    Lesson lesson;
    Opened opened;
    Problems report = {0};
    snprintf(path, sizeof path, "%s/01-play.md", learner->folder);
    if (!lesson_read(&lesson, path, &report) || !lesson_run(&lesson, &PROGRAM, &report, NULL, NULL))
        fail_msg("%s", report.lines[0]);
    problems_done(&report);
    SessionSetup setup = lesson_setup(&lesson);
    if (!session_setup_open(&setup, NULL, NULL, NULL, &opened, &err)) fail_msg("%s", err.text);
    assert_true(app_init(&learner->app, &PROGRAM, session_timeline(opened.session), opened.session, &err));
    assert_true(app_own(&learner->app, opened.model, &setup, &err));
    if (!lesson_play_open(&learner->app, &lesson, &(LessonOptions){.may_not_skip = may_not_skip}, &err))
        fail_msg("%s", err.text);
    look(learner);
}

static void close_lesson(Learner *learner) {
    app_done(&learner->app);
}

static void end(Learner *learner) {
    canvas_done(&learner->canvas);
    folder_remove(learner->folder);
    folder_remove(learner->state);
}

static void run(Learner *learner, const char *command) {
    learner->app.message[0] = '\0';
    if (!command_execute(&learner->app, command)) fail_msg("%s: %s", command, learner->app.message);
    look(learner);
}

static void refuses(Learner *learner, const char *command, const char *because) {
    assert_false(command_execute(&learner->app, command));
    assert_says(learner->app.message, because);
}

static char *screen(Learner *learner, int n_rows, int n_columns) {
    assert_true(canvas_resize(&learner->canvas, n_rows, n_columns));
    app_draw(&learner->app, &learner->canvas);
    return canvas_to_text(&learner->canvas, false);
}

static void shows(Learner *learner, const char *words, bool is_there) {
    char *text = screen(learner, 40, 140);
    if ((strstr(text, words) != NULL) != is_there)
        fail_msg("\"%s\" is %son the screen:\n%s", words, is_there ? "not " : "", text);
    free(text);
}

static void the_text_after_a_question_appears_when_it_is_solved(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    shows(&learner, "How many rows?", true);
    shows(&learner, "What is kept?", false);
    assert_int_equal(learner.app.timeline->n_steps, 1);
    run(&learner, "answer 6");
    shows(&learner, "6 is not it. That is what the cache holds.", true);
    run(&learner, "answer -1");
    shows(&learner, "-1 is not it. The digits are right", true);
    run(&learner, "answer 100");
    shows(&learner, "write it with %", true);
    run(&learner, "answer 3");
    shows(&learner, "3 is not it.", true);
    shows(&learner, "That is what the cache holds", false);
    refuses(&learner, "answer one", "the answer is a number");
    refuses(&learner, "page +1", "the question comes first");
    assert_int_equal(learner.app.timeline->n_steps, 1);
    run(&learner, "answer 1");
    assert_int_equal(learner.app.timeline->n_steps, 2);
    assert_ptr_equal(learner.app.view, &VIEW_CACHE);
    shows(&learner, "right: 1", true);
    shows(&learner, "the rest is kept", true);
    shows(&learner, "Now 1 row.", true);
    shows(&learner, "What is kept?", true);
    refuses(&learner, "answer 3", "one of 1 to 2");
    run(&learner, "answer 1");
    shows(&learner, "1 is not it. nobody reads it", true);
    run(&learner, "answer 2");
    run(&learner, "page +1");
    shows(&learner, "Look at head 2.", true);
    close_lesson(&learner);
    end(&learner);
}

static void hints_come_one_by_one_and_then_the_answer_can_be_shown(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    shows(&learner, "first hint", false);
    run(&learner, "hint");
    shows(&learner, "first hint", true);
    shows(&learner, "second hint", false);
    run(&learner, "hint");
    shows(&learner, "second hint", true);
    refuses(&learner, "hint", "`skip` shows the answer");
    run(&learner, "skip");
    shows(&learner, "skipped: 1", true);
    shows(&learner, "the rest is kept", true);
    assert_int_equal(learner.app.timeline->n_steps, 2);
    close_lesson(&learner);
    end(&learner);
}

static void a_teacher_can_forbid_skipping(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, true);
    refuses(&learner, "skip", "cannot be skipped");
    refuses(&learner, "page 3", "an earlier page");
    close_lesson(&learner);
    end(&learner);
}

static void a_task_is_solved_when_its_condition_holds(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    run(&learner, "page 2");
    refuses(&learner, "answer 2", "this is a task");
    run(&learner, "head 2");
    shows(&learner, "there it is", false);
    run(&learner, "view attention");
    shows(&learner, "there it is", true);
    run(&learner, "continue");
    shows(&learner, "The end.", true);
    run(&learner, "continue");
    assert_says(learner.app.message, "1 of 3 questions solved");
    close_lesson(&learner);
    end(&learner);
}

static void a_lesson_goes_on_where_it_was_left_and_in_the_state_of_its_page(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    run(&learner, "answer 1");
    run(&learner, "temperature 2");
    run(&learner, "head 5");
    close_lesson(&learner);
    open_lesson(&learner, false);
    shows(&learner, "right: 1", true);
    shows(&learner, "What is kept?", true);
    assert_int_equal(learner.app.timeline->n_steps, 2);
    assert_int_equal(learner.app.head, 0);
    assert_true(learner.app.setup.session.sampling.temperature == 0);
    run(&learner, "answer 2");
    run(&learner, "continue");
    run(&learner, "page -1");
    shows(&learner, "What is kept?", true);
    refuses(&learner, "page -1", "first page");
    close_lesson(&learner);
    open_lesson(&learner, false);
    assert_int_equal(learner.app.lesson->page, 0);
    close_lesson(&learner);
    end(&learner);
}

static void commands_given_before_a_page_is_ready_do_not_disturb_it(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    static const char *const LINES[] = {"page 2", "page 1", "answer 1", "answer 2",
                                        "step",   "page 2", "page 1"};
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++)
        if (!command_execute(&learner.app, LINES[i])) fail_msg("%s: %s", LINES[i], learner.app.message);
    look(&learner);
    assert_int_equal(learner.app.timeline->n_steps, 2);
    assert_ptr_equal(learner.app.view, &VIEW_CACHE);
    run(&learner, "page 2");
    assert_true(command_execute(&learner.app, "page 1"));
    close_lesson(&learner);
    end(&learner);
}

static void the_text_scrolls_no_further_than_to_its_ends(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    learner.app.n_rows = 24, learner.app.n_columns = 80;
    run(&learner, "read +1000");
    int last = learner.app.lesson->scroll;
    assert_true(last < 100);
    run(&learner, "read +1000");
    assert_int_equal(learner.app.lesson->scroll, last);
    free(screen(&learner, 40, 140)); // drawing at another size changes nothing
    assert_int_equal(learner.app.lesson->scroll, last);
    run(&learner, "read -1000");
    assert_in_range(last - learner.app.lesson->scroll, 0, 100);
    close_lesson(&learner);
    end(&learner);
}

static void keys_of_the_lesson_go_before_those_of_the_view(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    run(&learner, "view tokens");
    app_key(&learner.app, "Enter"); // not the view's "branch"
    assert_true(learner.app.line.is_open);
    app_key(&learner.app, "1");
    app_key(&learner.app, "Enter");
    look(&learner);
    assert_int_equal(learner.app.timeline->n_steps, 2);
    app_key(&learner.app, "2"); // of the options, not the second view
    look(&learner);
    shows(&learner, "they are read", true);
    app_key(&learner.app, "PageDown"); // not the cache view's next row
    look(&learner);
    shows(&learner, "Look at head 2.", true);
    close_lesson(&learner);
    end(&learner);
}

static void after_free_play_a_right_answer_brings_the_lessons_state_back(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    run(&learner, "step");
    run(&learner, "step");
    run(&learner, "prompt The cat");
    run(&learner, "answer 1");
    assert_int_equal(learner.app.timeline->n_steps, 2);
    assert_string_equal(learner.app.setup.prompt.text, "Once upon a time");
    assert_ptr_equal(learner.app.view, &VIEW_CACHE);
    close_lesson(&learner);
    end(&learner);
}

static void two_lessons_at_once_lose_nothing_of_each_other(void **state) {
    (void)state;
    Learner learner;
    LessonProgress progress;
    Error err;
    int tries;
    begin(&learner);
    open_lesson(&learner, false);
    assert_true(lesson_progress_read(&progress, &err)); // another kvstep
    assert_true(lesson_progress_set(&progress, "other", "q", QUESTION_SOLVED, 1) &&
                lesson_progress_write(&progress, &err));
    lesson_progress_done(&progress);
    run(&learner, "answer 1");
    assert_true(lesson_progress_read(&progress, &err));
    assert_int_equal(lesson_progress_state(&progress, "other", "q", &tries), QUESTION_SOLVED);
    assert_int_equal(lesson_progress_state(&progress, "play", "rows", &tries), QUESTION_SOLVED);
    lesson_progress_done(&progress);
    close_lesson(&learner);
    end(&learner);
}

static void a_lesson_can_be_taken_where_nothing_can_be_written(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    setenv("XDG_STATE_HOME", "/dev/null/nowhere", 1);
    open_lesson(&learner, false);
    assert_says(learner.app.message, "/dev/null");
    assert_false(command_execute(&learner.app, "answer 1"));
    look(&learner);
    assert_says(learner.app.message, "/dev/null");
    shows(&learner, "What is kept?", true);
    assert_false(command_execute(&learner.app, "answer 2"));
    look(&learner);
    shows(&learner, "they are read", true);
    shows(&learner, "right: 1", true);
    close_lesson(&learner);
    end(&learner);
}

static void a_click_on_an_option_chooses_it(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    run(&learner, "answer 1");
    free(screen(&learner, 40, 140));
    bool found = false;
    for (int row = 0; row < 40 && !found; row++) {
        const Target *target = &canvas_cell(&learner.canvas, row, 10)->target;
        found = target->command && strcmp(target->command, "answer") == 0 && target->arguments[0] == 2;
        if (found) app_click(&learner.app, &learner.canvas, row, 10);
    }
    look(&learner);
    shows(&learner, "they are read", true);
    close_lesson(&learner);
    end(&learner);
}

static void the_lessons_text_is_visible_at_every_size(void **state) {
    (void)state;
    Learner learner;
    begin(&learner);
    open_lesson(&learner, false);
    static const int SIZES[][2] = {{40, 140}, {60, 80}, {24, 80}, {24, 119}, {60, 200}};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        char *text = screen(&learner, SIZES[i][0], SIZES[i][1]);
        if (!strstr(text, "How many rows?")) fail_msg("%d × %d:\n%s", SIZES[i][1], SIZES[i][0], text);
        free(text);
    }
    run(&learner, "pane");
    char *text = screen(&learner, 24, 80);
    assert_non_null(strstr(text, "KV cache"));
    free(text);
    for (int n_rows = 1; n_rows < 30; n_rows += 3)
        for (int n_columns = 1; n_columns < 130; n_columns += 7) free(screen(&learner, n_rows, n_columns));
    close_lesson(&learner);
    end(&learner);
}

static void a_lesson_whose_commands_or_answers_fail_is_reported_with_lines(void **state) {
    (void)state;
#define TITLE "---\ntitle: T\nminutes: 5\nmodel: story\n---\n## P\n\n"
    static const char *const CASES[][2] = {
        {TITLE "```commands\nstep\nstpe\n```\n", ":10: `stpe`"},
        {TITLE "```commands\nsave /tmp/x\n```\n", ":9: a lesson cannot run `save`"},
        {TITLE "```commands\nsave\t/tmp/kvstep-must-not-be\n```\n", "cannot run `save`"},
        {TITLE "- a list\n  ```commands\n  nonsense\n  ```\n", "`nonsense`"},
        {TITLE "```commands\nscreen! /tmp/x.svg\n```\n", "cannot run `screen!`"},
        {TITLE "Text {{/step/n_rows}}.\n", ":8: there is no /step/n_rows"},
        {TITLE "```predict a\nQ?\nafter: step\nanswer: /step/cost\n```\n", ":8: /step/cost"},
        {TITLE "```predict a\nQ?\nanswer: 2\nwrong: 1 + 1 :: no\n```\n", ":11: this wrong answer"},
        {TITLE "```do a\nQ?\nuntil: /screen/head = 0\nsolution: head 1\n```\n", "true already"},
        {TITLE "```do a\nQ?\nuntil: /screen/head = 2\nsolution: head 1\n```\n", "does not make"},
        {TITLE "```do a\nQ?\nuntil: /screen/head\nsolution: head 1\n```\n", "until: compares"},
        {TITLE "```choose a\nQ?\n\n- 1 :: no\n- 2 :: no\nanswer: 3\n```\n", "text of 0 options"},
        {"---\ntitle: T\nminutes: 5\nmodel: no-such-model\n---\n## P\n", "there is no model no-such-model"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *folder = folder_new(), path[512];
        Lesson lesson;
        Problems report = {0};
        file_write_text(folder, "bad.md", CASES[i][0]);
        snprintf(path, sizeof path, "%s/bad.md", folder);
        if (lesson_read(&lesson, path, &report))
            assert_false(lesson_run(&lesson, &PROGRAM, &report, NULL, NULL));
        bool found = false;
        for (int j = 0; j < report.n; j++) found = found || strstr(report.lines[j], CASES[i][1]);
        if (!found)
            fail_msg("case %zu: \"%s\" is not in %s", i, CASES[i][1],
                     report.n ? report.lines[0] : "an empty report");
        problems_done(&report);
        lesson_done(&lesson);
        folder_remove(folder);
    }
}

int main(void) {
    setenv("KVSTEP_MODELS", "models", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_after_a_question_appears_when_it_is_solved),
        cmocka_unit_test(hints_come_one_by_one_and_then_the_answer_can_be_shown),
        cmocka_unit_test(a_teacher_can_forbid_skipping),
        cmocka_unit_test(a_task_is_solved_when_its_condition_holds),
        cmocka_unit_test(a_lesson_goes_on_where_it_was_left_and_in_the_state_of_its_page),
        cmocka_unit_test(commands_given_before_a_page_is_ready_do_not_disturb_it),
        cmocka_unit_test(the_text_scrolls_no_further_than_to_its_ends),
        cmocka_unit_test(keys_of_the_lesson_go_before_those_of_the_view),
        cmocka_unit_test(after_free_play_a_right_answer_brings_the_lessons_state_back),
        cmocka_unit_test(two_lessons_at_once_lose_nothing_of_each_other),
        cmocka_unit_test(a_lesson_can_be_taken_where_nothing_can_be_written),
        cmocka_unit_test(a_click_on_an_option_chooses_it),
        cmocka_unit_test(the_lessons_text_is_visible_at_every_size),
        cmocka_unit_test(a_lesson_whose_commands_or_answers_fail_is_reported_with_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
