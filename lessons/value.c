#include "lessons/value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

// ---- writing ------------------------------------------------------------------------------------

// 36864 as "36,864".
static void write_whole(double number, char *out, size_t size) {
    char digits[64];
    snprintf(digits, sizeof digits, "%.0f", fabs(number));
    size_t n = strlen(digits), used = 0;
    if (number < 0 && used + 1 < size) out[used++] = '-';
    for (size_t i = 0; i < n && used + 2 < size; i++) {
        if (i > 0 && (n - i) % 3 == 0) out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

typedef struct Unit {
    double size;
    const char *name;
} Unit;

static const Unit COUNTS[] = {{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, ""}};
static const Unit BYTES[] = {{1e12, " TB"}, {1e9, " GB"}, {1e6, " MB"}, {1e3, " kB"}, {1, " B"}};
static const Unit TIMES[] = {{1e9, " s"}, {1e6, " ms"}, {1e3, " µs"}, {1, " ns"}}; // of nanoseconds

static void write_with_unit(double number, const Unit *unit, char *out, size_t size) {
    while (unit->size > 1 && fabs(number) < unit->size) unit++;
    double shown = number / unit->size;
    int digits = unit->size == 1 || fabs(shown) >= 100 ? 0 : fabs(shown) >= 10 ? 1 : 2;
    snprintf(out, size, "%.*f%s", digits, shown, unit->name);
}

static bool write_number(double number, const char *format, char *out, size_t size) {
    bool is_percent = *format == '%';
    const char *digits = format + is_percent;
    bool has_digits = isdigit((unsigned char)*digits) && !digits[1];
    if (strcmp(format, "") == 0 && number == floor(number) && fabs(number) < 1e15)
        write_whole(number, out, size);
    else if (strcmp(format, "") == 0)
        snprintf(out, size, "%.4g", number);
    else if (is_percent && (has_digits || !*digits))
        snprintf(out, size, "%.*f%%", has_digits ? *digits - '0' : 1, 100 * number);
    else if (has_digits)
        snprintf(out, size, "%.*f", *digits - '0', number);
    else if (strcmp(format, "bytes") == 0)
        write_with_unit(number, BYTES, out, size);
    else if (strcmp(format, "count") == 0)
        write_with_unit(number, COUNTS, out, size);
    else if (strcmp(format, "time") == 0)
        write_with_unit(number, TIMES, out, size);
    else if (strcmp(format, "sci") == 0)
        snprintf(out, size, "%.1e", number);
    else
        return false;
    return true;
}

bool value_write(const Value *value, const char *format, char *out, size_t size, Error *err) {
    char text[4 * VALUE_TEXT_BYTES];
    text_neutralise(text, sizeof text, text_from(value->text + (value->text[0] == ' ' && value->text[1])),
                    TEXT_LINE);
    if (value->kind == VALUE_ARRAY)
        return error_set(err, "an array cannot be written: count(), max() ... make a number of it");
    if (value->kind == VALUE_NUMBER && write_number(value->number, format, out, size)) return true;
    if (value->kind == VALUE_NUMBER)
        return error_set(err, "the format \"%s\" is none of 0 to 9, %%, bytes, count, time, sci", format);
    if (*format) return error_set(err, "the format \"%s\" is for numbers, and this is none", format);
    snprintf(out, size, "%s", value->kind == VALUE_TRUTH ? (value->number != 0 ? "true" : "false") : text);
    return true;
}

// ---- reading ------------------------------------------------------------------------------------

static const char *skip_spaces(const char *text) {
    while (isspace((unsigned char)*text)) text++;
    return text;
}

// Replaces full-width characters by narrow ones, "３" by "3" and "，" by ",", and the minus sign "−" by "-".
static void fold_width(const char *text, char *out, size_t size) {
    size_t n = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c && n + 1 < size; c++) {
        bool is_low = c[0] == 0xEF && c[1] == 0xBC && c[2] >= 0x81,
             is_minus = c[0] == 0xE2 && c[1] == 0x88 && c[2] == 0x92;
        bool is_high = c[0] == 0xEF && c[1] == 0xBD && c[2] >= 0x80 && c[2] <= 0x9E;
        out[n++] = (char)(is_low ? c[2] - 0x81 + '!' : is_high ? c[2] - 0x80 + '`' : is_minus ? '-' : *c);
        if (is_low || is_high || is_minus) c += 2;
    }
    out[n] = '\0';
}

// Writes digits for strtod(): without separators of thousands. A comma is a decimal point unless three digits
// follow, and always after a single 0: 0,250 is a quarter.
static void plain_digits(const char *text, char *out, size_t size) {
    char folded[128] = "";
    size_t n = 0;
    fold_width(text, folded, sizeof folded);
    for (const unsigned char *c = (const unsigned char *)folded; *c && n + 1 < size; c++) {
        bool is_zero = n == 1 && out[0] == '0';
        bool is_separator = *c == ',' && n > 0 && !is_zero && isdigit(c[1]) && isdigit(c[2]) &&
                            isdigit(c[3]) && !isdigit(c[4]);
        if (*c != '_' && !is_separator) out[n++] = (char)(*c == ',' ? '.' : *c);
    }
    out[n] = '\0';
}

static bool suffix_read(const char *suffix, double *factor) {
    static const Unit SUFFIXES[] = {
        {1, ""},        {1, "B"},        {1, "×"},       {1, "x"},        {1, "times"}, {0.01, "%"},
        {1e3, "k"},     {1e3, "K"},      {1e6, "M"},     {1e9, "G"},      {1e12, "T"},  {1e3, "kB"},
        {1e3, "KB"},    {1e6, "MB"},     {1e9, "GB"},    {1e12, "TB"},    {1024, "Ki"}, {1024, "KiB"},
        {0x1p20, "Mi"}, {0x1p20, "MiB"}, {0x1p30, "Gi"}, {0x1p30, "GiB"}, {1, "bytes"}, {1, "byte"},
        {1, "字节"},    {1, "个"},       {1, "个字节"},  {1, "次"},       {1, "行"},    {1, "步"},
        {1, "倍"},      {1e4, "万"},     {1e8, "亿"}};
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        if (strcmp(SUFFIXES[i].name, suffix) != 0) continue;
        *factor = SUFFIXES[i].size;
        return true;
    }
    return false;
}

