// Sessions for tests, on the small models in tests/golden.
#ifndef KVSTEP_TESTS_SESSION_SUPPORT_H
#define KVSTEP_TESTS_SESSION_SUPPORT_H

#include "core/session/session.h"
#include "tests/support.h"

static const SessionOptions EVERYTHING = {
    .sampling = {.top_p = 1}, .n_candidates = 7, .record = SITE_ALL, .recompute = true};

static inline Model load(const char *folder) {
    Error err;
    Model model;
    if (!model_load(&model, folder, NULL, &err)) fail_msg("%s", err.text);
    return model;
}

static inline Session *start(const Model *model, const int *ids, int n, const SessionOptions *options) {
    Error err;
    Session *session;
    SessionInput input = {.ids = {(int *)ids, n}};
    if (!session_new(&session, model, &input, options, &err)) fail_msg("%s", err.text);
    return session;
}

static inline void take_steps(Session *session, int n) {
    Error err;
    for (int i = 0; i < n; i++)
        if (!session_step(session, &err)) fail_msg("%s", err.text);
}

#endif
