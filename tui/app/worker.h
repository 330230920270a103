// One thread that computes, so that the screen answers while a large model works.
//
// It has one job at a time: a Step, a Step's numbers once more, or another Session. A Session computes in the
// thread and keeps its Step in the caller's: worker_take() hands a finished job over, and until then the
// Timeline does not change. worker_fd() becomes readable when there is something to take.
#ifndef KVSTEP_WORKER_H
#define KVSTEP_WORKER_H

#include "core/session/session_setup.h"

typedef struct Worker Worker;

bool worker_new(Worker **out, Error *err);
void worker_free(Worker *worker); // cancels what is under way

int worker_fd(const Worker *worker);
bool worker_is_busy(const Worker *worker);
int worker_percent(const Worker *worker);       // how far the job is
const char *worker_doing(const Worker *worker); // and what it is: "computing"
void worker_cancel(Worker *worker);

// The next Step of the Session. The worker must not be busy; this holds for all three.
void worker_step(Worker *worker, Session *session);
// The numbers of a Step of the Session's branch at hand: session_replay().
void worker_replay(Worker *worker, Session *session, int step_index);
// Writes what `kvstep run --trace` writes, and the scores. The timeline must not change meanwhile.
void worker_save(Worker *worker, const Timeline *timeline, const char *path);
// session_setup_open(). The worker takes the SessionSetup over.
void worker_open(Worker *worker, const SessionSetup *setup, Model *present,
                 const SessionSetup *present_setup);

typedef enum WorkerResult {
    WORKER_NOTHING,
    WORKER_STEP,
    WORKER_REPLAY,
    WORKER_OPENED,
    WORKER_SAVED,
    WORKER_FAILED
} WorkerResult;

typedef struct WorkerOutput {
    Step *replay;  // the caller frees it
    Opened opened; // and takes over these two
    SessionSetup setup;
    char path[512]; // what was saved
} WorkerOutput;

// Takes what has been finished: the Session has the new Step, `out` what else was made, or `err` says why
// there is nothing.
WorkerResult worker_take(Worker *worker, WorkerOutput *out, Error *err);

#endif
