// Recursive descent:
//
//     comparison = sum [("=" | "!=" | "<" | "<=" | ">" | ">=") sum]
//     sum        = product {("+" | "-") product}
//     product    = operand {("*" | "/") operand}
//     operand    = pointer | number | "-" operand | text | true | false
//                | name "(" sum ")" | "(" comparison ")"
//
// A "/" directly before another character begins a JSON Pointer; one before a space divides.
#include "lessons/expression.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/json_pointer.h"

enum { MAX_DEPTH = 32 };

typedef struct Parser {
    const char *at;
    const cJSON *document;
    int depth;
    Error *err;
} Parser;

static bool parse_comparison(Parser *p, Value *out);
static bool parse_sum(Parser *p, Value *out);

static bool skip(Parser *p, const char *word) {
    while (isspace((unsigned char)*p->at)) p->at++;
    size_t n = strlen(word);
    if (n == 0 || strncmp(p->at, word, n) != 0) return false;
    p->at += n;
    return true;
}

static Value number_value(double number) {
    return (Value){.kind = VALUE_NUMBER, .number = number};
}

static bool value_of_item(const cJSON *item, const char *name, Value *out, Error *err) {
    *out = (Value){.kind = VALUE_NUMBER, .array = item};
    if (cJSON_IsNumber(item)) {
        out->number = item->valuedouble;
    } else if (cJSON_IsBool(item)) {
        out->kind = VALUE_TRUTH;
        out->number = cJSON_IsTrue(item);
    } else if (cJSON_IsString(item)) {
        out->kind = VALUE_TEXT;
        snprintf(out->text, sizeof out->text, "%s", item->valuestring);
    } else if (cJSON_IsArray(item)) {
        out->kind = VALUE_ARRAY;
    } else {
        return error_set(err, "%s is no number, text, truth or array", name);
    }
    return true;
}

static bool look_up(const cJSON *document, const char *pointer, Value *out, Error *err) {
    const cJSON *item = json_pointer(document, pointer);
    if (!item) return error_set(err, "there is no %s in the document here", pointer);
    return value_of_item(item, pointer, out, err);
}

static bool parse_pointer(Parser *p, Value *out) {
    char pointer[256];
    size_t n = strcspn(p->at, " \t\n(),|");
    if (n >= sizeof pointer)
        return error_set(p->err, "a pointer is longer than %zu bytes", sizeof pointer - 1);
    memcpy(pointer, p->at, n);
    pointer[n] = '\0';
    p->at += n;
    return look_up(p->document, pointer, out, p->err);
}

static bool parse_text(Parser *p, Value *out) {
    const char *end = strchr(p->at + 1, '"');
    if (!end) return error_set(p->err, "a text has no \" at its end: %s", p->at);
    *out = (Value){.kind = VALUE_TEXT};
    snprintf(out->text, sizeof out->text, "%.*s", (int)(end - p->at - 1), p->at + 1);
    p->at = end + 1;
    return true;
}

// ---- functions ----------------------------------------------------------------------------------

typedef enum Reduction { SUM, MEAN, MAX, MIN, ARGMAX, ARGMIN } Reduction;

static bool reduce(Reduction how, const cJSON *array, Value *out, Error *err) {
    double sum = 0, largest = -INFINITY, smallest = INFINITY;
    int n = 0, index = 0, at_largest = 0, at_smallest = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) {
        if (cJSON_IsNumber(item)) {
            double x = item->valuedouble;
            if (x > largest) largest = x, at_largest = index;
            if (x < smallest) smallest = x, at_smallest = index;
            sum += x;
            n++;
        } else if (!cJSON_IsNull(item)) {
            return error_set(err, "this needs an array of numbers; this one holds something else");
        }
        index++;
    }
    if (n == 0) return error_set(err, "this needs an array of numbers; this one holds none");
    const double results[] = {sum, sum / n, largest, smallest, at_largest, at_smallest};
    *out = number_value(results[how]);
    return true;
}

static bool token_text(const Parser *p, double position, Value *out) {
    char pointer[64];
    if (!(position >= 0 && position < 1e9))
        return error_set(p->err, "token() takes a position in the text, not %g", position);
    snprintf(pointer, sizeof pointer, "/tokens/%.0f/text", position);
    return look_up(p->document, pointer, out, p->err);
}

