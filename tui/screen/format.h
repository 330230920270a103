// Formats numbers for people, in a fixed width so that columns do not move from step to step.
#ifndef KVSTEP_FORMAT_H
#define KVSTEP_FORMAT_H

#include <stdint.h>

typedef struct Formatted {
    char text[32];
} Formatted;

Formatted format_count(double n);  // "982", "44.6 k", "1.92 M", "3.10 G"
Formatted format_bytes(int64_t n); // "982 B", "44.6 kB", "8.90 MB"
Formatted
format_time(int64_t nanoseconds);    // "812 ns", "41.2 µs", "1.90 ms", "2.31 s"; "not run" when not measured
Formatted format_grouped(int64_t n); // "36,864"
Formatted format_words(const char *words);                    // words in place of a number
Formatted format_ratio(double numerator, double denominator); // "9.1×", "—" when there is none

#endif
