// What a Session was started from: model, prompt, sampling. Changing one of them starts another Session.
#ifndef KVSTEP_SETUP_H
#define KVSTEP_SETUP_H

#include "core/session/prompt.h"

typedef struct SessionSetup {
    const char *model; // as it was given: a name or a folder
    Prompt prompt;
    SessionOptions session;
} SessionSetup;

// A SessionSetup with copies of all texts; session_setup_done() frees them. False when there is no memory:
// nothing is to be freed then.
bool session_setup_copy(SessionSetup *out, const SessionSetup *setup);
void session_setup_done(SessionSetup *setup);
// Changes one of the SessionSetup's texts, such as &setup.prompt.text; NULL takes it away.
bool session_setup_text(const char **which, const char *text);

// A Session and its model, as they are made from a SessionSetup.
typedef struct Opened {
    Model *model; // on the heap
    Session *session;
} Opened;

// Opens a SessionSetup. `present` is a model that is loaded already, and the SessionSetup it was loaded for:
// it is taken when it is the same one. Both may be NULL.
bool session_setup_open(const SessionSetup *setup, Model *present, const SessionSetup *present_setup,
                        Control *control, Opened *out, Error *err);

#endif