static bool call(const Parser *p, const char *name, const Value *x, Value *out) {
    static const char *const REDUCTIONS[] = {"sum", "mean", "max", "min", "argmax", "argmin"};
    static const struct {
        const char *name;
        double (*function)(double);
    } FUNCTIONS[] = {{"abs", fabs}, {"round", round}, {"sqrt", sqrt}, {"log", log}, {"exp", exp}};
    bool is_array = x->kind == VALUE_ARRAY, is_number = x->kind == VALUE_NUMBER;
    if (strcmp(name, "count") == 0 && is_array) {
        *out = number_value(cJSON_GetArraySize(x->array));
        return true;
    }
    for (size_t i = 0; i < sizeof REDUCTIONS / sizeof *REDUCTIONS; i++)
        if (strcmp(REDUCTIONS[i], name) == 0 && is_array) return reduce((Reduction)i, x->array, out, p->err);
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
        if (strcmp(FUNCTIONS[i].name, name) != 0 || !is_number) continue;
        *out = number_value(FUNCTIONS[i].function(x->number));
        return true;
    }
    if (strcmp(name, "token") == 0 && is_number) return token_text(p, x->number, out);
    return error_set(p->err,
                     "there is no %s() of %s: count, sum, mean, max, min, argmax, argmin take an array; "
                     "token, abs, round, sqrt, log, exp a number",
                     name, is_array ? "an array" : "this");
}

static bool parse_name(Parser *p, Value *out) {
    char name[32];
    Value argument;
    size_t n = 0;
    while (isalnum((unsigned char)p->at[n])) n++;
    snprintf(name, sizeof name, "%.*s", (int)n, p->at);
    if (n == 0) return error_set(p->err, "a value was expected here: \"%s\"", p->at);
    p->at += n;
    bool is_true = strcmp(name, "true") == 0;
    if (is_true || strcmp(name, "false") == 0) {
        *out = (Value){.kind = VALUE_TRUTH, .number = is_true};
        return true;
    }
    if (!skip(p, "("))
        return error_set(p->err, "what is \"%s\"? A text stands in \"\", a pointer begins with /", name);
    if (!parse_sum(p, &argument)) return false;
    if (!skip(p, ")")) return error_set(p->err, "a ) is missing after %s(", name);
    return call(p, name, &argument, out);
}

// ---- operators ----------------------------------------------------------------------------------

static bool parse_operand(Parser *p, Value *out);

static bool parse_operand_here(Parser *p, Value *out) {
    if (*p->at == '/') return parse_pointer(p, out);
    if (*p->at == '"') return parse_text(p, out);
    if (skip(p, "("))
        return parse_comparison(p, out) && (skip(p, ")") || error_set(p->err, "a ) is missing"));
    if (isdigit((unsigned char)*p->at) || *p->at == '.') {
        char *end;
        *out = number_value(strtod(p->at, &end));
        bool is_number = end != p->at;
        p->at = end;
        return is_number || error_set(p->err, "a value was expected here: \"%s\"", p->at);
    }
    if (skip(p, "-")) {
        if (!parse_operand(p, out)) return false;
        out->number = -out->number;
        return out->kind == VALUE_NUMBER || error_set(p->err, "only a number can be negative");
    }
    return parse_name(p, out);
}

static bool parse_operand(Parser *p, Value *out) {
    skip(p, ""); // the spaces
    if (++p->depth > MAX_DEPTH) return error_set(p->err, "an expression is nested deeper than %d", MAX_DEPTH);
    bool ok = parse_operand_here(p, out);
    p->depth--;
    return ok;
}

static bool calculate(Parser *p, char sign, Value *left, const Value *right) {
    if (left->kind != VALUE_NUMBER || right->kind != VALUE_NUMBER)
        return error_set(p->err, "%c needs two numbers", sign);
    if (sign == '/' && right->number == 0) return error_set(p->err, "a division by zero");
    double a = left->number, b = right->number;
    left->number = sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : a / b;
    return true;
}

