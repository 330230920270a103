// kvstep: the command line. A first argument that names a subcommand goes there; anything else opens the
// stepper.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} SUBCOMMANDS[] = {{"run", command_run},       {"view", command_view},     {"memory", command_memory},
                   {"models", command_models}, {"tokens", command_tokens}, {"lesson", command_lesson}};

static int run(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof SUBCOMMANDS / sizeof *SUBCOMMANDS; i++) {
        if (strcmp(argv[1], SUBCOMMANDS[i].name) != 0) continue;
        argv[1] = argv[0]; // getopt's messages begin with the program's name
        return SUBCOMMANDS[i].run(argc - 1, argv + 1);
    }
    return command_step(argc, argv);
}

// If a standard stream is closed, the next file that is opened takes its number, and what is printed would go
// into a trace. Opens /dev/null there in the wrong direction: printing then fails.
static void open_missing_streams(void) {
    for (int stream = 0; stream <= 2; stream++)
        if (fcntl(stream, F_GETFD) < 0) (void)!open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
}

// `kvstep run ... | head -1`: a reader that has closed the pipe is no error.
static bool reader_has_gone(void) {
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

// Removes `--lang LANG`, which may stand anywhere before "--", from the arguments and sets the language.
static bool take_language(int *argc, char **argv, Error *err) {
    const char *wanted = NULL;
    int n = 0, i = 0;
    for (; i < *argc && strcmp(argv[i], "--") != 0; i++) {
        bool is_it = strcmp(argv[i], "--lang") == 0;
        if (is_it && i + 1 == *argc) return error_set(err, "--lang takes a language: %s", language_list());
        if (is_it)
            wanted = argv[++i];
        else if (strncmp(argv[i], "--lang=", 7) == 0)
            wanted = argv[i] + 7;
        else
            argv[n++] = argv[i];
    }
    while (i < *argc) argv[n++] = argv[i++];
    argv[ *argc = n] = NULL;
    return language_set(wanted) ||
           error_set(err, "there is no language \"%s\"; choose from: %s", wanted, language_list());
}

int main(int argc, char **argv) {
    Error err;
    open_missing_streams();
    signal(SIGXFSZ, SIG_IGN); // a file that reaches the limit of its size shows as an error of writing
    if (!take_language(&argc, argv, &err)) return fail_usage("", &err);
    int status = run(argc, argv);
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != EXIT_OK) return status;
    if (reader_has_gone()) return 128 + SIGPIPE;
    error_set(&err, "standard output cannot be written%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
    return fail(EXIT_WORLD, &err);
}
