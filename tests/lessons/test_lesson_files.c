// Lessons without a decoder: reading files, expressions, answers as people type them, the file of progress.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/expression.h"
#include "lessons/json_pointer.h"
#include "lessons/lesson.h"
#include "lessons/lesson_progress.h"
#include "lessons/markdown.h"
#include "lessons/value.h"

// ---- pointers and expressions -------------------------------------------------------------------

static const char DOCUMENT[] =
    "{\"a\": {\"b\": [1.5, 2, null, 4], \"c/d\": 7, \"m~n\": 8, \"\": 9}, \"text\": \" time\", "
    "\"yes\": true, \"nothing\": null, \"big\": 36864, \"rows\": [[1], [2, 3]], "
    "\"tokens\": [{\"text\": \"Once\"}, {\"text\": \" upon\"}]}";

static void pointers_follow_rfc_6901(void **state) {
    (void)state;
    cJSON *json = cJSON_Parse(DOCUMENT);
    assert_ptr_equal(json_pointer(json, ""), json);
    assert_true(json_pointer(json, "/a/b/0")->valuedouble == 1.5);
    assert_true(json_pointer(json, "/a/c~1d")->valuedouble == 7);
    assert_true(json_pointer(json, "/a/m~0n")->valuedouble == 8);
    assert_true(json_pointer(json, "/a/")->valuedouble == 9);
    static const char *const MISSING[] = {"a",       "/a/b/4",  "/a/b/00", "/a/b/-",          "/a/b/-1",
                                          "/a/b/1x", "/text/0", "/A",      "/a/b/99999999999"};
    for (size_t i = 0; i < sizeof MISSING / sizeof *MISSING; i++) assert_null(json_pointer(json, MISSING[i]));
    cJSON_Delete(json);
}

static void expressions_have_the_values_that_lessons_md_states(void **state) {
    (void)state;
    static const struct {
        const char *expression;
        double value;
    } CASES[] = {{"/a/b/0", 1.5},
                 {"2 + 3 * 4", 14},
                 {"(2 + 3) * 4", 20},
                 {"10 - 2 - 3", 5},
                 {"/big / 2 / 4", 4608},
                 {"-/a/b/1 + 3", 1},
                 {"1e3", 1000},
                 {"sum(/a/b)", 7.5},
                 {"mean(/a/b)", 2.5},
                 {"max(/a/b)", 4},
                 {"min(/a/b)", 1.5},
                 {"argmax(/a/b)", 3},
                 {"argmin(/a/b)", 0},
                 {"count(/a/b)", 4},
                 {"count(/rows)", 2},
                 {"sqrt(/a/b/3) + abs(0 - 2)", 4},
                 {"round(exp(log(/a/b/3)))", 4},
                 {"token(1) = \" upon\"", 1},
                 {"/text = \"time\"", 0},
                 {"/a/b/1 >= 2", 1},
                 {"/a/b/1 != 2", 0},
                 {"/yes = true", 1},
                 {"1 < 2", 1}};
    cJSON *json = cJSON_Parse(DOCUMENT);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Value value;
        Error err;
        if (!expression_value(CASES[i].expression, json, &value, &err))
            fail_msg("%s: %s", CASES[i].expression, err.text);
        if (value.number != CASES[i].value) fail_msg("%s is %g", CASES[i].expression, value.number);
    }
    cJSON_Delete(json);
}

static void expressions_that_mean_nothing_are_errors_that_say_why(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"/a/x", "there is no /a/x"},   {"/nothing", "no number"},       {"1 / 0", "division by zero"},
        {"(1 + 2", ") is missing"},     {"1 2", "after the expression"}, {"1+2", "spaces around"},
        {"max(/big)", "max() of this"}, {"what", "what is \"what\""},    {"\"a", "no \" at its end"},
        {"\"a\" + 1", "two numbers"},   {"/big = \"a\"", "compared"},    {"max(/rows)", "array of numbers"},
        {"token(9)", "/tokens/9"},      {"", "a value was expected"},    {"sum(1", ") is missing"},
        {"-\"a\"", "negative"},         {"/a/b = /a/b", "arrays"},       {"token(0 - 1)", "a position"}};
    cJSON *json = cJSON_Parse(DOCUMENT);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Value value;
        Error err;
        if (expression_value(CASES[i][0], json, &value, &err)) fail_msg("%s has a value", CASES[i][0]);
        assert_says(err.text, CASES[i][1]);
    }
    char deep[512];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    Value value;
    Error err;
    assert_false(expression_value(deep, json, &value, &err));
    assert_says(err.text, "nested deeper");
    memset(deep, '-', sizeof deep - 1);
    assert_false(expression_value(deep, json, &value, &err));
    assert_says(err.text, "nested deeper");
    cJSON_Delete(json);
}