// Skips one of the signs, if it stands here by itself. Returns whether it did.
static bool skip_sign(Parser *p, const char *signs, char *sign) {
    skip(p, "");
    if (!*p->at || !strchr(signs, *p->at) || !isspace((unsigned char)p->at[1])) return false;
    *sign = *p->at++;
    return true;
}

static bool parse_product(Parser *p, Value *out) {
    Value right;
    char sign;
    if (!parse_operand(p, out)) return false;
    while (skip_sign(p, "*/", &sign))
        if (!parse_operand(p, &right) || !calculate(p, sign, out, &right)) return false;
    return true;
}

static bool parse_sum(Parser *p, Value *out) {
    Value right;
    char sign;
    if (!parse_product(p, out)) return false;
    while (skip_sign(p, "+-", &sign))
        if (!parse_product(p, &right) || !calculate(p, sign, out, &right)) return false;
    return true;
}

static bool compare(const Parser *p, int relation, const Value *a, const Value *b, Value *out) {
    int order = a->number < b->number ? -1 : a->number > b->number;
    if (a->kind != b->kind)
        return error_set(p->err, "a number, a text and a truth cannot be compared with each other");
    if (a->kind == VALUE_ARRAY) return error_set(p->err, "arrays cannot be compared");
    if (a->kind == VALUE_TEXT) order = strcmp(a->text, b->text);
    const bool results[] = {order != 0, order <= 0, order >= 0, order == 0, (order < 0), (order > 0)};
    *out = (Value){.kind = VALUE_TRUTH, .number = results[relation]};
    return true;
}

static bool parse_comparison(Parser *p, Value *out) {
    static const char *const RELATIONS[] = {"!=", "<=", ">=", "=", "<", ">"};
    Value left = {0}, right = {0};
    if (!parse_sum(p, &left)) return false;
    *out = left;
    for (int i = 0; i < 6; i++)
        if (skip(p, RELATIONS[i])) return parse_sum(p, &right) && compare(p, i, &left, &right, out);
    return true;
}

bool expression_value(const char *expression, const cJSON *document, Value *out, Error *err) {
    Parser p = {.at = expression, .document = document, .err = err};
    if (!parse_comparison(&p, out)) return false;
    skip(&p, "");
    return !*p.at ||
           error_set(err, "what is \"%s\" after the expression? +, -, * and / have spaces around them", p.at);
}

// ---- texts --------------------------------------------------------------------------------------

// One {{...}}, without the braces.
static bool fill_one(const char *inside, size_t n, const cJSON *document, FILE *out, Error *err) {
    char expression[512], written[VALUE_TEXT_BYTES + 16];
    Value value;
    if (n >= sizeof expression)
        return error_set(err, "an expression is longer than %zu bytes", sizeof expression - 1);
    memcpy(expression, inside, n);
    expression[n] = '\0';
    char *bar = strchr(expression, '|');
    char *format = bar ? bar + 1 : expression + n;
    if (bar) *bar = '\0';
    while (isspace((unsigned char)*format)) format++;
    format[strcspn(format, " \t\n")] = '\0';
    if (!expression_value(expression, document, &value, err)) return false;
    if (!value_write(&value, format, written, sizeof written, err)) return false;
    return fputs(written, out) >= 0;
}

char *expression_fill(const char *text, const cJSON *document, Error *err) {
    char *filled = NULL;
    size_t n_bytes;
    FILE *out = open_memstream(&filled, &n_bytes);
    bool ok = out || error_no_memory(err, "a text", strlen(text));
    for (const char *at = text; ok && *at;) {
        const char *open = strstr(at, "{{"), *close = open ? strstr(open, "}}") : NULL;
        fwrite(at, 1, open ? (size_t)(open - at) : strlen(at), out);
        if (!open) break;
        ok = close || error_set(err, "{{ without }}: %.40s", open);
        if (ok) ok = fill_one(open + 2, (size_t)(close - open - 2), document, out, err);
        if (ok) at = close + 2;
    }
    if (out && fclose(out) != 0 && ok) ok = error_no_memory(err, "a text", n_bytes);
    if (ok) return filled;
    free(filled);
    return NULL;
}
