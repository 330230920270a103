// Errors from the world: files, sizes, user text, memory.
//
// A function that can meet one returns bool and takes an Error as its last argument. The message names the thing, says
// what was expected and what to do about it. It may hold text from outside: print it through text_neutralise().
// Bugs are not errors: they are assertions.
#ifndef KVSTEP_ERROR_H
#define KVSTEP_ERROR_H

#include <stdbool.h>

typedef struct Error {
    char text[768];
} Error;

// Writes the message and returns false, so that a function can end with `return error_set(err, ...)`.
__attribute__((format(printf, 2, 3))) bool error_set(Error *err, const char *format, ...);

// The message for an allocation of n_bytes that the system refused.
bool error_memory(Error *err, const char *what, double n_bytes);

#endif
