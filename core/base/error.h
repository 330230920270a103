// Errors from the world: files, sizes, user text, memory.
//
// A function that can fail returns bool and takes an Error as its last argument. The message names the thing,
// says what was expected and what to do about it. It may hold text from outside: print it through
// text_neutralise(). Bugs are not errors: assert() finds them.
#ifndef KVSTEP_ERROR_H
#define KVSTEP_ERROR_H

#include <stdbool.h>

#include "core/base/language.h"

typedef struct Error {
    char text[768];
} Error;

// Writes the message, with its format translated, and returns false. End a function with
//
//     return error_set(err, "...", ...);
//
// A macro, because it shows compilers that the result is always false; they then do not warn of results that
// stay unset after an error.
#define error_set(...) (error_write(__VA_ARGS__), error_false())
static inline bool error_false(void) {
    return false;
}
__attribute__((format(printf, 2, 3))) void error_write(Error *err, const char *format, ...);

// The error for an allocation of n_bytes that failed; `what` is translated.
#define error_no_memory(err, what, n_bytes)                                                                  \
    error_set(err,                                                                                           \
              "not enough memory for %s: %.1f MB were asked for; free some, or use a smaller model or a "    \
              "shorter prompt",                                                                              \
              _(what), (double)(n_bytes) / 1e6)

#endif