static void numbers_are_filled_in_as_their_formats_say(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"{{/big}} B", "36,864 B"},
        {"{{ /big | bytes }}", "36.9 kB"},
        {"{{/a/b/0}} {{/a/b/0|2}} {{/a/b/0|%}}", "1.5 1.50 150.0%"},
        {"{{1 / 3}}, {{1 / 3|%0}}", "0.3333, 33%"},
        {"{{5139456|count}} {{136792|time}} {{0.0000012|sci}}", "5.14 M 137 µs 1.2e-06"},
        {"\"{{/text}}\"", "\"time\""},
        {"{{0 - 36864}}", "-36,864"},
        {"no braces } here {", "no braces } here {"}};
    cJSON *json = cJSON_Parse(DOCUMENT);
    Error err;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *filled = expression_fill(CASES[i][0], json, &err);
        if (!filled) fail_msg("%s: %s", CASES[i][0], err.text);
        assert_string_equal(filled, CASES[i][1]);
        free(filled);
    }
    assert_null(expression_fill("{{/big", json, &err));
    assert_says(err.text, "without }}");
    assert_null(expression_fill("{{/big|furlongs}}", json, &err));
    assert_says(err.text, "format");
    assert_null(expression_fill("{{/a/b}}", json, &err));
    assert_says(err.text, "array");
    cJSON_Delete(json);
}

// ---- answers ------------------------------------------------------------------------------------

static void numbers_are_read_in_every_common_notation(void **state) {
    (void)state;
    static const char *const RIGHT[] = {"36864",    "36,864",    " 36864 ",     "36_864",          "36 KiB",
                                        "36KiB",    "36.864 kB", "3.6864万",    "３６８６４",      "36864 B",
                                        "3.6864e4", "73728/2",   "36864 bytes", "３６，８６４字节"};
    static const char *const WRONG[] = {"36865",        "36 kB",   "-36864", "",     "nan",
                                        "36864 apples", "36,86,4", "1/0",    "1e999"};
    Value value = {.kind = VALUE_NUMBER, .number = 36864};
    for (size_t i = 0; i < sizeof RIGHT / sizeof *RIGHT; i++)
        if (!value_matches(&value, (Tolerance){0, 0}, RIGHT[i])) fail_msg("\"%s\" is refused", RIGHT[i]);
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        if (value_matches(&value, (Tolerance){0, 0}, WRONG[i])) fail_msg("\"%s\" is taken", WRONG[i]);
}

static void tolerances_are_absolute_or_a_share_and_fractions_need_two_digits(void **state) {
    (void)state;
    Value third = {.kind = VALUE_NUMBER, .number = 1.0 / 3}, hundred = {.kind = VALUE_NUMBER, .number = 100};
    Tolerance tolerance;
    Error err;
    assert_true(value_matches(&third, (Tolerance){0, 0}, "1/3"));
    assert_true(value_matches(&third, (Tolerance){0, 0}, "0.333"));
    assert_true(value_matches(&third, (Tolerance){0, 0}, "33.3%"));
    assert_true(value_matches(&third, (Tolerance){0, 0}, "0,333"));
    assert_true(value_matches(&third, (Tolerance){0, 0}, "0.33"));
    assert_false(value_matches(&third, (Tolerance){0, 0}, "0.34"));
    assert_false(value_matches(&third, (Tolerance){0, 0}, "0.3"));
    assert_true(tolerance_read("10%", &tolerance, &err));
    assert_true(value_matches(&hundred, tolerance, "91") && !value_matches(&hundred, tolerance, "89"));
    assert_true(tolerance_read("0.5", &tolerance, &err));
    assert_true(value_matches(&hundred, tolerance, "100.5") && !value_matches(&hundred, tolerance, "100.6"));
    assert_false(tolerance_read("much", &tolerance, &err));
    assert_says(err.text, "within:");
}

