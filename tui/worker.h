// One thread that computes Steps, so that the screen answers while a large model works.
//
// The Session computes in the thread and keeps the Step in the caller's: worker_take() hands a finished one over, and
// until then the Timeline does not change. worker_fd() becomes readable when there is something to take.
#ifndef KVSTEP_WORKER_H
#define KVSTEP_WORKER_H

#include "core/session.h"

typedef struct Worker Worker;

bool worker_new(Worker **out, Session *session, Error *err);
void worker_free(Worker *worker); // cancels what is under way

int worker_fd(const Worker *worker);
void worker_start(Worker *worker); // one Step; must not be busy
bool worker_is_busy(const Worker *worker);
int worker_percent(const Worker *worker); // how far the Step under way is
void worker_cancel(Worker *worker);

typedef enum WorkerResult { WORKER_NOTHING, WORKER_STEP, WORKER_FAILED } WorkerResult;

// Takes what has been finished: the Session then has the new Step, or `err` says why not.
WorkerResult worker_take(Worker *worker, Error *err);

#endif
