// How the stepper feels: the real program in a pseudo-terminal, from its start or from a key to the last byte
// that it sends.
//
// The bytes are those that a slow line would have to carry. A terminal's own time to draw them is not in it.
#include "tests/bench/bench.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_STARTS = 9, N_KEYS = 24, QUIET_MS = 60, START_QUIET_MS = 200 };

typedef struct Program {
    int terminal;
    pid_t pid;
} Program;

static Program start(int n_rows, int n_columns) {
    Program program;
    struct winsize size = {.ws_row = (unsigned short)n_rows, .ws_col = (unsigned short)n_columns};
    program.pid = forkpty(&program.terminal, NULL, NULL, &size);
    if (program.pid < 0) bench_stop(&(Error){.text = "no pseudo-terminal"});
    if (program.pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        setenv("COLORTERM", "truecolor", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        setenv("KVSTEP_MODELS", "models", 1);
        unsetenv("LINES");
        unsetenv("COLUMNS");
        execl("build/kvstep", "kvstep", "story", (char *)NULL);
        _exit(127);
    }
    return program;
}

static void stop(Program *program) {
    kill(program->pid, SIGTERM);
    waitpid(program->pid, NULL, 0);
    close(program->terminal);
}

// Reads until nothing has come for a while; returns when the last byte came.
static double read_until_quiet(Program *program, int quiet_ms, long *n_bytes) {
    char bytes[65536];
    double last = bench_now();
    *n_bytes = 0;
    while (poll(&(struct pollfd){.fd = program->terminal, .events = POLLIN}, 1, quiet_ms) > 0) {
        ssize_t n = read(program->terminal, bytes, sizeof bytes);
        if (n <= 0) break;
        *n_bytes += n;
        last = bench_now();
    }
    return last;
}

static void measure_starts(int n_rows, int n_columns) {
    double times[N_STARTS];
    long n_bytes = 0;
    for (int i = 0; i < N_STARTS; i++) {
        double begin = bench_now();
        Program program = start(n_rows, n_columns);
        times[i] = read_until_quiet(&program, START_QUIET_MS, &n_bytes) - begin;
        stop(&program);
    }
    printf("%d×%d: from the start to the first full screen %.1f ms (median of %d), %ld bytes\n", n_columns,
           n_rows, 1e3 * bench_median(times, N_STARTS), N_STARTS, n_bytes);
}

// Presses the keys in turn; the first is not measured: it brings the screen to where they are.
static void measure_keys(int n_rows, int n_columns, const char *what, const char *before,
                         const char *const keys[2]) {
    double times[N_KEYS], worst = 0, bytes[N_KEYS];
    long n_bytes;
    Program program = start(n_rows, n_columns);
    read_until_quiet(&program, START_QUIET_MS, &n_bytes);
    for (const char *key = before; *key; key++) {
        if (write(program.terminal, key, 1) != 1) break;
        read_until_quiet(&program, QUIET_MS, &n_bytes);
    }
    for (int i = 0; i < N_KEYS; i++) {
        const char *key = keys[i % 2];
        double begin = bench_now();
        if (write(program.terminal, key, strlen(key)) < 0) break;
        times[i] = read_until_quiet(&program, QUIET_MS, &n_bytes) - begin;
        bytes[i] = (double)n_bytes;
        if (times[i] > worst) worst = times[i];
    }
    stop(&program);
    printf("  %-34s %6.2f ms, the slowest of %d %6.2f ms, %6.0f bytes\n", what,
           1e3 * bench_median(times, N_KEYS), N_KEYS, 1e3 * worst, bench_median(bytes, N_KEYS));
}

void bench_screen(void) {
    static const struct {
        const char *what, *before, *keys[2];
    } KEYS[] = {
        {"n: a new step, main view", "nn", {"n", "n"}},
        {"p, n: a recorded step, main view", "nnnn", {"p", "n"}},
        {"]: another head", "nnnn", {"]", "]"}},
        {"2, a: all heads", "nnnnnnnn2", {"a", "a"}},
        {"n: a new step, attention view", "nn2", {"n", "n"}},
        {"n: a new step, stages view", "nn3", {"n", "n"}},
        {"4, 5: cache and compute views", "nnnn", {"4", "5"}},
        {"6, 7: memory and tokens views", "nnnn", {"6", "7"}},
    };
    static const int SIZES[][2] = {{24, 80}, {36, 120}, {60, 200}};
    for (int size = 0; size < 3; size++) {
        measure_starts(SIZES[size][0], SIZES[size][1]);
        for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
            measure_keys(SIZES[size][0], SIZES[size][1], KEYS[i].what, KEYS[i].before, KEYS[i].keys);
    }
}
