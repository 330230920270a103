// Prints the answers of `kvstep memory`, as text in 80 columns and as JSON.
#include "cli/memory.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "core/model/config.h"
#include "tui/screen/format.h"

// "4.29 GB" with a base of 1000, "4.00 GiB" with 1024: two decimals below 100, none above.
static Formatted scaled(double n, double base) {
    static const char *const UNITS[2][7] = {{"B", "kB", "MB", "GB", "TB", "PB", "EB"},
                                            {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}};
    int unit = 0;
    while (n >= base - 0.5 && unit < 6) n /= base, unit++;
    Formatted out;
    snprintf(out.text, sizeof out.text, "%.*f %s", unit > 0 && n < 99.995 ? 2 : 0, n,
             UNITS[base > 1000][unit]);
    return out;
}

static Formatted decimal(int64_t n_bytes) {
    return scaled((double)n_bytes, 1000);
}

// "4.29 GB (4.00 GiB)", "768 B"
static Formatted both_units(int64_t n_bytes) {
    if (n_bytes < 1000) return decimal(n_bytes);
    Formatted out;
    snprintf(out.text, sizeof out.text, "%.12s (%.12s)", decimal(n_bytes).text,
             scaled((double)n_bytes, 1024).text);
    return out;
}

// "4,294,967,296 B = 4.29 GB (4.00 GiB)"
static void print_bytes(int64_t n_bytes) {
    if (n_bytes >= 1000) printf("%s B = ", format_grouped(n_bytes).text);
    printf("%s\n", both_units(n_bytes).text);
}

static const char *plural(int64_t n) {
    return n == 1 ? "" : "s";
}

// Prints a product with its numbers and its result. A long one continues on a second line.
static void print_product(const CacheSizes *s, int64_t heads, const char *heads_name, int64_t length,
                          const char *tokens_name, int64_t n_bytes) {
    char first[128], second[96];
    snprintf(first, sizeof first, _("  2 · %s layer%s · %s %s%s · %s · "), format_grouped(s->n_layers).text,
             plural(s->n_layers), format_grouped(heads).text, heads_name, plural(heads),
             format_grouped(s->d_head).text);
    snprintf(second, sizeof second, _("%s %s%s · batch %s · %g B"), format_grouped(length).text, tokens_name,
             plural(length), format_grouped(s->batch).text, s->bits / 8.0);
    bool fits = text_columns(text_from(first)) + text_columns(text_from(second)) <= 80;
    printf("%s%s%s\n", first, fits ? "" : "\n    ", second);
    printf("    = ");
    print_bytes(n_bytes);
}

static void print_heading(const MemoryRequest *request) {
    const CacheSizes *s = &request->sizes;
    char kind[24];
    printf("%s%s%s, %s\n", request->name, *request->name ? ": " : "",
           attention_kind(s->n_heads, s->n_kv_heads, kind), request->dtype->name);
    if (*request->reference) printf(_("Sizes: %s\n"), request->reference);
}

static void print_formula(const CacheSizes *s) {
    bool cross = s->source_length > 0;
    printf(_("\nKV cache%s\n"), cross ? _(" of self-attention, which grows with the text") : "");
    print_product(s, s->n_kv_heads, _("KV head"), s->length, _("token"), cache_sizes_self_bytes(s));
    if (cross) {
        printf(_("KV cache of cross-attention, filled once from the source\n"));
        print_product(s, s->n_heads, _("head"), s->source_length, _("source token"),
                      cache_sizes_cross_bytes(s));
        printf(_("Both\n    = "));
        print_bytes(cache_sizes_bytes(s));
    }
    printf(_("\nEach further token of a sequence: "));
    print_bytes(cache_sizes_bytes_per_token(s));
}

static void print_comparison(const CacheSizes *sizes) {
    CacheSizes rows[3];
    char kind[24], share[40], heading[64];
    int n = cache_sizes_comparison(sizes, rows);
    snprintf(heading, sizeof heading, _("With %s query head%s"), format_grouped(sizes->n_heads).text,
             plural(sizes->n_heads));
    printf("\n");
    print_left(heading, 23);
    print_right(_("KV heads"), 9);
    print_right(_("B/token"), 13);
    print_right(_("total"), 23);
    print_right(_("of MHA"), 10);
    printf("\n");
    for (int i = 0; i < n; i++) {
        const CacheSizes *row = &rows[i];
        bool own = row->n_kv_heads == sizes->n_kv_heads;
        char name[40];
        snprintf(name, sizeof name, "%s %s", own ? ">" : " ",
                 attention_kind(row->n_heads, row->n_kv_heads, kind));
        int64_t ratio = row->n_heads / row->n_kv_heads;
        snprintf(share, sizeof share, "%s%s", ratio > 1 ? "1/" : "", format_grouped(ratio).text);
        print_left(name, 23);
        print_right(format_grouped(row->n_kv_heads).text, 9);
        print_right(format_grouped(cache_sizes_bytes_per_token(row)).text, 13);
        print_right(both_units(cache_sizes_self_bytes(row)).text, 23);
        print_right(share, 10);
        printf("\n");
    }
}

static void print_fit(const MemoryRequest *request) {
    const CacheSizes *s = &request->sizes;
    int64_t tokens = cache_sizes_max_tokens(s, request->memory);
    printf(_("\n%s is enough for %s token%s"), both_units(request->memory).text, format_grouped(tokens).text,
           plural(tokens));
    if (s->batch > 1) printf(_(" in each of the %s sequences"), format_grouped(s->batch).text);
    printf(_(".\nThis is for the cache alone; weights and activations need memory too.\n"));
}

