// The arguments of commands: numbers, words, and places in a list.
#ifndef KVSTEP_ARGUMENT_H
#define KVSTEP_ARGUMENT_H

#include <stdbool.h>

#include "core/base/error.h"

// "N", or "+N" and "-N" from where it is now; in [0, n). After the last comes the first, for "+N" and "-N"
// alone. `what` names the thing in an error; this holds for all of these.
bool argument_index(int *index, int n, const char *argument, const char *what, Error *err);
// Likewise for a list that people choose from, which the screen numbers from 1: views, stages, candidates.
// Indices of the run (steps, tokens, layers, heads, branches) count from 0 everywhere.
bool argument_rank(int *index, int n, const char *argument, const char *what, Error *err);

// One of the words, by its beginning; an empty argument selects the next word.
bool argument_word(int *index, int n, const char *const *words, const char *argument, const char *what,
                   Error *err);

// A number in [least, most].
bool argument_number(double *out, double least, double most, const char *argument, const char *what,
                     Error *err);

int argument_clamp(int n, int least, int most);

#endif
