// The pool is one job at a time, and the job is one number, the ticket:
//
//     | number of the job: 32 bits | chunks that nobody has taken: 32 bits |
//
// A thread takes a chunk by lowering the ticket by one, with compare-and-swap. It reads function and work
// before that: when the swap succeeds, the ticket was still that of the same job, and so were they. The
// caller sets up the next job only when every chunk of this one is done, while the ticket shows no chunk to
// take.
//
// A thread that goes to sleep first counts itself as asleep and then checks its condition again. The other
// side first changes the condition and then checks who is asleep. Whoever comes second sees the other, so no
// wake-up is lost.
//
// Interface: threads.h.
#include "core/base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"

enum {
    MAX_THREADS = 64,
    SPIN_NS = 50000, // how long to wait awake; about what waking a sleeping thread takes
    KEEP_NS = 10000, // so much of it without offering the core to others
};

static struct {
    atomic_flag busy; // a caller has the pool
    _Atomic(uint64_t) ticket;
    _Atomic(ChunkFn *) fn;
    _Atomic(void *) work;
    atomic_int unfinished; // chunks that are not done
    atomic_int n_asleep;   // threads that wait for `wake`
    atomic_bool caller_sleeps;
    atomic_int n_threads; // 0: not known yet
    int n_started;        // threads beside the caller; changed by who has the pool
    pthread_mutex_t lock; // for sleeping alone
    pthread_cond_t wake, done;
} pool = {
    .busy = ATOMIC_FLAG_INIT,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .wake = PTHREAD_COND_INITIALIZER,
    .done = PTHREAD_COND_INITIALIZER,
};

