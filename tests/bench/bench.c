// `make bench`: how fast things are here and now. Figures are medians; the machine may be busy, so read them
// as ratios.
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/session/session.h"
#include "tests/bench/bench.h"
#include "traces/trace_read.h"
#include "traces/trace_write.h"
#include "tui/screen/format.h"

enum { N_PROMPT = 4 };

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
    SessionOptions options = {.sampling = {.temperature = 1, .top_p = 1},
                              .n_candidates = 10,
                              .record = record,
                              .recompute = recompute};
    Error err;
    Session *session;
    if (!session_new(&session, model, &(SessionInput){.ids = {ids, N_PROMPT}}, &options, &err))
        bench_stop(&err);
    return session;
}

// Steps to the end of the context. Writes seconds per step.
static int run(Session *session, double *times) {
    Error err;
    int n = 0;
    while (session_end(session) == SESSION_GOES_ON) {
        double begin = bench_now();
        if (!session_step(session, &err)) bench_stop(&err);
        times[n++] = bench_now() - begin;
    }
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

static void bench_trace(const Model *model) {
    Error err;
    double times[4096];
    Timeline *timeline;
    Session *session = start(model, SITE_ALL, true);
    run(session, times);
    char path[] = "/tmp/kvstep-bench-XXXXXX";
    close(mkstemp(path));
    double begin = bench_now();
    if (!trace_write_all(path, session_timeline(session), &err)) bench_stop(&err);
    double written = bench_now();
    if (!trace_read(&timeline, path, &err)) bench_stop(&err);
    printf("trace of %d steps with every site: written in %.2f s, read in %.2f s\n", timeline->n_steps,
           written - begin, bench_now() - written);
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
           format_time((int64_t)(1e9 * (bench_now() - begin))).text, model.config.n_layers,
           model.config.d_model, model.config.n_ctx);

    static const struct {
        const char *what;
        SiteMask record;
        bool recompute;
    } ROWS[] = {{"cached only", 0, false},
                {"cached only, every site recorded", SITE_ALL, false},
                {"cached and recomputed", 0, true}};
    for (int i = 0; i < 3; i++) {
        Session *session = start(&model, ROWS[i].record, ROWS[i].recompute);
        print_steps(ROWS[i].what, times, run(session, times));
        session_free(session);
    }
    bench_trace(&model);
    model_free(&model);
    puts("");
    bench_screen();
    bench_sizes();
    return 0;
}
