// `kvstep memory`: the memory of a KV cache, for a model folder, a known public model, or sizes from options.
#include "cli/memory.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/decode/cost_formula.h"

static const char HELP[] =
    N_("Usage: kvstep memory [MODEL] [options]\n"
       "\n"
       "Prints the size of a KV cache: the formula with its numbers, the bytes per token, and the same for\n"
       "multi-head, grouped-query and multi-query attention. MODEL is an installed model, a Hugging Face "
       "folder, or one of "
       "the\n"
       "known public models, which `kvstep memory` alone lists. Options take the place of the model's own "
       "sizes; without a\n"
       "MODEL, --layers, --heads, --d-head and --length are needed.\n"
       "\n"
       "      --layers N       layers of the decoder\n"
       "      --heads N        query heads\n"
       "      --kv-heads N     key/value heads: a divisor of the query heads (default: as many)\n"
       "      --d-head N       numbers in a head's key or value\n"
       "      --length N       tokens of each sequence (default: the model's context)\n"
       "      --batch N        sequences in the batch (default 1)\n"
       "      --source N       with cross-attention: tokens of the source (default: the encoder's context)\n"
       "      --dtype TYPE     dtype of the cache: f32, f16, bf16, f8, int8 or int4 (default: f32, as in\n"
       "                       kvstep's own cache; for a known public model, that of its weights)\n"
       "      --memory SIZE    print how many tokens fit into SIZE, such as 24GB, 24GiB or 80e9 (bytes)\n"
       "      --json           print JSON\n"
       "  -h, --help           show this help\n");

// Above it the error names the option; that of cache_sizes_check() names only the product.
static const long long MAX_SIZE = 1000000000000;

// The options; 0 and NULL stand for those that were not given.
typedef struct MemoryOptions {
    const char *model;
    CacheSizes sizes;
    const CacheDType *dtype;
    int64_t memory;
    bool any, json, help;
} MemoryOptions;

enum {
    OPT_LAYERS = 256,
    OPT_HEADS,
    OPT_KV_HEADS,
    OPT_D_HEAD,
    OPT_LENGTH,
    OPT_BATCH,
    OPT_SOURCE,
    OPT_DTYPE,
    OPT_MEMORY,
    OPT_JSON
};

static const struct option LONG[] = {{"layers", required_argument, NULL, OPT_LAYERS},
                                     {"heads", required_argument, NULL, OPT_HEADS},
                                     {"kv-heads", required_argument, NULL, OPT_KV_HEADS},
                                     {"d-head", required_argument, NULL, OPT_D_HEAD},
                                     {"length", required_argument, NULL, OPT_LENGTH},
                                     {"batch", required_argument, NULL, OPT_BATCH},
                                     {"source", required_argument, NULL, OPT_SOURCE},
                                     {"dtype", required_argument, NULL, OPT_DTYPE},
                                     {"memory", required_argument, NULL, OPT_MEMORY},
                                     {"json", no_argument, NULL, OPT_JSON},
                                     {"help", no_argument, NULL, 'h'},
                                     {0}};

static bool parse_bytes(const char *text, int64_t *out, Error *err) {
    return cache_sizes_parse_bytes(text, out) ||
           error_set(err,
                     "--memory takes a size such as 24GB (powers of 1000), 24GiB (powers of 1024) or 80e9 "
                     "(bytes), not %s",
                     text);
}

static bool parse_cache_dtype(const char *text, const CacheDType **out, Error *err) {
    *out = cache_dtype_find(text);
    if (*out) return true;
    return error_set(err, "--dtype takes f32, f16, bf16, f8, int8 or int4, not %s", text);
}

// The size that an option sets.
static int64_t *size_of_option(CacheSizes *sizes, int option) {
    switch (option) {
    case OPT_LAYERS:
        return &sizes->n_layers;
    case OPT_HEADS:
        return &sizes->n_heads;
    case OPT_KV_HEADS:
        return &sizes->n_kv_heads;
    case OPT_D_HEAD:
        return &sizes->d_head;
    case OPT_LENGTH:
        return &sizes->length;
    case OPT_BATCH:
        return &sizes->batch;
    default:
        return &sizes->source_length;
    }
}

static bool parse_option(int option, const char *value, MemoryOptions *options, Error *err) {
    options->any |= option != OPT_JSON;
    if (option == OPT_JSON) return options->json = true;
    if (option == OPT_DTYPE) return parse_cache_dtype(value, &options->dtype, err);
    if (option == OPT_MEMORY) return parse_bytes(value, &options->memory, err);
    char name[16];
    long long n;
    snprintf(name, sizeof name, "--%s", LONG[option - OPT_LAYERS].name);
    if (!parse_int(value, name, 1, MAX_SIZE, &n, err)) return false;
    *size_of_option(&options->sizes, option) = n;
    return true;
}

