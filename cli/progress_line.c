#include "cli/progress_line.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { REPEAT_MS = 100 };

// Waits at most this long for the end of the work. Returns whether it came. Call it with the lock held.
static bool wait_for_end(ProgressLine *progress, int ms) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (until.tv_nsec / 1000000 + ms) / 1000;
    until.tv_nsec = (until.tv_nsec / 1000000 + ms) % 1000 * 1000000;
    while (progress->is_running && pthread_cond_timedwait(&progress->ended, &progress->lock, &until) == 0)
        continue;
    return !progress->is_running;
}

static void *show(void *argument) {
    ProgressLine *progress = argument;
    bool is_shown = false;
    pthread_mutex_lock(&progress->lock);
    for (int ms = PROGRESS_DELAY_MS; !wait_for_end(progress, ms); ms = REPEAT_MS) {
        if (atomic_load(&progress->control.total) == 0) continue;
        fprintf(stderr, "\r%s %d%%", progress->what, control_percent(&progress->control));
        is_shown = true;
    }
    if (is_shown) fputs("\r\033[K", stderr);
    pthread_mutex_unlock(&progress->lock);
    return NULL;
}

void progress_line_begin(ProgressLine *progress, const char *what) {
    *progress = (ProgressLine){.what = what,
                               .is_running = true,
                               .lock = PTHREAD_MUTEX_INITIALIZER,
                               .ended = PTHREAD_COND_INITIALIZER};
    if (isatty(STDERR_FILENO))
        progress->has_thread = pthread_create(&progress->thread, NULL, show, progress) == 0;
}

void progress_line_end(ProgressLine *progress) {
    if (!progress->has_thread) return;
    pthread_mutex_lock(&progress->lock);
    progress->is_running = false;
    pthread_cond_signal(&progress->ended);
    pthread_mutex_unlock(&progress->lock);
    pthread_join(progress->thread, NULL);
}