static int count_processors(void) {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

static int default_count(void) {
    static const char *const NAMES[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"};
    int n = count_processors();
    for (int i = 0; i < 2; i++) {
        const char *value = getenv(NAMES[i]);
        int asked = value ? (int)strtol(value, NULL, 10) : 0;
        if (asked > 0) n = asked;
    }
    return n < MAX_THREADS ? n : MAX_THREADS;
}

int threads_count(void) {
    int n = atomic_load(&pool.n_threads);
    if (n == 0) atomic_store(&pool.n_threads, n = default_count());
    return n;
}

void threads_set(int n) {
    atomic_store(&pool.n_threads, n < MAX_THREADS ? n : MAX_THREADS);
}

// Pauses between two checks. After a while it yields the core: the thread that is waited for may need it.
static void rest(int64_t awake_until) {
    for (int i = 0; i < 16; i++) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    }
    if (clock_now() > awake_until - SPIN_NS + KEEP_NS) sched_yield();
}

// Takes chunks and computes them until none is left. Returns whether there was one.
static bool take_chunks(void) {
    bool any = false;
    uint64_t ticket = atomic_load(&pool.ticket);
    while ((uint32_t)ticket > 0) {
        ChunkFn *fn = atomic_load(&pool.fn);
        void *work = atomic_load(&pool.work);
        if (!atomic_compare_exchange_weak(&pool.ticket, &ticket, ticket - 1)) continue;
        fn(work, (int)(uint32_t)ticket - 1);
        any = true;
        if (atomic_fetch_sub(&pool.unfinished, 1) == 1 && atomic_load(&pool.caller_sleeps)) {
            pthread_mutex_lock(&pool.lock);
            pthread_cond_signal(&pool.done);
            pthread_mutex_unlock(&pool.lock);
        }
        ticket = atomic_load(&pool.ticket);
    }
    return any;
}

// Whether there is a chunk for thread number `index`. After threads_set() there may be more threads than
// wanted.
static bool has_work(int index) {
    return (uint32_t)atomic_load(&pool.ticket) > 0 && index < atomic_load(&pool.n_threads);
}

static void sleep_until_work(int index) {
    pthread_mutex_lock(&pool.lock);
    atomic_fetch_add(&pool.n_asleep, 1);
    while (!has_work(index)) pthread_cond_wait(&pool.wake, &pool.lock);
    atomic_fetch_sub(&pool.n_asleep, 1);
    pthread_mutex_unlock(&pool.lock);
}

// A thread that came too late for a chunk goes back to sleep at once: it may be on the caller's own core.
static void *thread_main(void *argument) {
    int index = (int)(intptr_t)argument;
    for (bool useful = true;; useful = take_chunks()) {
        int64_t awake_until = clock_now() + SPIN_NS;
        while (useful && !has_work(index) && clock_now() < awake_until) rest(awake_until);
        if (!has_work(index)) sleep_until_work(index);
    }
    return NULL;
}

// A forked child has none of its parent's threads.
static void forget_threads(void) {
    pool.n_started = 0;
    atomic_store(&pool.ticket, 0);
    atomic_store(&pool.n_asleep, 0);
    atomic_store(&pool.caller_sleeps, false);
    atomic_flag_clear(&pool.busy);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pthread_cond_init(&pool.done, NULL);
}

static void prepare_fork(void) {
    pthread_atfork(NULL, NULL, forget_threads);
}

// Starts the missing threads, with all signals blocked. Fewer than wanted will do.
static void start_threads(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int wanted = threads_count() - 1;
    if (pool.n_started >= wanted) return;
    sigset_t all, before;
    pthread_attr_t detached;
    pthread_once(&once, prepare_fork);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    while (pool.n_started < wanted &&
           pthread_create(&thread, &detached, thread_main, (void *)(intptr_t)(pool.n_started + 1)) == 0)
        pool.n_started++;
    pthread_attr_destroy(&detached);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void wait_until_done(void) {
    if (atomic_load(&pool.unfinished) == 0) return;
    int64_t awake_until = clock_now() + SPIN_NS;
    while (atomic_load(&pool.unfinished) > 0 && clock_now() < awake_until) rest(awake_until);
    if (atomic_load(&pool.unfinished) == 0) return;
    pthread_mutex_lock(&pool.lock);
    atomic_store(&pool.caller_sleeps, true);
    while (atomic_load(&pool.unfinished) > 0) pthread_cond_wait(&pool.done, &pool.lock);
    atomic_store(&pool.caller_sleeps, false);
    pthread_mutex_unlock(&pool.lock);
}

static void run_shared(ChunkFn *fn, void *work, int n_chunks) {
    start_threads();
    uint64_t job = (atomic_load(&pool.ticket) >> 32) + 1;
    atomic_store(&pool.fn, fn);
    atomic_store(&pool.work, work);
    atomic_store(&pool.unfinished, n_chunks);
    atomic_store(&pool.ticket, job << 32 | (uint32_t)n_chunks);
    if (atomic_load(&pool.n_asleep) > 0) {
        pthread_mutex_lock(&pool.lock);
        pthread_cond_broadcast(&pool.wake);
        pthread_mutex_unlock(&pool.lock);
    }
    take_chunks();
    wait_until_done();
}

void threads_run(ChunkFn *fn, void *work, int n_chunks) {
    if (n_chunks > 1 && threads_count() > 1 && !atomic_flag_test_and_set(&pool.busy)) {
        run_shared(fn, work, n_chunks);
        atomic_flag_clear(&pool.busy);
        return;
    }
    for (int chunk = 0; chunk < n_chunks; chunk++) fn(work, chunk);
}

// ---- A thread's own buffer ----------------------------------------------------------------------

typedef struct Scratch {
    float *floats;
    size_t n;
} Scratch;

static pthread_key_t scratch_key;

static void free_scratch(void *value) {
    Scratch *scratch = value;
    free(scratch->floats);
    free(scratch);
}

static void make_scratch_key(void) {
    pthread_key_create(&scratch_key, free_scratch);
}

float *threads_scratch(size_t n) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_scratch_key);
    Scratch *scratch = pthread_getspecific(scratch_key);
    if (!scratch) {
        if (!(scratch = calloc(1, sizeof *scratch))) return NULL;
        pthread_setspecific(scratch_key, scratch);
    }
    if (n > scratch->n) {
        free(scratch->floats);
        scratch->floats = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
        scratch->n = scratch->floats ? n : 0;
    }
    return scratch->floats;
}