void print_memory(const MemoryRequest *request) {
    print_heading(request);
    print_formula(&request->sizes);
    print_comparison(&request->sizes);
    if (request->memory) print_fit(request);
    printf(_("\nThe 2 is for K and V. kB, MB, GB are powers of 1000; KiB, MiB, GiB of 1024.\n"));
    if (request->sizes.bits <= 8) printf(_("The scales of 8-bit and 4-bit numbers are not included.\n"));
}

void print_known_models(void) {
    char kind[24];
    printf(_("KV cache of known public models: one sequence of full context, in the\n"
             "dtype of the published weights. kB, MB, GB are powers of 1000.\n\n"));
    print_left(_("model"), 16);
    print_right(_("KV heads"), 9);
    printf("  ");
    print_left(_("attention"), 11);
    print_left(_("type"), 5);
    print_right(_("B/token"), 10);
    print_right(_("context"), 10);
    print_right(_("full cache"), 12);
    printf("\n");
    for (int i = 0; i < N_KNOWN_MODELS; i++) {
        const KnownModel *model = &KNOWN_MODELS[i];
        CacheSizes sizes = known_model_sizes(model);
        print_left(model->name, 16);
        print_right(format_grouped(model->n_kv_heads).text, 9);
        printf("  ");
        print_left(attention_kind(model->n_heads, model->n_kv_heads, kind), 11);
        print_left(model->dtype, 5);
        print_right(format_grouped(cache_sizes_bytes_per_token(&sizes)).text, 10);
        print_right(format_grouped(model->n_ctx).text, 10);
        print_right(decimal(cache_sizes_bytes(&sizes)).text, 12);
        printf("\n");
    }
    printf(_("\n`kvstep memory \"%s\"` shows more; --json includes the source of each row.\n"),
           KNOWN_MODELS[5].name);
}

static void write_sizes(JsonWriter *json, const CacheSizes *s) {
    char kind[24];
    json_string(json, "attention", attention_kind(s->n_heads, s->n_kv_heads, kind));
    json_int(json, "n_layers", s->n_layers);
    json_int(json, "n_heads", s->n_heads);
    json_int(json, "n_kv_heads", s->n_kv_heads);
    json_int(json, "d_head", s->d_head);
    json_int(json, "length", s->length);
    json_int(json, "batch", s->batch);
    json_int(json, "source_length", s->source_length);
    json_int(json, "bits_per_number", s->bits);
}

static void write_bytes(JsonWriter *json, const CacheSizes *s) {
    json_int(json, "bytes_per_token", cache_sizes_bytes_per_token(s));
    json_int(json, "self_bytes", cache_sizes_self_bytes(s));
    json_int(json, "cross_bytes", cache_sizes_cross_bytes(s));
    json_int(json, "bytes", cache_sizes_bytes(s));
}

static void write_string(JsonWriter *json, const char *name, const char *value) {
    *value ? json_string(json, name, value) : json_null(json, name);
}

bool print_memory_json(const MemoryRequest *request, Error *err) {
    Output output;
    JsonWriter json;
    CacheSizes rows[3];
    if (!begin_json(&output, &json, err)) return false;
    write_string(&json, "name", request->name);
    write_string(&json, "reference", request->reference);
    json_string(&json, "dtype", request->dtype->name);
    write_sizes(&json, &request->sizes);
    write_bytes(&json, &request->sizes);
    json_begin_array(&json, "comparison", JSON_LINES);
    int n = cache_sizes_comparison(&request->sizes, rows);
    for (int i = 0; i < n; i++) {
        char kind[24];
        json_begin_object(&json, NULL, JSON_INLINE);
        json_string(&json, "attention", attention_kind(rows[i].n_heads, rows[i].n_kv_heads, kind));
        json_int(&json, "n_kv_heads", rows[i].n_kv_heads);
        json_int(&json, "bytes_per_token", cache_sizes_bytes_per_token(&rows[i]));
        json_int(&json, "self_bytes", cache_sizes_self_bytes(&rows[i]));
        json_end(&json);
    }
    json_end(&json);
    if (request->memory) {
        json_int(&json, "memory_bytes", request->memory);
        json_int(&json, "tokens_that_fit", cache_sizes_max_tokens(&request->sizes, request->memory));
    }
    json_end(&json);
    return output_commit(&output, err);
}

bool print_known_models_json(Error *err) {
    Output output;
    JsonWriter json;
    if (!begin_json(&output, &json, err)) return false;
    json_begin_array(&json, "models", JSON_LINES);
    for (int i = 0; i < N_KNOWN_MODELS; i++) {
        CacheSizes sizes = known_model_sizes(&KNOWN_MODELS[i]);
        json_begin_object(&json, NULL, JSON_INLINE);
        json_string(&json, "name", KNOWN_MODELS[i].name);
        json_string(&json, "reference", KNOWN_MODELS[i].reference);
        json_string(&json, "dtype", KNOWN_MODELS[i].dtype);
        write_sizes(&json, &sizes);
        write_bytes(&json, &sizes);
        json_end(&json);
    }
    json_end(&json);
    json_end(&json);
    return output_commit(&output, err);
}
