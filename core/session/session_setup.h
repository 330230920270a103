// What a Session was started from: model, prompt, sampling. Changing one of them starts another Session.
#ifndef KVSTEP_SETUP_H
#define KVSTEP_SETUP_H

#include "core/session/prompt.h"

typedef struct SessionSetup {
    const char *model; // as it was given: a name or a folder
    Prompt prompt;
    bool fills_in; // the default text, or source, where the model needs one and none is given
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

// The two parts of opening one: the model, which is on the heap, or NULL; and the Session on it.
Model *session_setup_load(const SessionSetup *setup, Control *control, Error *err);
bool session_setup_start(const SessionSetup *setup, const Model *model, Session **out, Error *err);

// Both. `present` is a model that is loaded already, and the SessionSetup it was loaded for: it is taken when
// it is the same one, and a source that was meant for it is left out where the new one reads none. Both may
// be NULL.
bool session_setup_open(const SessionSetup *setup, Model *present, const SessionSetup *present_setup,
                        Control *control, Opened *out, Error *err);
void opened_done(Opened *opened); // frees both; what is NULL is left out

#endif