bool number_read(const char *text, double *out) {
    char plain[128] = "", *end;
    double divisor = 1, factor;
    plain_digits(text, plain, sizeof plain);
    const char *start = skip_spaces(plain);
    if (!isdigit((unsigned char)*start) && !strchr("+-.", *start)) return false; // not "nan", "inf"
    *out = strtod(start, &end);
    if (end == start) return false;
    const char *rest = skip_spaces(end);
    if (*rest == '/') {
        start = skip_spaces(rest + 1);
        divisor = strtod(start, &end);
        if (end == start || divisor == 0) return false;
        rest = skip_spaces(end);
    }
    for (size_t n = strlen(rest); n > 0 && isspace((unsigned char)rest[n - 1]);)
        plain[rest - plain + (ptrdiff_t)--n] = '\0';
    if (!suffix_read(rest, &factor)) return false;
    *out = *out / divisor * factor;
    return isfinite(*out);
}

bool tolerance_read(const char *text, Tolerance *out, Error *err) {
    double number;
    *out = (Tolerance){0, 0};
    if (!number_read(text, &number) || number < 0)
        return error_set(err, "within: takes a number, such as 0.05, or a share, such as 10%%; not \"%s\"",
                         text);
    *(strchr(text, '%') ? &out->relative : &out->absolute) = number;
    return true;
}

// The text without spaces and quotes at its ends.
static void trim(const char *text, char *out, size_t size) {
    static const char *const EDGES[] = {" ", "\t", "\"", "'", "`", "“", "”", "‘", "’", "「", "」"};
    fold_width(text, out, size);
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof EDGES / sizeof *EDGES; i++) {
            size_t n = strlen(EDGES[i]), length = strlen(out);
            if (length <= n) continue;
            if (strncmp(out, EDGES[i], n) == 0) {
                memmove(out, out + n, length - n + 1);
                again = true;
            } else if (strcmp(out + length - n, EDGES[i]) == 0) {
                out[length - n] = '\0';
                again = true;
            }
        }
    }
}

// Half a unit of the last digit: "0.034" may stand for 0.0335 to 0.0345. 0 with fewer than two digits.
static double half_digit(const char *typed) {
    char plain[128] = "";
    double unit, factor = 1;
    int n_digits = 0, n_decimals = 0;
    plain_digits(typed, plain, sizeof plain);
    const char *c = plain + strspn(plain, " +-0.");
    const char *point = strchr(plain, '.');
    for (; isdigit((unsigned char)*c) || *c == '.'; c++) n_digits += *c != '.';
    if (point) n_decimals = (int)strspn(point + 1, "0123456789");
    if (n_digits < 2 || !suffix_read(skip_spaces(c), &factor)) return 0;
    unit = pow(10, -n_decimals) * factor;
    return unit / 2;
}

// Whole numbers must be exact; others need at least two digits, correctly rounded.
static bool is_near(double answer, double number, Tolerance t, const char *typed) {
    bool is_usual = t.absolute == 0 && t.relative == 0 && answer != floor(answer);
    if (is_usual) t = (Tolerance){.absolute = half_digit(typed), .relative = 0};
    double least = is_usual ? 0.005 * fabs(answer) : 0, allowed = t.absolute + t.relative * fabs(answer);
    return fabs(answer - number) <= (allowed > least ? allowed : least) + 1e-9 * fabs(answer);
}

bool value_matches(const Value *value, Tolerance tolerance, const char *typed) {
    char a[VALUE_TEXT_BYTES], b[VALUE_TEXT_BYTES];
    double number;
    if (value->kind == VALUE_NUMBER)
        return number_read(typed, &number) && is_near(value->number, number, tolerance, typed);
    if (value->kind == VALUE_ARRAY) return false;
    trim(value->kind == VALUE_TRUTH ? (value->number != 0 ? "true" : "false") : value->text, a, sizeof a);
    trim(typed, b, sizeof b);
    return strcmp(a, b) == 0;
}
