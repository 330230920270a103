#include "tui/screen/format.h"

#include <stdio.h>

#include "core/base/language.h"
#include "core/decode/cost_formula.h"

// Three digits and one of the units, each a thousand of the one before; the last argument is what follows it.
static Formatted scaled(double n, const char *const *units, int n_units, const char *suffix) {
    Formatted out;
    int unit = 0;
    while (n >= 999.5 && unit + 1 < n_units) n /= 1000, unit++;
    int decimals = unit == 0 ? 0 : n < 9.995 ? 2 : n < 99.95 ? 1 : 0;
    snprintf(out.text, sizeof out.text, "%.*f%s%s%s", decimals, n, units[unit][0] || suffix[0] ? " " : "",
             units[unit], suffix);
    return out;
}

Formatted format_words(const char *words) {
    Formatted out;
    snprintf(out.text, sizeof out.text, "%s", words);
    return out;
}

Formatted format_count(double n) {
    static const char *const UNITS[] = {"", "k", "M", "G", "T", "P"};
    return scaled(n, UNITS, 6, "");
}

Formatted format_bytes(int64_t n) {
    static const char *const UNITS[] = {"", "k", "M", "G", "T", "P"};
    return scaled((double)n, UNITS, 6, "B");
}

Formatted format_time(int64_t nanoseconds) {
    static const char *const UNITS[] = {"n", "µ", "m", ""};
    if (nanoseconds == NOT_MEASURED) return format_words(_("not run"));
    return scaled((double)nanoseconds, UNITS, 4, "s");
}

Formatted format_grouped(int64_t n) {
    char digits[24];
    int n_digits = snprintf(digits, sizeof digits, "%lld", (long long)n), used = 0;
    Formatted out;
    for (int i = 0; i < n_digits; i++) {
        if (i > 0 && (n_digits - i) % 3 == 0 && digits[i - 1] != '-') out.text[used++] = ',';
        out.text[used++] = digits[i];
    }
    out.text[used] = '\0';
    return out;
}

Formatted format_ratio(double numerator, double denominator) {
    Formatted out = {"—"};
    if (numerator < 0 || denominator <= 0) return out;
    double ratio = numerator / denominator;
    snprintf(out.text, sizeof out.text, "%.*f×", ratio < 99.95 ? 1 : 0, ratio);
    return out;
}
