// The factors of the memory formula: their values, the useful ones that keys go through, and setting them.
#include "core/decode/cost_formula.h"
#include "tui/views/memory/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 256 };

static const int64_t GB = 1000000000;

const char *const FACTOR_NAMES[N_FACTORS] = {"n_layers", "n_heads", "n_kv_heads", "d_head", "length",
                                             "source",   "batch",   "dtype",      "memory", "model"};

// The largest value that can be set; the least is 1. cache_sizes_check() looks at the product.
static const int64_t MOST[N_FACTORS] = {
    [FACTOR_LAYERS] = 10000,    [FACTOR_HEADS] = 10000,       [FACTOR_KV_HEADS] = 10000,
    [FACTOR_D_HEAD] = 100000,   [FACTOR_LENGTH] = 1000000000, [FACTOR_SOURCE] = 1000000000,
    [FACTOR_BATCH] = 100000000,
};

// ---- values -------------------------------------------------------------------------------------

bool memory_has_factor(const MemoryView *view, Factor factor) {
    return factor != FACTOR_SOURCE || view->sizes.source_length > 0;
}

// Where a factor that is a whole number stands; NULL for the others.
static int64_t *place_of(CacheSizes *sizes, Factor factor) {
    int64_t *const places[N_FACTORS] = {
        [FACTOR_LAYERS] = &sizes->n_layers,      [FACTOR_HEADS] = &sizes->n_heads,
        [FACTOR_KV_HEADS] = &sizes->n_kv_heads,  [FACTOR_D_HEAD] = &sizes->d_head,
        [FACTOR_LENGTH] = &sizes->length,        [FACTOR_BATCH] = &sizes->batch,
        [FACTOR_SOURCE] = &sizes->source_length,
    };
    return places[factor];
}

int64_t memory_factor(const MemoryView *view, Factor factor) {
    CacheSizes sizes = view->sizes;
    int64_t *place = place_of(&sizes, factor);
    if (place) return *place;
    return factor == FACTOR_DTYPE ? sizes.bits : factor == FACTOR_MEMORY ? view->memory : view->row;
}

// "f16/bf16 2 B": all types of that many bits.
static Formatted dtype_text(int bits) {
    Formatted out = {""};
    size_t used = 0;
    for (int i = 0; i < N_CACHE_DTYPES; i++)
        if (CACHE_DTYPES[i].bits == bits)
            used += (size_t)snprintf(out.text + used, sizeof out.text - used, "%s%s", used ? "/" : "",
                                     CACHE_DTYPES[i].name);
    snprintf(out.text + used, sizeof out.text - used, " %g B", bits / 8.0);
    return out;
}

Formatted memory_factor_text(const MemoryView *view, Factor factor) {
    int64_t value = memory_factor(view, factor);
    return factor == FACTOR_DTYPE    ? dtype_text((int)value)
           : factor == FACTOR_MEMORY ? format_bytes(value)
                                     : format_grouped(value);
}

// ---- models -------------------------------------------------------------------------------------

CacheSizes memory_row_sizes(const MemoryView *view, int row) {
    const Timeline *run = view->run;
    return row == 0 ? cache_sizes_of(&run->config, run->config.n_ctx, run->n_source)
                    : known_model_sizes(&KNOWN_MODELS[row - 1]);
}

const char *memory_row_name(const MemoryView *view, int row) {
    return row == 0 ? view->run->config.name : KNOWN_MODELS[row - 1].name;
}

bool memory_is_changed(const MemoryView *view) {
    CacheSizes a = memory_row_sizes(view, view->row), b = view->sizes;
    return a.n_layers != b.n_layers || a.n_heads != b.n_heads || a.n_kv_heads != b.n_kv_heads ||
           a.d_head != b.d_head || a.length != b.length || a.batch != b.batch ||
           a.source_length != b.source_length || a.bits != b.bits;
}

void memory_take_row(MemoryView *view, int row) {
    view->row = row;
    view->sizes = memory_row_sizes(view, row);
    if (!memory_has_factor(view, view->factor)) view->factor = FACTOR_LENGTH;
}

void memory_reset(MemoryView *view, const Timeline *run) {
    view->run = run;
    if (view->memory == 0) view->memory = 8 * GB;
    memory_take_row(view, 0);
}

bool memory_find_row(const char *text, int *row, Error *err) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    const KnownModel *known = known_model_find(text);
    if (known) number = known - KNOWN_MODELS + 1;
    if (!known && (*end || errno || number < 0 || number > N_KNOWN_MODELS))
        return error_set(
            err,
            "there is no known model \"%s\": give a name of the list, or a number from 0 (this model) to %d",
            text, N_KNOWN_MODELS);
    *row = (int)number; // "" is row 0
    return true;
}

// ---- the next useful value ----------------------------------------------------------------------

// Puts a value into its place among n rising ones; returns how many there are now.
static int insert(int64_t *values, int n, int64_t value) {
    int at = n;
    while (at > 0 && values[at - 1] >= value) at--;
    if ((at < n && values[at] == value) || value < 1) return n;
    memmove(values + at + 1, values + at, (size_t)(n - at) * sizeof *values);
    values[at] = value;
    return n + 1;
}

static int copy(int64_t *values, const int *from, int n, int64_t unit) {
    for (int i = 0; i < n; i++) values[i] = from[i] * unit;
    return n;
}

// Powers of two up to `most`, and a number of the model at hand.
static int powers(int64_t *values, int64_t most, int64_t own, int64_t another) {
    int n = 0;
    for (int64_t power = 1; power <= most; power *= 2) values[n++] = power;
    return insert(values, insert(values, n, own), another);
}

