#include "core/cache/cache_sizes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const CacheDType CACHE_DTYPES[N_CACHE_DTYPES] = {{"f32", 32}, {"f16", 16}, {"bf16", 16},
                                                 {"f8", 8},   {"int8", 8}, {"int4", 4}};

// INT64_MAX where 64 bits do not hold the product; no factor is negative.
static int64_t product(const int64_t *factors, size_t n) {
    int64_t result = 1;
    for (size_t i = 0; i < n; i++)
        if (factors[i] == 0) return 0;
    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(result, factors[i], &result)) return INT64_MAX;
    return result;
}

// 2 · bits / 8 is a whole number of bytes, which 4 bits alone are not.
static int64_t pair_bytes(const CacheSizes *s) {
    return s->bits / 4;
}

int64_t cache_sizes_self_bytes(const CacheSizes *s) {
    return product((int64_t[]){pair_bytes(s), s->n_layers, s->n_kv_heads, s->d_head, s->length, s->batch}, 6);
}

int64_t cache_sizes_cross_bytes(const CacheSizes *s) {
    return product((int64_t[]){pair_bytes(s), s->n_layers, s->n_heads, s->d_head, s->source_length, s->batch},
                   6);
}

int64_t cache_sizes_bytes(const CacheSizes *sizes) {
    int64_t bytes;
    bool over = __builtin_add_overflow(cache_sizes_self_bytes(sizes), cache_sizes_cross_bytes(sizes), &bytes);
    return over ? INT64_MAX : bytes;
}

int64_t cache_sizes_bytes_per_token(const CacheSizes *sizes) {
    CacheSizes one = *sizes;
    one.length = one.batch = 1;
    return cache_sizes_self_bytes(&one);
}

int64_t cache_sizes_max_tokens(const CacheSizes *sizes, int64_t n_bytes) {
    CacheSizes one = *sizes;
    one.length = 1;
    int64_t left = n_bytes - cache_sizes_cross_bytes(sizes);
    return left > 0 ? left / cache_sizes_self_bytes(&one) : 0;
}

static bool check_counts(const CacheSizes *s, Error *err) {
    const struct {
        const char *what;
        int64_t n;
    } counts[] = {{N_("layers"), s->n_layers},     {N_("query heads"), s->n_heads},
                  {N_("KV heads"), s->n_kv_heads}, {N_("numbers in a head"), s->d_head},
                  {N_("tokens"), s->length},       {N_("sequences in the batch"), s->batch}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i].n < 1)
            return error_set(err, "%lld %s is too few; give at least 1", (long long)counts[i].n,
                             _(counts[i].what));
    if (s->source_length < 0)
        return error_set(err, "the source has %lld tokens; give 0 or more", (long long)s->source_length);
    if (s->n_heads % s->n_kv_heads != 0)
        return error_set(
            err, "%lld query heads cannot share %lld KV heads equally; give a divisor of %lld as KV heads",
            (long long)s->n_heads, (long long)s->n_kv_heads, (long long)s->n_heads);
    return true;
}

bool cache_sizes_check(const CacheSizes *sizes, Error *err) {
    if (!check_counts(sizes, err)) return false;
    CacheSizes largest = *sizes;
    largest.n_kv_heads = largest.n_heads;
    return cache_sizes_bytes(&largest) < INT64_MAX ||
           error_set(err, "with one KV head per query head, a cache of these sizes would exceed 2^63 bytes "
                          "(9.2 EB); give smaller sizes");
}

// How many KV heads the comparison gives to GQA; 0 when no group of 2 to 8 heads divides them.
static int64_t grouped_heads(int64_t n_heads, int64_t n_kv_heads) {
    static const int GROUPS[] = {4, 5, 3, 6, 2, 7, 8};
    if (n_kv_heads > 1 && n_kv_heads < n_heads) return n_kv_heads;
    for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++)
        if (n_heads % GROUPS[i] == 0 && n_heads > GROUPS[i]) return n_heads / GROUPS[i];
    return 0;
}

int cache_sizes_comparison(const CacheSizes *sizes, CacheSizes out[3]) {
    const int64_t kv_heads[] = {sizes->n_heads, grouped_heads(sizes->n_heads, sizes->n_kv_heads), 1};
    int n = 0;
    for (int i = 0; i < 3; i++) {
        if (kv_heads[i] == 0 || (n > 0 && kv_heads[i] == out[n - 1].n_kv_heads)) continue;
        out[n] = *sizes;
        out[n++].n_kv_heads = kv_heads[i];
    }
    return n;
}

const CacheDType *cache_dtype_find(const char *name) {
    for (int i = 0; i < N_CACHE_DTYPES; i++)
        if (strcmp(CACHE_DTYPES[i].name, name) == 0) return &CACHE_DTYPES[i];
    return NULL;
}

bool cache_sizes_parse_bytes(const char *text, int64_t *out) {
    static const struct {
        const char *unit;
        double bytes;
    } UNITS[] = {
        {"", 1},      {"B", 1},        {"kB", 1e3},        {"MB", 1e6},           {"GB", 1e9},
        {"TB", 1e12}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0}};
    char *end;
    double number = strtod(text, &end);
    if (end == text) return false;
    end += strspn(end, " ");
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        double bytes = number * UNITS[i].bytes;
        if (strcasecmp(end, UNITS[i].unit) != 0 || !(bytes >= 1 && bytes < 0x1p63)) continue;
        *out = (int64_t)bytes;
        return true;
    }
    return false;
}

// The next letter or digit, as a small letter; 0 at the end.
static int next_letter(const char **text) {
    while (**text && !isalnum((unsigned char)**text)) ++*text;
    return **text ? tolower((unsigned char)*(*text)++) : 0;
}

static bool same_letters(const char *a, const char *b) {
    int letter;
    do {
        letter = next_letter(&a);
        if (letter != next_letter(&b)) return false;
    } while (letter);
    return true;
}

const KnownModel *known_model_find(const char *name) {
    const char *rest = name;
    if (!next_letter(&rest)) return NULL;
    for (int i = 0; i < N_KNOWN_MODELS; i++) {
        const KnownModel *model = &KNOWN_MODELS[i];
        const char *slash = strchr(model->reference, '/');
        if (same_letters(name, model->name) || same_letters(name, model->reference)) return model;
        if (slash && same_letters(name, slash + 1)) return model;
    }
    return NULL;
}

CacheSizes known_model_sizes(const KnownModel *model) {
    return (CacheSizes){.n_layers = model->n_layers,
                        .n_heads = model->n_heads,
                        .n_kv_heads = model->n_kv_heads,
                        .d_head = model->d_head,
                        .length = model->n_ctx,
                        .batch = 1,
                        .bits = cache_dtype_find(model->dtype)->bits};
}