static void a_token_matches_with_or_without_its_space_and_quotes(void **state) {
    (void)state;
    Value value = {.kind = VALUE_TEXT, .text = " time"};
    static const char *const RIGHT[] = {"ｔｉｍｅ", "time", " time", "\" time\"", "“time”", "'time'"};
    for (size_t i = 0; i < sizeof RIGHT / sizeof *RIGHT; i++)
        assert_true(value_matches(&value, (Tolerance){0, 0}, RIGHT[i]));
    assert_false(value_matches(&value, (Tolerance){0, 0}, "Time"));
    assert_false(value_matches(&value, (Tolerance){0, 0}, "times"));
}

// ---- Markdown -----------------------------------------------------------------------------------

static bool write_block(void *context, const Block *block) {
    fprintf(context, "%d:%d:%d:%s\n", block->line, (int)block->kind, block->number, block->text);
    return true;
}

static void markdown_becomes_blocks_with_marks_and_the_lines_they_begin_in(void **state) {
    (void)state;
    static const char TEXT[] =
        "One *two* **three**\n`four`\n\n- a\n- b\n\n1. c\n\n|  | y |\n|---|---|\n| {{1|2}} | {{a * b}} |\n\n"
        "中文\n换行\n";
    char *out = NULL, expected[256];
    size_t n;
    FILE *stream = open_memstream(&out, &n);
    assert_true(markdown_read(TEXT, strlen(TEXT), 10, write_block, stream));
    fclose(stream);
    snprintf(expected, sizeof expected,
             "10:%d:0:One \2two\4 \1three\4 "
             "\3four\4\n13:%d:0:a\n14:%d:0:b\n16:%d:1:c\n18:%d:0:\5y\n20:%d:0:{{1|2}}\5{{a * b}}\n"
             "22:%d:0:中文换行\n",
             ITEM_PARAGRAPH, ITEM_LIST, ITEM_LIST, ITEM_LIST, ITEM_ROW, ITEM_ROW, ITEM_PARAGRAPH);
    assert_string_equal(out, expected);
    free(out);
}

// ---- files --------------------------------------------------------------------------------------

static void read_text(const char *text, Lesson *lesson, Problems *problems) {
    char *folder = folder_new(), path[512];
    file_write_text(folder, "07-some-lesson.md", text);
    snprintf(path, sizeof path, "%s/07-some-lesson.md", folder);
    *problems = (Problems){0};
    lesson_read(lesson, path, problems);
    folder_remove(folder);
}

#define HEAD "---\ntitle: T\nminutes: 5\nmodel: story\n---\n"

static void problems_of_a_lesson_are_told_with_their_lines(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"no block", ":1: a lesson begins with a title block"},
        {"---\ntitle: T\n", "no --- at its end"},
        {"---\ntitle: T\nminutes: many\nmodel: m\n---\n## P\n", ":3: minutes"},
        {"---\ntitle: T\ncolour: red\nminutes: 5\nmodel: m\n---\n## P\n", ":3: what is \"colour: red\""},
        {"---\nminutes: 5\n---\n## P\n", "no title"},
        {HEAD "prose\n\n## P\n", ":6: a page begins with"},
        {HEAD "nothing\n", "no page"},
        {HEAD "## P\n\n```choose a\nQ?\n\n- [ ] x\n- [ ] y\n```\n", ":8: exactly one option"},
        {HEAD "## P\n\n```choose a\nQ?\n\n- [x] x\n```\n", "at least two"},
        {HEAD "## P\n\n```predict a\nQ?\n```\n", ":8: a predict needs an answer"},
        {HEAD "## P\n\n```do a\nQ?\n```\n", "a do needs an until"},
        {HEAD "## P\n\n```do a\nQ?\nuntil: 1 = 1\nanswer: 2\nsolution: step\n```\n",
         ":11: answer: does not belong"},
        {HEAD "## P\n\n```predict a b\nQ?\nanswer: 1\nanswer: 2\n```\n",
         ":11: answer: stands here a second time"},
        {HEAD "## P\n\n```predict\nQ?\nanswer: 1\n```\n", "has an id"},
        {HEAD "## P\n\n```predict a_b\nQ?\nanswer: 1\n```\n", "not \"a_b\""},
        {HEAD "## P\n\n```predict a\nQ?\nanswer: 1\nwithin: near\n```\n", "within:"},
        {HEAD "## P\n\n```predict a\nQ?\nanswer: 1\nwrong: 2\n```\n", ":11: wrong: is written"},
        {HEAD "## P\n\n```predict a\nQ?\nanswer: 1\nwhat else\n```\n", ":11: what is this?"},
        {HEAD "## P\n\n```predict a\nQ?\nanswer: 1\n```\n\n```predict a\nQ?\nanswer: 1\n```\n",
         ":13: the id a is taken: line 8"},
        {HEAD "## P\n\nBell: \a\n", "control character 7"},
        {HEAD "## P\n\n```choose a\nQ?\n\n- [x] 2. x\n- [ ] y\n```\n", ":11: this begins like a list"},
        {HEAD "## P\n\n```predict a\nQ?\nanswer: 1\nbecause: a\nbecause: b\n```\n",
         ":12: because: stands here a second time"},
        {"\xff\xfe", "not text in UTF-8"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Lesson lesson;
        Problems problems;
        read_text(CASES[i][0], &lesson, &problems);
        bool found = false;
        for (int j = 0; j < problems.n; j++) found = found || strstr(problems.lines[j], CASES[i][1]);
        if (!found)
            fail_msg("case %zu: \"%s\" is not among %d lines, %s", i, CASES[i][1], problems.n,
                     problems.n ? problems.lines[0] : "");
        problems_done(&problems);
        lesson_done(&lesson);
    }
}

