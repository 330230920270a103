#include "worker.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const int SCREEN_SIGNALS[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};

struct Worker {
    Session *session;
    pthread_t thread;
    int requests[2]; // pipes: a byte asks for a Step, end of file for the thread's end; a byte says that one is done
    int results[2];
    bool is_busy;
    Control control;
    Step *step; // written by the thread before its byte, read after it
    Error error;
};

static void *work(void *argument) {
    Worker *worker = argument;
    char byte;
    while (read(worker->requests[0], &byte, 1) == 1) {
        worker->step = session_compute(worker->session, &worker->control, &worker->error);
        if (write(worker->results[1], &byte, 1) != 1) break;
    }
    return NULL;
}

static void close_pipe(const int ends[2]) {
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
}

// Signals that are meant for the screen must reach the thread that draws it.
static bool start_thread(Worker *worker) {
    sigset_t for_the_screen, before;
    sigemptyset(&for_the_screen);
    for (size_t i = 0; i < sizeof SCREEN_SIGNALS / sizeof *SCREEN_SIGNALS; i++)
        sigaddset(&for_the_screen, SCREEN_SIGNALS[i]);
    pthread_sigmask(SIG_BLOCK, &for_the_screen, &before);
    bool started = pthread_create(&worker->thread, NULL, work, worker) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

bool worker_new(Worker **out, Session *session, Error *err) {
    Worker *worker = calloc(1, sizeof *worker);
    if (!worker) return error_memory(err, "a thread", sizeof *worker);
    *worker = (Worker){.session = session, .requests = {-1, -1}, .results = {-1, -1}};
    if (pipe(worker->requests) == 0 && pipe(worker->results) == 0 && fcntl(worker->results[0], F_SETFL, O_NONBLOCK) == 0 &&
        start_thread(worker)) {
        *out = worker;
        return true;
    }
    close_pipe(worker->requests);
    close_pipe(worker->results);
    free(worker);
    return error_set(err, "the system gives no thread to compute in; close other programs and try again");
}

void worker_free(Worker *worker) {
    if (!worker) return;
    worker_cancel(worker);
    close(worker->requests[1]);
    worker->requests[1] = -1;
    pthread_join(worker->thread, NULL);
    if (worker->is_busy) step_free(worker->step);
    close_pipe(worker->requests);
    close_pipe(worker->results);
    free(worker);
}

int worker_fd(const Worker *worker) {
    return worker->results[0];
}

void worker_start(Worker *worker) {
    assert(!worker->is_busy);
    control_begin(&worker->control, 0);
    atomic_store(&worker->control.cancel, false);
    worker->is_busy = write(worker->requests[1], "", 1) == 1;
}

bool worker_is_busy(const Worker *worker) {
    return worker->is_busy;
}

int worker_percent(const Worker *worker) {
    return control_percent(&worker->control);
}

void worker_cancel(Worker *worker) {
    atomic_store(&worker->control.cancel, true);
}

WorkerResult worker_take(Worker *worker, Error *err) {
    char byte;
    if (!worker->is_busy || read(worker->results[0], &byte, 1) != 1) return WORKER_NOTHING;
    worker->is_busy = false;
    if (!worker->step) {
        *err = worker->error;
        return WORKER_FAILED;
    }
    session_keep(worker->session, worker->step);
    worker->step = NULL;
    return WORKER_STEP;
}
