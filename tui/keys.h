// Which command a key stands for, in all views or in one.
#ifndef KVSTEP_KEYS_H
#define KVSTEP_KEYS_H

#include "app.h"

typedef struct Binding {
    const char *view; // its name; NULL: every view that has no binding of its own for the key
    const char *key;  // as the terminal names it
    const char *command;
} Binding;

extern const Binding BINDINGS[];
extern const size_t N_BINDINGS;

// The command line that the key stands for in the view; NULL: it does nothing there.
const char *keys_command(const View *view, const char *key);

// The keys of a command in the view as they are shown: "→ n". Writes nothing but "" when it has none there.
void keys_label(const View *view, const char *command, int n_most, char *out, size_t size);

#endif
