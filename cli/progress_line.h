// Shows on standard error how far long work is: "gpt2-xl: loading 43%".
//
// The line appears when the work takes longer than PROGRESS_DELAY_MS and standard error is a terminal. It
// disappears when the work ends.
#ifndef KVSTEP_CLI_PROGRESS_LINE_H
#define KVSTEP_CLI_PROGRESS_LINE_H

#include <pthread.h>

#include "core/base/control.h"

enum { PROGRESS_DELAY_MS = 400 };

typedef struct ProgressLine {
    Control control; // pass it to the work
    const char *what;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_running, has_thread;
} ProgressLine;

// `what` is printed as it is and must stay valid until progress_line_end().
void progress_line_begin(ProgressLine *progress, const char *what);
void progress_line_end(ProgressLine *progress);

#endif
