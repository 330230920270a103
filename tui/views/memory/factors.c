// The factors of the memory formula: their values, the useful ones that keys go through, and the commands
// that set them.
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

bool memory_has_factor(const App *app, Factor factor) {
    return factor != FACTOR_SOURCE || app->sizes.source_length > 0;
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

int64_t memory_factor(const App *app, Factor factor) {
    CacheSizes sizes = app->sizes;
    int64_t *place = place_of(&sizes, factor);
    if (place) return *place;
    return factor == FACTOR_DTYPE ? sizes.bits : factor == FACTOR_MEMORY ? app->memory : app->sizes_of;
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

Formatted memory_factor_text(const App *app, Factor factor) {
    int64_t value = memory_factor(app, factor);
    return factor == FACTOR_DTYPE    ? dtype_text((int)value)
           : factor == FACTOR_MEMORY ? format_bytes(value)
                                     : format_grouped(value);
}

// ---- models -------------------------------------------------------------------------------------

CacheSizes memory_row_sizes(const App *app, int row) {
    const Config *config = &app->timeline->config;
    return row == 0 ? config_cache_sizes(config, config->n_ctx) : known_model_sizes(&KNOWN_MODELS[row - 1]);
}

const char *memory_row_name(const App *app, int row) {
    return row == 0 ? app->timeline->config.name : KNOWN_MODELS[row - 1].name;
}

bool memory_is_changed(const App *app) {
    CacheSizes a = memory_row_sizes(app, app->sizes_of), b = app->sizes;
    return a.n_layers != b.n_layers || a.n_heads != b.n_heads || a.n_kv_heads != b.n_kv_heads ||
           a.d_head != b.d_head || a.length != b.length || a.batch != b.batch ||
           a.source_length != b.source_length || a.bits != b.bits;
}

static void set_row(App *app, int row) {
    app->sizes_of = row;
    app->sizes = memory_row_sizes(app, row);
    if (!memory_has_factor(app, (Factor)app->factor)) app->factor = FACTOR_LENGTH;
}

void memory_view_reset(App *app) {
    if (app->memory == 0) app->memory = 8 * GB;
    set_row(app, 0);
}

static void take_row(App *app, int row) {
    set_row(app, row);
    if (row == 0)
        app_say(app, "the sizes of this model, %s", memory_row_name(app, 0));
    else
        app_say(app, "the sizes of %s, from %s", KNOWN_MODELS[row - 1].name, KNOWN_MODELS[row - 1].reference);
}

bool memory_view_sizes(App *app, const char *argument, Error *err) {
    char *end;
    errno = 0;
    long row = strtol(argument, &end, 10);
    const KnownModel *known = known_model_find(argument);
    if (known) row = known - KNOWN_MODELS + 1;
    if (!known && (*end || errno || row < 0 || row > N_KNOWN_MODELS))
        return error_set(
            err,
            "there is no known model \"%s\": give a name of the list, or a number from 0 (this model) to %d",
            argument, N_KNOWN_MODELS);
    take_row(app, (int)row); // "" is row 0
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
static int useful(const App *app, Factor factor, int64_t *values) {
    static const int HEAD_SIZES[] = {8, 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 256, 512},
                     MEMORIES[] = {1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96, 141, 192, 288, 640, 1128},
                     BITS[] = {4, 8, 16, 32};
    CacheSizes own = memory_row_sizes(app, app->sizes_of), ours = memory_row_sizes(app, 0);
    switch (factor) {
    case FACTOR_LAYERS:
        return multiples(values, 1, 128);
    case FACTOR_HEADS: // so that the KV heads still divide them
        return multiples(values, app->sizes.n_kv_heads, 128);
    case FACTOR_KV_HEADS:
        return divisors(values, app->sizes.n_heads);
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

double memory_factor_share(const App *app, Factor factor) {
    int64_t values[MOST_VALUES + 2], value = memory_factor(app, factor);
    int n = useful(app, factor, values), n_below = 0;
    while (n_below < n && values[n_below] < value) n_below++;
    if (n < 2) return 0;
    return n_below < n - 1 ? n_below / (n - 1.0) : 1;
}

// ---- commands -----------------------------------------------------------------------------------

static bool set_factor(App *app, Factor factor, int64_t value, Error *err) {
    CacheSizes sizes = app->sizes;
    int64_t *place = place_of(&sizes, factor);
    if (place) *place = value;
    if (factor == FACTOR_DTYPE) sizes.bits = (int)value;
    if (!cache_sizes_check(&sizes, err)) return false;
    app->sizes = sizes;
    if (factor == FACTOR_MEMORY) app->memory = value;
    return true;
}

bool memory_view_change(App *app, int by, Error *err) {
    Factor factor = (Factor)app->factor;
    int64_t values[MOST_VALUES + 2], now = memory_factor(app, factor), next = now;
    if (factor == FACTOR_MODEL) {
        int row = app->sizes_of + (by > 0 ? 1 : -1);
        if (row >= 0 && row <= N_KNOWN_MODELS) take_row(app, row);
        return true;
    }
    int n = useful(app, factor, values);
    for (int i = n - 1; by > 0 && i >= 0; i--)
        if (values[i] > now) next = values[i];
    for (int i = 0; by < 0 && i < n; i++)
        if (values[i] < now) next = values[i];
    if (next != now) return set_factor(app, factor, next, err);
    app_say(app, "%s goes no further by keys; the command `factor %s VALUE` sets any value",
            FACTOR_NAMES[factor], FACTOR_NAMES[factor]);
    return true;
}

// A factor by its name or the beginning of it, with "n_" or without; N_FACTORS when there is none.
static Factor find_factor(const App *app, const char *name, size_t length) {
    for (int i = 0; i < N_FACTORS; i++) {
        const char *full = FACTOR_NAMES[i], *bare = strncmp(full, "n_", 2) == 0 ? full + 2 : full;
        if (!memory_has_factor(app, (Factor)i)) continue;
        if (strncmp(full, name, length) == 0 || strncmp(bare, name, length) == 0) return (Factor)i;
    }
    return N_FACTORS;
}

static bool set_from_text(App *app, Factor factor, const char *text, Error *err) {
    if (factor == FACTOR_MODEL) return memory_view_sizes(app, text, err);
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
    return set_factor(app, factor, value, err);
}

bool memory_view_factor(App *app, const char *argument, Error *err) {
    size_t length = strcspn(argument, " ");
    const char *value = argument + length + strspn(argument + length, " ");
    if (strcmp(argument, "+1") == 0 || strcmp(argument, "-1") == 0) {
        do app->factor = (app->factor + (*argument == '+' ? 1 : N_FACTORS - 1)) % N_FACTORS;
        while (!memory_has_factor(app, (Factor)app->factor));
        return true;
    }
    char *end;
    long number = strtol(argument, &end, 10);
    bool is_number = length > 0 && end == argument + length;
    Factor factor = length == 0 ? N_FACTORS : is_number ? N_FACTORS : find_factor(app, argument, length);
    if (is_number && number >= 0 && number < N_FACTORS && memory_has_factor(app, (Factor)number))
        factor = (Factor)number;
    if (factor == N_FACTORS)
        return error_set(
            err,
            "there is no factor \"%.*s\"; there are: n_layers, n_heads, n_kv_heads, d_head, length, batch, "
            "dtype, memory, model%s",
            (int)length, argument, memory_has_factor(app, FACTOR_SOURCE) ? ", source" : "");
    app->factor = (int)factor;
    return !*value || set_from_text(app, factor, value, err);
}
