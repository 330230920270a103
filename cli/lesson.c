// `kvstep lesson`: lists the lessons, takes one, checks or prints one.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lesson_print.h"
#include "cli/program.h"
#include "core/base/language.h"
#include "core/base/text.h"
#include "lessons/lesson_folder.h"
#include "lessons/lesson_progress.h"
#include "tui/lesson/lesson_play.h"
#include "tui/lesson/lesson_run.h"

static const char HELP_TEXT[] = N_(
    "Usage: kvstep lesson                    list the lessons and your progress\n"
    "       kvstep lesson NAME [options]     take a lesson; continues where you stopped\n"
    "       kvstep lesson print NAME         print a handout in Markdown, with numbers, screens and answers\n"
    "       kvstep lesson check FILE...      for authors: test that everything in a lesson works\n"
    "\n"
    "NAME is a lesson from the list, its number, or a file.\n"
    "\n"
    "      --present            for a class: one pane at a time, wide margins\n"
    "      --no-skip            questions cannot be skipped\n"
    "      --reset              clear the progress of lesson NAME; without NAME, of all lessons\n"
    "  -h, --help               show this help\n");

static void print_problems(const Problems *problems) {
    char clean[4096];
    for (int i = 0; i < problems->n; i++) {
        text_neutralise(clean, sizeof clean, text_from(problems->lines[i]), TEXT_LINE);
        fprintf(stderr, "%s\n", clean);
    }
}

static bool check_file(const char *path) {
    Lesson lesson;
    Problems problems = {0};
    bool ok = lesson_read(&lesson, path, &problems) && lesson_run(&lesson, &PROGRAM, &problems, NULL, NULL);
    print_problems(&problems);
    if (ok)
        printf(_("%s: everything works: pages %d, questions %d\n"), path, lesson.n_pages,
               lesson_n_questions(&lesson));
    problems_done(&problems);
    lesson_done(&lesson);
    return ok;
}

static int check(int n, char **paths) {
    Error err;
    int n_wrong = 0;
    if (n == 0) {
        error_set(&err, "give the lesson file to check");
        return fail_usage("lesson", &err);
    }
    for (int i = 0; i < n; i++) n_wrong += !check_file(paths[i]);
    return n_wrong == 0 ? EXIT_OK : EXIT_WORLD;
}

static int print(int n, char **names) {
    Error err;
    char *path;
    Problems problems = {0};
    if (n != 1) {
        error_set(&err, "give one lesson to print");
        return fail_usage("lesson", &err);
    }
    if (!find_lesson(names[0], language_name(), &path, &err)) return fail(EXIT_WORLD, &err);
    bool ok = lesson_print(path, &problems);
    print_problems(&problems);
    problems_done(&problems);
    free(path);
    return ok ? EXIT_OK : EXIT_WORLD;
}

// ---- the list -----------------------------------------------------------------------------------

static void print_entry(const char *path, const LessonProgress *progress) {
    Lesson lesson;
    Problems problems = {0};
    int n_solved = 0, n_skipped = 0;
    if (lesson_read(&lesson, path, &problems)) {
        int n = lesson_n_questions(&lesson);
        lesson_progress_load(progress, &lesson);
        lesson_count(&lesson, &n_solved, &n_skipped);
        char number[8];
        const char *file = strrchr(path, '/') + 1;
        snprintf(number, sizeof number, "%.*s", (int)strspn(file, "0123456789"), file);
        printf("%3ld  ", strtol(number, NULL, 10));
        print_left(lesson.name, 24);
        print_left(lesson.title, 54);
        printf(_("%3d min  "), lesson.minutes);
        for (int i = 0; i < n; i++) fputs(i < n_solved ? "●" : i < n_solved + n_skipped ? "◐" : "○", stdout);
        puts("");
    } else {
        print_problems(&problems);
    }
    problems_done(&problems);
    lesson_done(&lesson);
}

