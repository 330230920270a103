// What a Session starts from, as people give it: texts, or token ids as text.
#ifndef KVSTEP_PROMPT_H
#define KVSTEP_PROMPT_H

#include "core/session/session.h"

#define DEFAULT_PROMPT "Once upon a time"
#define DEFAULT_SOURCE "Tue 3rd of March, 2026"

typedef struct Prompt { // what is NULL is not given
    const char *text;   // -p
    const char *ids;    // --ids, "1,2,3"
    const char *source; // --source, for an encoder-decoder
    const char *source_ids;
} Prompt;

// A prompt or a source is given, and neither in two ways.
bool prompt_check(const Prompt *prompt, Error *err);

// The default text, or source, where the model needs one and none is given.
void prompt_fill_in(Prompt *prompt, const Model *model);

// Turns it into ids by the model's tokenizer. The input borrows the texts; prompt_done() frees its ids.
bool prompt_read(const Prompt *prompt, const Model *model, SessionInput *input, Error *err);
void prompt_done(SessionInput *input);

#endif
