// What a Session was started from: model, prompt, sampling. Changing one of them starts another Session.
#ifndef KVSTEP_SETUP_H
#define KVSTEP_SETUP_H

#include "core/session/prompt.h"

typedef struct Setup {
    const char *model; // as it was given: a name or a folder
    Prompt prompt;
    SessionOptions session;
} Setup;

// A Setup with copies of all texts; setup_done() frees them. False when there is no memory: nothing is to be freed then.
bool setup_copy(Setup *out, const Setup *setup);
void setup_done(Setup *setup);
// Changes one of the Setup's texts, such as &setup.prompt.text; NULL takes it away.
bool setup_text(const char **which, const char *text);

// A Session and its model, as they are made from a Setup.
typedef struct Opened {
    Model *model; // on the heap
    Session *session;
} Opened;

// Opens a Setup. `present` is a model that is loaded already, and the Setup it was loaded for: it is taken when it is the
// same one. Both may be NULL.
bool setup_open(const Setup *setup, Model *present, const Setup *present_setup, Control *control, Opened *out, Error *err);

#endif
