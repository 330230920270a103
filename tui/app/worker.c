#include "tui/app/worker.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/language.h"
#include "traces/trace_write.h"

static const int SCREEN_SIGNALS[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};

struct Worker {
    pthread_t thread;
    int requests[2]; // pipes: a byte asks for a job, end of file for the thread's end; a byte says that it is
                     // done
    int results[2];
    bool is_busy;
    Control control;
    WorkerResult job; // what it gives when it succeeds
    Session *session;
    int step_index;
    Model *present;
    const SessionSetup *present_setup;
    const Timeline *timeline;
    bool ok;             // from here on: written by the thread before its byte, read after it
    Step *step;          // of WORKER_STEP
    WorkerOutput output; // of the others; its setup is the one that is to be opened
    Error error;
};

static bool save(Worker *worker) {
    TraceWriter writer;
    Timeline timeline = *worker->timeline;
    timeline.recorded &= SITE_BIT(SITE_SCORES) | SITE_BIT(SITE_CROSS_SCORES);
    control_begin(&worker->control, timeline.n_steps);
    if (!trace_writer_open(&writer, worker->output.path, &timeline, &worker->error)) return false;
    for (int i = 0; i < timeline.n_steps; i++) {
        if (control_is_cancelled(&worker->control)) {
            trace_abandon(&writer);
            return error_set(&worker->error, "cancelled");
        }
        trace_write_step(&writer, timeline.steps[i]);
        control_advance(&worker->control, 1);
    }
    return trace_finish(&writer, &timeline, &worker->error);
}

static bool do_job(Worker *worker) {
    Control *control = &worker->control;
    switch (worker->job) {
    case WORKER_STEP:
        worker->step = session_compute(worker->session, control, &worker->error);
        return worker->step;
    case WORKER_REPLAY:
        worker->output.replay = session_replay(worker->session, worker->step_index, control, &worker->error);
        return worker->output.replay;
    case WORKER_SAVED:
        return save(worker);
    default:
        return session_setup_open(&worker->output.setup, worker->present, worker->present_setup, control,
                                  &worker->output.opened, &worker->error);
    }
}

static void *work(void *argument) {
    Worker *worker = argument;
    char byte;
    while (read(worker->requests[0], &byte, 1) == 1) {
        worker->ok = do_job(worker);
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

bool worker_new(Worker **out, Error *err) {
    Worker *worker = calloc(1, sizeof *worker);
    if (!worker) return error_no_memory(err, "a thread", sizeof *worker);
    *worker = (Worker){.requests = {-1, -1}, .results = {-1, -1}};
    if (pipe(worker->requests) == 0 && pipe(worker->results) == 0 &&
        fcntl(worker->results[0], F_SETFL, O_NONBLOCK) == 0 && start_thread(worker)) {
        *out = worker;
        return true;
    }
    close_pipe(worker->requests);
    close_pipe(worker->results);
    free(worker);
    return error_set(err, "the system gives no thread to compute in; close other programs and try again");
}

// What a job has made that nobody will take.
static void throw_away(Worker *worker) {
    WorkerOutput *output = &worker->output;
    step_free(worker->step);
    step_free(output->replay);
    if (output->opened.model == worker->present) output->opened.model = NULL; // the caller's
    opened_done(&output->opened);
    session_setup_done(&output->setup);
}

void worker_free(Worker *worker) {
    if (!worker) return;
    worker_cancel(worker);
    close(worker->requests[1]);
    worker->requests[1] = -1;
    pthread_join(worker->thread, NULL);
    throw_away(worker);
    close_pipe(worker->requests);
    close_pipe(worker->results);
    free(worker);
}

int worker_fd(const Worker *worker) {
    return worker->results[0];
}

static void start(Worker *worker, WorkerResult job) {
    assert(!worker->is_busy);
    worker->job = job;
    control_begin(&worker->control, 0);
    atomic_store(&worker->control.cancel, false);
    worker->is_busy = write(worker->requests[1], "", 1) == 1;
}

void worker_step(Worker *worker, Session *session) {
    worker->session = session;
    start(worker, WORKER_STEP);
}

void worker_replay(Worker *worker, Session *session, int step_index) {
    worker->session = session;
    worker->step_index = step_index;
    start(worker, WORKER_REPLAY);
}

void worker_open(Worker *worker, const SessionSetup *setup, Model *present,
                 const SessionSetup *present_setup) {
    worker->output.setup = *setup;
    worker->present = present;
    worker->present_setup = present_setup;
    start(worker, WORKER_OPENED);
}

void worker_save(Worker *worker, const Timeline *timeline, const char *path) {
    worker->timeline = timeline;
    snprintf(worker->output.path, sizeof worker->output.path, "%s", path);
    start(worker, WORKER_SAVED);
}

bool worker_is_busy(const Worker *worker) {
    return worker->is_busy;
}

int worker_percent(const Worker *worker) {
    return control_percent(&worker->control);
}

const char *worker_doing(const Worker *worker) {
    static const char *const WORDS[] = {[WORKER_NOTHING] = "",
                                        [WORKER_STEP] = N_("computing"),
                                        [WORKER_REPLAY] = N_("running it again"),
                                        [WORKER_OPENED] = N_("opening"),
                                        [WORKER_SAVED] = N_("saving"),
                                        [WORKER_FAILED] = ""};
    return _(WORDS[worker->job]);
}

void worker_cancel(Worker *worker) {
    atomic_store(&worker->control.cancel, true);
}

WorkerResult worker_take(Worker *worker, WorkerOutput *out, Error *err) {
    char byte;
    if (!worker->is_busy || read(worker->results[0], &byte, 1) != 1) return WORKER_NOTHING;
    worker->is_busy = false;
    if (!worker->ok) {
        *err = worker->error;
        throw_away(worker);
    } else if (worker->job == WORKER_STEP) {
        session_keep(worker->session, worker->step);
    } else {
        *out = worker->output;
    }
    worker->step = NULL;
    worker->output = (WorkerOutput){0};
    return worker->ok ? worker->job : WORKER_FAILED;
}