static bool parse(int argc, char **argv, MemoryOptions *options, Error *err) {
    int option;
    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        err->text[0] = '\0';
        if (option == '?') return false; // getopt has said why
        if (option == 'h')
            options->help = true;
        else if (!parse_option(option, optarg, options, err))
            return false;
    }
    if (optind < argc) options->model = argv[optind++];
    return optind == argc || error_set(err, "give one model at a time; \"%s\" is a second one", argv[optind]);
}

// The sizes of a model folder, for kvstep's own cache.
static bool folder_sizes(const char *folder, MemoryRequest *request, Error *err) {
    Config config, encoder;
    if (!config_load(&config, &encoder, folder, err)) return false;
    int n_source = !config.cross_attention ? 0 : encoder.n_layers > 0 ? encoder.n_ctx : config.n_ctx;
    request->sizes = cache_sizes_of(&config, config.n_ctx, n_source);
    request->dtype = cache_dtype_find("f32");
    snprintf(request->name, sizeof request->name, "%s", config.name);
    snprintf(request->reference, sizeof request->reference, _("its config.json"));
    return true;
}

static void known_sizes(const KnownModel *model, MemoryRequest *request) {
    request->sizes = known_model_sizes(model);
    request->dtype = cache_dtype_find(model->dtype);
    snprintf(request->name, sizeof request->name, "%s", model->name);
    snprintf(request->reference, sizeof request->reference, "%s%s", model->reference,
             strchr(model->reference, '/') ? _(" on the Hugging Face hub") : "");
}

static bool model_sizes(const char *name, MemoryRequest *request, Error *err) {
    char folder[4096];
    bool found = find_model(name, folder, sizeof folder, err) && is_model_folder(folder);
    const KnownModel *known = found ? NULL : known_model_find(name);
    if (found || (!known && strchr(name, '/'))) return folder_sizes(folder, request, err);
    if (!known)
        return error_set(
            err,
            "there is no model %s: it is not a folder, not an installed model (`kvstep models` lists "
            "them) and not a known public model (`kvstep memory` lists them)",
            name);
    known_sizes(known, request);
    return true;
}

static void override(int64_t *size, int64_t given) {
    if (given) *size = given;
}

// Lets the options' sizes override the model's. Names the first size that neither gives.
static bool apply_options(const MemoryOptions *options, MemoryRequest *request, Error *err) {
    const CacheSizes *given = &options->sizes;
    CacheSizes *sizes = &request->sizes;
    if (options->model && given->source_length && !sizes->source_length)
        return error_set(err, "--source is for models with cross-attention, and %s has none; leave it out",
                         request->name);
    if (options->model && (given->n_layers || given->n_heads || given->n_kv_heads || given->d_head))
        strncat(request->reference, _(", changed by options"),
                sizeof request->reference - strlen(request->reference) - 1);
    override(&sizes->n_layers, given->n_layers);
    override(&sizes->n_heads, given->n_heads);
    override(&sizes->d_head, given->d_head);
    override(&sizes->length, given->length);
    override(&sizes->batch, given->batch);
    override(&sizes->source_length, given->source_length);
    if (!options->model) sizes->n_kv_heads = sizes->n_heads;
    override(&sizes->n_kv_heads, given->n_kv_heads);
    if (options->dtype) request->dtype = options->dtype;
    sizes->bits = request->dtype->bits;
    request->memory = options->memory;
    const char *missing = !sizes->n_layers  ? "--layers"
                          : !sizes->n_heads ? "--heads"
                          : !sizes->d_head  ? "--d-head"
                          : !sizes->length  ? "--length"
                                            : NULL;
    if (missing)
        return error_set(err, "%s is missing: name a model, or give --layers, --heads, --d-head and --length",
                         missing);
    return cache_sizes_check(sizes, err);
}

static int print_table(bool json) {
    Error err;
    if (!json) {
        print_known_models();
        return EXIT_OK;
    }
    return print_known_models_json(&err) ? EXIT_OK : fail(EXIT_WORLD, &err);
}

int command_memory(int argc, char **argv) {
    MemoryOptions options = {0};
    MemoryRequest request = {.sizes = {.batch = 1}, .dtype = cache_dtype_find("f32")};
    Error err;
    if (!parse(argc, argv, &options, &err)) return fail_usage("memory", err.text[0] ? &err : NULL);
    if (options.help) {
        printf("%s", _(HELP));
        return EXIT_OK;
    }
    if (options.json) language_set("en"); // the document is the same in every language
    if (!options.model && !options.any) return print_table(options.json);
    if (options.model && !model_sizes(options.model, &request, &err)) return fail(EXIT_WORLD, &err);
    if (!apply_options(&options, &request, &err)) return fail_usage("memory", &err);
    if (options.json) return print_memory_json(&request, &err) ? EXIT_OK : fail(EXIT_WORLD, &err);
    print_memory(&request);
    return EXIT_OK;
}
