#include "tui/app/command_argument.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool argument_index(int *index, int n, const char *argument, const char *what, Error *err) {
    char *end;
    errno = 0;
    long number = strtol(argument, &end, 10);
    if (end == argument || *end || errno)
        return error_set(err, "%s takes a number, +1 or -1, not \"%s\"", what, argument);
    if (*argument == '+' || *argument == '-') {
        *index = (int)(((*index + number % n) % n + n) % n);
        return true;
    }
    if (number >= n) return error_set(err, "there is no %s %ld: they go from 0 to %d", what, number, n - 1);
    *index = (int)number;
    return true;
}

bool argument_rank(int *index, int n, const char *argument, const char *what, Error *err) {
    if (*argument == '+' || *argument == '-') return argument_index(index, n, argument, what, err);
    int rank = 0;
    if (!argument_index(&rank, INT_MAX, argument, what, err)) return false;
    if (rank < 1 || rank > n) return error_set(err, "there is no %s %d: they go from 1 to %d", what, rank, n);
    *index = rank - 1;
    return true;
}

bool argument_word(int *index, int n, const char *const *words, const char *argument, const char *what,
                   Error *err) {
    if (!*argument) {
        *index = (*index + 1) % n;
        return true;
    }
    for (int i = 0; i < n; i++)
        if (strncmp(words[i], argument, strlen(argument)) == 0) {
            *index = i;
            return true;
        }
    size_t used =
        (size_t)snprintf(err->text, sizeof err->text, _("there is no %s \"%s\"; there are:"), what, argument);
    for (int i = 0; i < n && used < sizeof err->text; i++)
        used += (size_t)snprintf(err->text + used, sizeof err->text - used, "%s %s", i ? "," : "", words[i]);
    return false;
}

bool argument_number(double *out, double least, double most, const char *argument, const char *what,
                     Error *err) {
    char *end;
    double number = strtod(argument, &end);
    if (end == argument || *end || !(number >= least && number <= most))
        return error_set(err, "%s takes a number from %.10g to %.10g, not \"%s\"", what, least, most,
                         argument);
    *out = number;
    return true;
}

int argument_clamp(int n, int least, int most) {
    return n < least ? least : n > most ? most : n;
}