static void a_lesson_is_named_by_its_file_and_read_in_order(void **state) {
    (void)state;
    Lesson lesson;
    Problems problems;
    read_text(
        HEAD
        "## First\r\n\nText.\n\n```commands\nstep\n\n# a comment\nview cache\n```\n\n```sh\nls\n```\n\n## "
        "Second\n\n"
        "```choose q\nOne\ngoes on.\n\nTwo?\n\n- [ ] a :: why\n  not\n- [x] b\nhint: h\nbecause: c\n```\n",
        &lesson, &problems);
    if (problems.n) fail_msg("%s", problems.lines[0]);
    assert_string_equal(lesson.name, "some-lesson");
    assert_int_equal(lesson.n_pages, 2);
    const Page *page = &lesson.pages[0];
    assert_int_equal(page->n_items, 3);
    assert_int_equal(page->items[1].commands.n, 2);
    assert_string_equal(page->items[1].commands.lines[1], "view cache");
    assert_int_equal(page->items[1].commands.numbers[1], 14);
    assert_string_equal(page->items[2].prose.text, "ls\n");
    const Question *q = lesson_question(&lesson, 0);
    assert_int_equal(q->n_text, 2);
    assert_string_equal(q->text[0].text, "One goes on.");
    assert_string_equal(q->options[0].reason.text, "why not");
    assert_true(q->options[1].is_right && q->n_hints == 1);
    problems_done(&problems);
    lesson_done(&lesson);
}

static void a_lesson_of_too_many_commands_is_refused(void **state) {
    (void)state;
    char *text = NULL;
    size_t n;
    Lesson lesson;
    Problems problems;
    FILE *stream = open_memstream(&text, &n);
    fputs(HEAD "## P\n\n```commands\n", stream);
    for (int i = 0; i < 513; i++) fputs("step\n", stream);
    fputs("```\n", stream);
    fclose(stream);
    read_text(text, &lesson, &problems);
    assert_int_equal(problems.n, 1);
    assert_says(problems.lines[0], "at most 512 commands, and this one has 513");
    problems_done(&problems);
    lesson_done(&lesson);
    free(text);
}

