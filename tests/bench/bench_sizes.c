// Models of real sizes: load, prefill of 512 tokens, decode at the start and after them; on one thread and on
// all.
//
// Every round measures everything once, the rounds follow each other, and medians are printed: what else the
// machine does then falls on all figures alike. Times are the passes' own, without the choice of the token.
// The plain read speed is that of a block as large as a model, in huge pages, read in four streams by each
// thread: no decode can be faster than that.
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/threads.h"
#include "core/session/session.h"

enum {
    N_PREFILL = 512,
    N_START = 4,
    N_DECODE = 16,
    N_ROUNDS = 5,
    READ_BYTES = 256 << 20,
    READ_CHUNKS = 64,
    HUGE_PAGE = 2 << 20
};

static const BenchShape SHAPES[] = {
    {.name = "GPT-2 124M",
     .n_layers = 12,
     .d_model = 768,
     .n_heads = 12,
     .d_ff = 3072,
     .n_vocab = 50257,
     .n_ctx = 1024},
    {.name = "SmolLM2 135M",
     .is_llama = true,
     .n_layers = 30,
     .d_model = 576,
     .n_heads = 9,
     .n_kv_heads = 3,
     .d_head = 64,
     .d_ff = 1536,
     .n_vocab = 49152,
     .n_ctx = 8192},
    {.name = "GPT-2 4x128",
     .n_layers = 4,
     .d_model = 128,
     .n_heads = 4,
     .d_ff = 512,
     .n_vocab = 2048,
     .n_ctx = 1024},
};

// What one model does on one number of threads, by round.
typedef struct Figures {
    double prefill[N_ROUNDS];               // tokens/s
    double start[N_ROUNDS], deep[N_ROUNDS]; // of a decode, after N_START and after N_PREFILL tokens
    double start_bytes[N_ROUNDS], deep_bytes[N_ROUNDS]; // bytes/s, weights and cache
} Figures;

// ---- Plain reading ------------------------------------------------------------------------------

static uint64_t *read_block(void) {
    uint64_t *block = aligned_alloc(HUGE_PAGE, READ_BYTES);
    if (!block) bench_stop(&(Error){.text = "no memory for the block that is read"});
#ifdef MADV_HUGEPAGE
    madvise(block, READ_BYTES, MADV_HUGEPAGE);
#endif
    memset(block, 1, READ_BYTES);
    return block;
}

static void read_chunk(void *work, int chunk) {
    enum { STREAMS = 4, LINE = 8, N = READ_BYTES / sizeof(uint64_t) / READ_CHUNKS / STREAMS };
    const uint64_t *first = (const uint64_t *)work + (size_t)chunk * STREAMS * N;
    uint64_t sums[STREAMS][LINE] = {0}, sum = 0;
    for (int i = 0; i < N; i += LINE)
        for (int s = 0; s < STREAMS; s++)
            for (int lane = 0; lane < LINE; lane++) sums[s][lane] += first[s * N + i + lane];
    for (int s = 0; s < STREAMS; s++)
        for (int lane = 0; lane < LINE; lane++) sum += sums[s][lane];
    if (sum == 1) puts(""); // so that the loop stays
}

static double read_speed(uint64_t *block) {
    double begin = bench_now();
    threads_run(read_chunk, block, READ_CHUNKS);
    return READ_BYTES / (bench_now() - begin);
}

// ---- Models -------------------------------------------------------------------------------------

static double pass_seconds(const Step *step) {
    return 1e-9 * (double)step->cached.nanoseconds;
}

// A prompt of n_prompt tokens and N_DECODE tokens after it.
static void measure(const Model *model, int n_prompt, double *prefill, double *decode, double *bytes) {
    Error err;
    Session *session;
    int ids[N_PREFILL];
    double times[N_DECODE];
    for (int i = 0; i < n_prompt; i++) ids[i] = (i * 7919 + 13) % model->config.n_vocab;
    SessionOptions options = {.sampling = {.top_p = 1}, .n_candidates = 1};
    if (!session_new(&session, model, &(SessionInput){.ids = {ids, n_prompt}}, &options, &err))
        bench_stop(&err);
    for (int i = 0; i <= N_DECODE; i++)
        if (!session_step(session, &err)) bench_stop(&err);
    Step *const *steps = session_timeline(session)->steps;
    for (int i = 0; i < N_DECODE; i++) times[i] = pass_seconds(steps[i + 1]);
    double seconds = bench_median(times, N_DECODE);
    *prefill = n_prompt / pass_seconds(steps[0]);
    *decode = 1 / seconds;
    *bytes = (double)cost_bytes_read(&steps[N_DECODE / 2]->cached) / seconds;
    session_free(session);
}

