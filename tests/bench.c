// `make bench`: how fast things are here and now. Figures are medians; the machine may be busy, so read them as ratios.
//
// The screen is drawn to a real terminal type through ncurses, into a file instead of a window: all that kvstep does for
// a frame is in the time, what a terminal does with the bytes is not.
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/session.h"
#include "tests/bench.h"
#include "traces/trace_read.h"
#include "traces/trace_write.h"
#include "tui/app.h"
#include "tui/format.h"
#include "tui/terminal.h"

enum { N_PROMPT = 4, FRAME_US = 16000 };

double bench_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *numbers, int n) {
    qsort(numbers, n, sizeof *numbers, compare);
    return numbers[n / 2];
}

void bench_stop(const Error *err) {
    fprintf(stderr, "bench: %s\n", err->text);
    exit(1);
}

static Session *start(const Model *model, SiteMask record, bool recompute) {
    static int ids[N_PROMPT] = {0, 100, 200, 300};
    SessionOptions options = {
        .sampling = {.temperature = 1, .top_p = 1}, .n_candidates = 10, .record = record, .recompute = recompute};
    Error err;
    Session *session;
    if (!session_new(&session, model, &(SessionInput){.ids = {ids, N_PROMPT}}, &options, &err)) bench_stop(&err);
    return session;
}

// Steps to the end of the context; draws a frame after each when there is a canvas. Writes seconds per step.
static int run(Session *session, Canvas *canvas, double *times) {
    Error err;
    App app = {0};
    int n = 0;
    if (canvas && !app_init(&app, session_timeline(session), NULL, &err)) bench_stop(&err);
    while (session_end(session) == SESSION_GOES_ON) {
        double begin = bench_now();
        if (!session_step(session, &err)) bench_stop(&err);
        if (canvas) {
            app.step = n;
            app_draw(&app, canvas);
            terminal_present(canvas, app.theme);
        }
        times[n++] = bench_now() - begin;
    }
    if (canvas) app_done(&app);
    return n;
}

static void print_steps(const char *what, double *times, int n) {
    double last[16];
    memcpy(last, times + n - 16, sizeof last);
    double sum = 0;
    for (int i = 0; i < n; i++) sum += times[i];
    printf("%-44s %9s a step (median), %9s at the context's end, %7.0f tokens/s\n", what,
           format_time((int64_t)(1e9 * bench_median(times, n))).text,
           format_time((int64_t)(1e9 * bench_median(last, 16))).text, n / sum);
}

// The terminal module wants a terminal: the bench gives it a pseudo-terminal whose other end is never read slowly.
static void drain(int master) {
    char buffer[65536];
    while (read(master, buffer, sizeof buffer) > 0) continue;
}

static int open_pseudo_terminal(pid_t *reader) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) return -1;
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    *reader = fork();
    if (*reader == 0) {
        close(slave);
        drain(master);
        _exit(0);
    }
    close(master);
    return slave;
}

// One row of the table with the screen drawn: stdin and stdout are the pseudo-terminal for as long as it lasts.
static int run_with_screen(const Model *model, int n_rows, int n_columns, double *times) {
    pid_t reader;
    Error err;
    int slave = open_pseudo_terminal(&reader), in = dup(0), out = dup(1);
    char rows[8], columns[8];
    snprintf(rows, sizeof rows, "%d", n_rows);
    snprintf(columns, sizeof columns, "%d", n_columns);
    setenv("LINES", rows, 1);
    setenv("COLUMNS", columns, 1);
    setenv("TERM", "xterm-256color", 1);
    fflush(stdout);
    dup2(slave, 0);
    dup2(slave, 1);
    Canvas canvas = {0};
    if (!terminal_open(&err) || !canvas_resize(&canvas, n_rows, n_columns)) bench_stop(&err);
    Session *session = start(model, SITE_BIT(SITE_SCORES), true);
    int n = run(session, &canvas, times);
    session_free(session);
    terminal_close();
    fflush(stdout);
    dup2(in, 0);
    dup2(out, 1);
    close(slave);
    canvas_done(&canvas);
    return n;
}

static void bench_trace(const Model *model) {
    Error err;
    double times[4096];
    Timeline *timeline;
    Session *session = start(model, SITE_ALL, true);
    run(session, NULL, times);
    char path[] = "/tmp/kvstep-bench-XXXXXX";
    close(mkstemp(path));
    double begin = bench_now();
    if (!trace_write_all(path, session_timeline(session), &err)) bench_stop(&err);
    double written = bench_now();
    if (!trace_read(&timeline, path, &err)) bench_stop(&err);
    printf("trace of %d steps with every site: written in %.2f s, read in %.2f s\n", timeline->n_steps, written - begin,
           bench_now() - written);
    trace_free(timeline);
    session_free(session);
    unlink(path);
}

int main(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    static double times[1 << 20];
    Error err;
    Model model;
    double begin = bench_now();
    if (!model_load(&model, "models/story", NULL, &err)) bench_stop(&err);
    model.config.n_eos = 0; // every run goes to the end of the context
    printf("models/story: loaded in %s; %d layers, d_model %d, context %d\n\n",
           format_time((int64_t)(1e9 * (bench_now() - begin))).text, model.config.n_layers, model.config.d_model,
           model.config.n_ctx);

    static const struct {
        const char *what;
        SiteMask record;
        bool recompute;
    } ROWS[] = {{"cached only", 0, false},
                {"cached only, every site recorded", SITE_ALL, false},
                {"cached and recomputed", 0, true}};
    for (int i = 0; i < 3; i++) {
        Session *session = start(&model, ROWS[i].record, ROWS[i].recompute);
        print_steps(ROWS[i].what, times, run(session, NULL, times));
        session_free(session);
    }
    static const int SIZES[][2] = {{24, 80}, {36, 120}, {60, 200}};
    for (int i = 0; i < 3; i++) {
        char what[64];
        int n = run_with_screen(&model, SIZES[i][0], SIZES[i][1], times), late = 0;
        for (int s = 0; s < n; s++) late += times[s] > 1e-6 * FRAME_US;
        snprintf(what, sizeof what, "  and drawn at %d×%d", SIZES[i][1], SIZES[i][0]);
        print_steps(what, times, n);
        printf("%44s %d of %d steps took longer than a frame (16 ms)\n", "", late, n);
    }
    bench_trace(&model);
    model_free(&model);
    bench_sizes();
    return 0;
}
