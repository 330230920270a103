// Which command a key stands for, in all views or in one: the program's own bindings, and the user's before
// them.
//
// The user's are in $XDG_CONFIG_HOME/kvstep/keys (~/.config/kvstep/keys):
//
//     # a comment
//     x = cross             in every view
//     F5 = theme light
//     q =                   does nothing any more
//     [attention]           from here on in this view alone
//     h = cursor left
#ifndef KVSTEP_KEYS_H
#define KVSTEP_KEYS_H

#include <stddef.h>

#include "core/base/error.h"

struct Program;

typedef struct Key {
    const char *name; // as the terminal names it
    const char *command;
} Key;

typedef struct Binding {
    const char *key; // as the terminal names it
    const char *command;
    const char *view; // its name; NULL: every view that has no binding of its own for the key
} Binding;

// The user's bindings, then the program's.
typedef struct Keys {
    const struct Program *program;
    char *text; // the file's, cut into the strings that the bindings point to
    Binding *bindings;
    size_t n;
} Keys;

// The program's own bindings alone.
bool keys_init(Keys *keys, const struct Program *program, Error *err);
void keys_done(Keys *keys);
// Reads the user's file, if there is one. What is wrong in it is told in `err`, with the line; the other
// lines hold all the same.
bool keys_load(Keys *keys, Error *err);
bool keys_read(Keys *keys, const char *path, Error *err); // from this file

// The command line that the key stands for in the view; NULL: it does nothing there.
const char *keys_command(const Keys *keys, const char *view, const char *key);

// The command that it is bound to there alone; NULL: none.
const char *keys_own(const Keys *keys, const char *view, const char *key);

// The keys of a command in the view as they are shown, "→ n", at most n_most of them; "" when it has none
// there.
void keys_label(const Keys *keys, const char *view, const char *command, int n_most, char *out, size_t size);

#endif