static int list(void) {
    Error err;
    LessonProgress progress;
    char **paths = lesson_paths(language_name());
    if (!paths) {
        error_set(&err, "no lessons are installed; set KVSTEP_LESSONS to their folder");
        return fail(EXIT_WORLD, &err);
    }
    bool ok = lesson_progress_read(&progress, &err);
    for (char **path = paths; ok && *path; path++) print_entry(*path, &progress);
    lesson_paths_free(paths);
    if (!ok) return fail(EXIT_WORLD, &err);
    lesson_progress_done(&progress);
    printf(_("\n`kvstep lesson NAME` starts a lesson, or continues where you stopped.\n"));
    return EXIT_OK;
}

// ---- taking one ---------------------------------------------------------------------------------

static int reset(const char *name) {
    Error err;
    LessonProgress progress;
    Lesson lesson = {0};
    char *path = NULL;
    Problems problems = {0};
    if (!lesson_progress_read(&progress, &err)) return fail(EXIT_WORLD, &err);
    bool ok = !name || find_lesson(name, language_name(), &path, &err);
    if (ok && name) lesson_read_title(&lesson, path, &problems);
    if (ok && name && !lesson.name) ok = error_no_memory(&err, "a name", 0);
    if (ok) lesson_progress_reset(&progress, name ? lesson.name : NULL);
    ok = ok && lesson_progress_write(&progress, &err);
    if (ok && name) printf(_("Progress in the lesson %s is cleared.\n"), lesson.name);
    if (ok && !name) printf(_("Progress in all lessons is cleared.\n"));
    lesson_progress_done(&progress);
    problems_done(&problems);
    lesson_done(&lesson);
    free(path);
    return ok ? EXIT_OK : fail(EXIT_WORLD, &err);
}

static int show_lesson(Lesson *lesson, const LessonOptions *options) {
    Error err;
    App app;
    bool ok = lesson_open_app(&app, &PROGRAM, lesson, &err);
    if (!ok) lesson_done(lesson);
    ok = ok && lesson_play_open(&app, lesson, options, &err);
    int status = ok ? show_app(&app, &err) : fail(EXIT_WORLD, &err);
    app_done(&app);
    return status;
}

static int take(const char *name, const LessonOptions *options) {
    Error err;
    Lesson lesson;
    Problems problems = {0};
    char *path;
    if (!find_lesson(name, language_name(), &path, &err)) return fail(EXIT_WORLD, &err);
    bool ok = lesson_read(&lesson, path, &problems) && lesson_run(&lesson, &PROGRAM, &problems, NULL, NULL);
    free(path);
    print_problems(&problems);
    problems_done(&problems);
    if (ok) return show_lesson(&lesson, options);
    lesson_done(&lesson);
    error_set(&err, "this lesson has errors, so it was not started");
    return fail(EXIT_WORLD, &err);
}

int command_lesson(int argc, char **argv) {
    enum { PRESENT = 1000, NO_SKIP, RESET };
    static const struct option LONG[] = {{"present", no_argument, NULL, PRESENT},
                                         {"no-skip", no_argument, NULL, NO_SKIP},
                                         {"reset", no_argument, NULL, RESET},
                                         {"help", no_argument, NULL, 'h'},
                                         {0}};
    Error err;
    LessonOptions options = {0};
    bool resets = false;
    int option;
    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        if (option == 'h') {
            printf("%s", _(HELP_TEXT));
            return EXIT_OK;
        }
        if (option == '?') return fail_usage("lesson", NULL);
        options.is_presented = options.is_presented || option == PRESENT;
        options.may_not_skip = options.may_not_skip || option == NO_SKIP;
        resets = resets || option == RESET;
    }
    argc -= optind, argv += optind;
    if (argc > 0 && strcmp(argv[0], "check") == 0) return check(argc - 1, argv + 1);
    if (argc > 0 && strcmp(argv[0], "print") == 0) return print(argc - 1, argv + 1);
    if (argc > 1) {
        error_set(&err, "give one lesson at a time; \"%s\" is a second one", argv[1]);
        return fail_usage("lesson", &err);
    }
    if (resets) return reset(argc > 0 ? argv[0] : NULL);
    return argc > 0 ? take(argv[0], &options) : list();
}