static void measure_round(const Model *model, Figures *f, int round) {
    double ignored;
    measure(model, N_START, &ignored, &f->start[round], &f->start_bytes[round]);
    measure(model, N_PREFILL, &f->prefill[round], &f->deep[round], &f->deep_bytes[round]);
}

// What this process holds in memory; 0 where the system does not say.
static double resident_bytes(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

// How large a small model is in memory cannot be told from the process's.
static void print_loaded(const char *name, DType dtype, double seconds, double weights, double grown) {
    printf("%s %s: loaded in %.2f s, %.0f MB of weights", name, dtype_name(dtype), seconds, 1e-6 * weights);
    if (weights > 50e6) printf(", %.3f times as much in memory", grown / weights);
    puts("");
}

static bool load(Model *model, const BenchShape *shape, DType dtype) {
    Error err;
    char folder[] = "/tmp/kvstep-bench-XXXXXX";
    if (!mkdtemp(folder)) bench_stop(&(Error){.text = "/tmp: no folder can be made there"});
    if (!bench_folder_write(folder, shape, dtype, &err)) {
        bench_folder_remove(folder);
        bench_stop(&err);
    }
    double before = resident_bytes(), begin = bench_now();
    Control control = {0};
    bool ok = model_load(model, folder, &control, &err);
    if (ok)
        print_loaded(shape->name, dtype, bench_now() - begin, (double)control.total,
                     resident_bytes() - before);
    else
        printf("%s %s: not supported (%s)\n", shape->name, dtype_name(dtype), err.text);
    bench_folder_remove(folder);
    if (ok) model->config.n_eos = 0;
    return ok;
}

static void print_row(const char *name, DType dtype, int n_threads, Figures *f, double read) {
    double start = bench_median(f->start_bytes, N_ROUNDS), deep = bench_median(f->deep_bytes, N_ROUNDS);
    printf("%-14s %-5s %7d %11.0f %9.1f %6.1f GB/s %3.0f%% %9.1f %6.1f GB/s %3.0f%%\n", name,
           dtype_name(dtype), n_threads, bench_median(f->prefill, N_ROUNDS), bench_median(f->start, N_ROUNDS),
           1e-9 * start, 100 * start / read, bench_median(f->deep, N_ROUNDS), 1e-9 * deep, 100 * deep / read);
}

// One shape in both types. threads[t] is the number of threads of column t.
static void bench_shape(const BenchShape *shape, uint64_t *block, const int threads[2]) {
    static const DType DTYPES[2] = {DTYPE_F32, DTYPE_BF16};
    static Figures figures[2][2]; // by type and threads
    static double read[2][N_ROUNDS];
    Model models[2];
    if (!load(&models[0], shape, DTYPES[0])) return;
    if (!load(&models[1], shape, DTYPES[1])) return;
    for (int round = 0; round < N_ROUNDS; round++)
        for (int t = 0; t < 2; t++) {
            threads_set(threads[t]);
            read[t][round] = read_speed(block);
            for (int d = 0; d < 2; d++) measure_round(&models[d], &figures[d][t], round);
        }
    for (int t = 0; t < 2; t++)
        printf("plain reading, %d thread%s: %.1f GB/s\n", threads[t], threads[t] > 1 ? "s" : "",
               1e-9 * bench_median(read[t], N_ROUNDS));
    printf("%-14s %-5s %7s %11s %28s %28s\n", "tokens/s", "type", "threads", "prefill 512",
           "decode, share of reading", "after 512 tokens");
    for (int d = 0; d < 2; d++)
        for (int t = 0; t < 2; t++)
            print_row(shape->name, DTYPES[d], threads[t], &figures[d][t], bench_median(read[t], N_ROUNDS));
    model_free(&models[0]);
    model_free(&models[1]);
}

void bench_sizes(void) {
    uint64_t *block = read_block();
    int threads[2] = {1, threads_count()};
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        puts("");
        bench_shape(&SHAPES[i], block, threads);
    }
    threads_set(0);
    free(block);
}
