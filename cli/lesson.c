// `kvstep lesson`: lists the lessons, takes one, checks or prints one.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "core/text.h"
#include "lesson_print.h"
#include "lessons/lesson_folder.h"
#include "lessons/progress.h"
#include "tui/lesson_run.h"

static const char HELP_TEXT[] =
    "Usage: kvstep lesson                    list the lessons, and how far you are\n"
    "       kvstep lesson NAME [options]     take a lesson, from where you stopped\n"
    "       kvstep lesson print NAME         print it as a handout in Markdown, with numbers and screens\n"
    "       kvstep lesson check FILE...      for authors: prove that everything in it works\n"
    "\n"
    "NAME is a lesson of the list, its number, or a file.\n"
    "\n"
    "      --present            for a class: one pane at a time, wide margins\n"
    "      --no-skip            questions cannot be skipped\n"
    "      --reset              forget the progress, of one lesson or, without NAME, of all\n"
    "  -h, --help               this text\n";

static void print_report(const Report *report) {
    char clean[4096];
    for (int i = 0; i < report->n; i++) {
        text_neutralise(clean, sizeof clean, text_from(report->lines[i]), TEXT_LINE);
        fprintf(stderr, "%s\n", clean);
    }
}

static bool check_file(const char *path) {
    Lesson lesson;
    Report report = {0};
    bool ok = lesson_read(&lesson, path, &report) && lesson_run(&lesson, &report, NULL, NULL);
    print_report(&report);
    if (ok) printf("%s: everything works: pages %d, questions %d\n", path, lesson.n_pages, lesson_n_questions(&lesson));
    report_done(&report);
    lesson_done(&lesson);
    return ok;
}

static int check(int n, char **paths) {
    Error err;
    int n_wrong = 0;
    if (n == 0) {
        error_set(&err, "give the file of a lesson to check");
        return fail_usage("lesson", &err);
    }
    for (int i = 0; i < n; i++) n_wrong += !check_file(paths[i]);
    return n_wrong == 0 ? EXIT_OK : EXIT_WORLD;
}

static int print(int n, char **names) {
    Error err;
    char *path;
    Report report = {0};
    if (n != 1) {
        error_set(&err, "give one lesson to print");
        return fail_usage("lesson", &err);
    }
    if (!find_lesson(names[0], "en", &path, &err)) return fail(EXIT_WORLD, &err);
    bool ok = lesson_print(path, &report);
    print_report(&report);
    report_done(&report);
    free(path);
    return ok ? EXIT_OK : EXIT_WORLD;
}

int command_lesson(int argc, char **argv) {
    static const struct option LONG[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int option;
    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        if (option == 'h') return printf("%s", HELP_TEXT), EXIT_OK;
        return fail_usage("lesson", NULL);
    }
    argc -= optind, argv += optind;
    if (argc > 0 && strcmp(argv[0], "check") == 0) return check(argc - 1, argv + 1);
    if (argc > 0 && strcmp(argv[0], "print") == 0) return print(argc - 1, argv + 1);
    return EXIT_OK;
}