static void a_name_is_one_word_whatever_the_file_is_called(void **state) {
    (void)state;
    static const char *const CASES[][2] = {{"/a/02-causal-mask.md", "causal-mask"},
                                           {"my lesson.md", "my-lesson"},
                                           {"1.md", "1"},
                                           {"2-.md", "-"},
                                           {"12 monkeys.md", "-monkeys"},
                                           {"x", "x"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Lesson lesson;
        Problems problems = {0};
        lesson_read_title(&lesson, CASES[i][0], &problems);
        assert_string_equal(lesson.name, CASES[i][1]);
        problems_done(&problems);
        lesson_done(&lesson);
    }
}

// ---- progress -----------------------------------------------------------------------------------

static char *use_state_folder(void) {
    char *folder = folder_new();
    setenv("XDG_STATE_HOME", folder, 1);
    return folder;
}

static void progress_is_kept_by_lesson_and_id_and_stays_with_its_folder(void **state) {
    (void)state;
    char *folder = use_state_folder(), *other;
    LessonProgress progress;
    Error err;
    int tries;
    assert_true(lesson_progress_read(&progress, &err));
    assert_false(lesson_progress_has(&progress, "a"));
    assert_true(lesson_progress_set(&progress, "a", "q", QUESTION_SOLVED, 3) &&
                lesson_progress_set_page(&progress, "a", 4));
    assert_true(lesson_progress_set(&progress, "b", "q", QUESTION_SKIPPED, 0));
    assert_true(lesson_progress_write(&progress, &err));
    lesson_progress_done(&progress);
    assert_true(lesson_progress_read(&progress, &err));
    assert_int_equal(lesson_progress_state(&progress, "a", "q", &tries), QUESTION_SOLVED);
    assert_int_equal(tries, 3);
    assert_int_equal(lesson_progress_page(&progress, "a"), 4);
    assert_int_equal(lesson_progress_state(&progress, "b", "q", &tries), QUESTION_SKIPPED);
    assert_int_equal(lesson_progress_state(&progress, "b", "other", &tries), QUESTION_OPEN);
    lesson_progress_reset(&progress, "a");
    assert_false(lesson_progress_has(&progress, "a"));
    assert_true(lesson_progress_has(&progress, "b"));
    lesson_progress_done(&progress);
    other = use_state_folder();
    assert_true(lesson_progress_read(&progress, &err));
    assert_false(lesson_progress_has(&progress, "b"));
    lesson_progress_done(&progress);
    folder_remove(other);
    folder_remove(folder);
}

static void unknown_lines_of_the_progress_file_are_kept(void **state) {
    (void)state;
    char *folder = use_state_folder(), path[512], *text;
    LessonProgress progress;
    Error err;
    int tries;
    snprintf(path, sizeof path, "%s/kvstep", folder);
    assert_true(lesson_progress_read(&progress, &err) && lesson_progress_write(&progress, &err));
    lesson_progress_done(&progress);
    file_write_text(path, "lessons",
                    "kvstep lessons 1\nsolved a q 1\nnoted a q \"later\"\nsolved broken\nat a x\n");
    assert_true(lesson_progress_read(&progress, &err));
    assert_int_equal(lesson_progress_state(&progress, "a", "q", &tries), QUESTION_SOLVED);
    lesson_progress_reset(&progress, "a");
    assert_true(lesson_progress_write(&progress, &err));
    lesson_progress_done(&progress);
    text = file_read(path, "lessons", NULL);
    assert_string_equal(text, "kvstep lessons 1\nnoted a q \"later\"\nsolved broken\nat a x\n");
    free(text);
    file_write_text(path, "lessons", "something else\n");
    assert_false(lesson_progress_read(&progress, &err));
    assert_says(err.text, "move it away");
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointers_follow_rfc_6901),
        cmocka_unit_test(expressions_have_the_values_that_lessons_md_states),
        cmocka_unit_test(expressions_that_mean_nothing_are_errors_that_say_why),
        cmocka_unit_test(numbers_are_filled_in_as_their_formats_say),
        cmocka_unit_test(numbers_are_read_in_every_common_notation),
        cmocka_unit_test(tolerances_are_absolute_or_a_share_and_fractions_need_two_digits),
        cmocka_unit_test(a_token_matches_with_or_without_its_space_and_quotes),
        cmocka_unit_test(markdown_becomes_blocks_with_marks_and_the_lines_they_begin_in),
        cmocka_unit_test(problems_of_a_lesson_are_told_with_their_lines),
        cmocka_unit_test(a_lesson_is_named_by_its_file_and_read_in_order),
        cmocka_unit_test(a_lesson_of_too_many_commands_is_refused),
        cmocka_unit_test(a_name_is_one_word_whatever_the_file_is_called),
        cmocka_unit_test(progress_is_kept_by_lesson_and_id_and_stays_with_its_folder),
        cmocka_unit_test(unknown_lines_of_the_progress_file_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