static int divisors(int64_t *values, int64_t number) {
    int n = 0;
    for (int64_t i = 1; i <= number && n < MOST_VALUES; i++)
        if (number % i == 0) values[n++] = i;
    return n;
}

static int multiples(int64_t *values, int64_t number, int64_t most) {
    int n = 0;
    do {
        values[n] = (n + 1) * number;
        n++;
    } while (n < MOST_VALUES && values[n - 1] + number <= most);
    return n;
}

// The useful values of a factor, rising; MOST_VALUES at most.
static int useful(const MemoryView *view, Factor factor, int64_t *values) {
    static const int HEAD_SIZES[] = {8, 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 256, 512},
                     MEMORIES[] = {1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96, 141, 192, 288, 640, 1128},
                     BITS[] = {4, 8, 16, 32};
    CacheSizes own = memory_row_sizes(view, view->row), ours = memory_row_sizes(view, 0);
    switch (factor) {
    case FACTOR_LAYERS:
        return multiples(values, 1, 128);
    case FACTOR_HEADS: // so that the KV heads still divide them
        return multiples(values, view->sizes.n_kv_heads, 128);
    case FACTOR_KV_HEADS:
        return divisors(values, view->sizes.n_heads);
    case FACTOR_D_HEAD:
        return insert(values, copy(values, HEAD_SIZES, sizeof HEAD_SIZES / sizeof *HEAD_SIZES, 1),
                      own.d_head);
    case FACTOR_LENGTH:
        return powers(values, 1 << 24, own.length, ours.length);
    case FACTOR_SOURCE:
        return powers(values, 1 << 24, ours.source_length, 0);
    case FACTOR_BATCH:
        return powers(values, 1024, 0, 0);
    case FACTOR_DTYPE:
        return copy(values, BITS, sizeof BITS / sizeof *BITS, 1);
    case FACTOR_MEMORY:
        return copy(values, MEMORIES, sizeof MEMORIES / sizeof *MEMORIES, GB);
    default:
        return 0;
    }
}

double memory_factor_share(const MemoryView *view, Factor factor) {
    int64_t values[MOST_VALUES + 2], value = memory_factor(view, factor);
    int n = useful(view, factor, values), n_below = 0;
    while (n_below < n && values[n_below] < value) n_below++;
    if (n < 2) return 0;
    return n_below < n - 1 ? n_below / (n - 1.0) : 1;
}

int64_t memory_next(const MemoryView *view, Factor factor, int by) {
    int64_t values[MOST_VALUES + 2], now = memory_factor(view, factor), next = now;
    int n = useful(view, factor, values);
    for (int i = n - 1; by > 0 && i >= 0; i--)
        if (values[i] > now) next = values[i];
    for (int i = 0; by < 0 && i < n; i++)
        if (values[i] < now) next = values[i];
    return next;
}

// ---- setting ------------------------------------------------------------------------------------

bool memory_set(MemoryView *view, Factor factor, int64_t value, Error *err) {
    CacheSizes sizes = view->sizes;
    int64_t *place = place_of(&sizes, factor);
    if (place) *place = value;
    if (factor == FACTOR_DTYPE) sizes.bits = (int)value;
    if (!cache_sizes_check(&sizes, err)) return false;
    view->sizes = sizes;
    if (factor == FACTOR_MEMORY) view->memory = value;
    return true;
}

bool memory_set_from_text(MemoryView *view, Factor factor, const char *text, Error *err) {
    int64_t value = 0;
    if (factor == FACTOR_DTYPE) {
        const CacheDType *type = cache_dtype_find(text);
        if (!type) return error_set(err, "dtype takes f32, f16, bf16, f8, int8 or int4, not \"%s\"", text);
        value = type->bits;
    } else if (factor == FACTOR_MEMORY) {
        if (!cache_sizes_parse_bytes(text, &value))
            return error_set(
                err, "memory takes a size such as 24GB (powers of 1000) or 24GiB (of 1024), not \"%s\"",
                text);
    } else {
        char *end;
        errno = 0;
        value = strtoll(text, &end, 10);
        if (end == text || *end || errno || value < 1 || value > MOST[factor])
            return error_set(err, "%s takes a whole number from 1 to %s, not \"%s\"", FACTOR_NAMES[factor],
                             format_grouped(MOST[factor]).text, text);
    }
    return memory_set(view, factor, value, err);
}

static bool begins_with(const char *full, Text name) {
    return strncmp(full, name.bytes, name.n_bytes) == 0;
}

bool memory_find_factor(const MemoryView *view, Text name, Factor *out, Error *err) {
    char *end;
    long number = strtol(name.bytes, &end, 10);
    bool is_number = name.n_bytes > 0 && end == name.bytes + name.n_bytes;
    for (int i = 0; name.n_bytes > 0 && i < N_FACTORS; i++) {
        const char *full = FACTOR_NAMES[i], *bare = strncmp(full, "n_", 2) == 0 ? full + 2 : full;
        if (!memory_has_factor(view, (Factor)i)) continue;
        *out = (Factor)i;
        if (is_number ? number == i : begins_with(full, name) || begins_with(bare, name)) return true;
    }
    return error_set(
        err,
        "there is no factor \"%.*s\"; there are: n_layers, n_heads, n_kv_heads, d_head, length, batch, "
        "number, memory, model%s",
        (int)name.n_bytes, name.bytes, memory_has_factor(view, FACTOR_SOURCE) ? ", source" : "");
}
