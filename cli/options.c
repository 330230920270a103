#include "cli.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"

int fail(int status, const Error *err) {
    char clean[4 * sizeof err->text];
    text_neutralise(clean, sizeof clean, text_from(err->text), TEXT_LINE);
    fprintf(stderr, "kvstep: %s\n", clean);
    return status;
}

int fail_usage(const char *command, const Error *err) {
    if (err) fail(EXIT_USAGE, err);
    fprintf(stderr, "Try `kvstep %s%s--help`.\n", command, *command ? " " : "");
    return EXIT_USAGE;
}

bool begin_json(Output *output, JsonWriter *json, Error *err) {
    if (!output_stream(output, stdout, "standard output", err)) return false;
    json_writer_init(json, output);
    json_begin_object(json, NULL, JSON_LINES);
    return true;
}

bool parse_int(const char *text, const char *option, long long min, long long max, long long *out, Error *err) {
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (end != text && !*end && errno == 0 && *out >= min && *out <= max) return true;
    return error_set(err, "%s takes a whole number from %lld to %lld, not %s", option, min, max, text);
}

static bool parse_float(const char *text, const char *option, double min, double max, float *out, Error *err) {
    char *end;
    double value = strtod(text, &end);
    *out = (float)value;
    if (end != text && !*end && value >= min && value <= max) return true;
    return error_set(err, "%s takes a number from %g to %g, not %s", option, min, max, text);
}

// "1,2,3"; the caller frees out->ids.
static bool parse_ids(const char *text, const char *option, TokenIds *out, Error *err) {
    size_t most = 1;
    for (const char *c = text; *c; c++) most += *c == ',';
    *out = (TokenIds){.ids = malloc(most * sizeof(int))};
    if (!out->ids) return error_memory(err, "the prompt", (double)most * sizeof(int));
    while (*text) {
        char *end;
        errno = 0;
        long id = strtol(text, &end, 10);
        if (end == text || errno || id < 0 || id > INT32_MAX || (*end && *end != ',') || (*end && !end[1])) {
            free(out->ids);
            out->ids = NULL;
            return error_set(err,
                             "%s takes token ids with commas between them, such as 1,2,3; it stops making sense at \"%s\"",
                             option, text);
        }
        out->ids[out->n++] = (int)id;
        text = *end ? end + 1 : end;
    }
    return true;
}

bool parse_sites(const char *text, SiteMask *out, Error *err) {
    if (strcmp(text, "all") == 0) {
        *out = SITE_ALL;
        return true;
    }
    if (!*text) return error_set(err, "--record takes names of sites with commas between them, or all");
    for (*out = 0; *text;) {
        size_t length = strcspn(text, ",");
        SiteId site = site_find(text, length);
        if (site == SITE_COUNT) {
            size_t used = (size_t)snprintf(err->text, sizeof err->text,
                                           "--record does not know the site \"%.*s\"; there are: all", (int)length, text);
            for (int i = 0; i < SITE_COUNT && used < sizeof err->text; i++)
                used += (size_t)snprintf(err->text + used, sizeof err->text - used, ", %s", SITES[i].name);
            return false;
        }
        *out |= SITE_BIT(site);
        text += length + (text[length] == ',');
    }
    return true;
}

GenerateOptions generate_defaults(void) {
    return (GenerateOptions){.model = DEFAULT_MODEL,
                             .session = {.sampling = {.top_p = 1}, .n_candidates = 10, .recompute = true}};
}

const char GENERATE_HELP[] =
    "  -p, --prompt TEXT    the text to go on from\n"
    "      --ids 1,2,3      the prompt as token ids, also for a folder without a tokenizer\n"
    "      --source TEXT    what an encoder-decoder reads, such as the date for the model dates\n"
    "      --source-ids 1,2 the source as token ids\n"
    "      --temperature T  0 (the default) is greedy: always the most likely token; 1 is the model's own spread\n"
    "      --top-k K        choose among the K most likely tokens only (0: all)\n"
    "      --top-p P        choose among the most likely tokens that together reach the share P (1: all)\n"
    "      --seed S         the same seed gives the same text (0 to 4294967295; default 0)\n"
    "      --candidates C   how many of the most likely tokens each step keeps (default 10)\n";

bool parse_generate(int option, const char *value, GenerateOptions *out, Error *err) {
    Sampling *sampling = &out->session.sampling;
    long long n = 0;
    bool ok = true;
    switch (option) {
    case 'p':
        out->prompt = value;
        break;
    case 'I':
        out->ids = value;
        break;
    case 'X':
        out->source = value;
        break;
    case 'Y':
        out->source_ids = value;
        break;
    case 'T':
        ok = parse_float(value, "--temperature", 0, 100, &sampling->temperature, err);
        break;
    case 'P':
        ok = parse_float(value, "--top-p", 0, 1, &sampling->top_p, err);
        break;
    case 'K':
        ok = parse_int(value, "--top-k", 0, INT32_MAX, &n, err);
        sampling->top_k = (int)n;
        break;
    case 'S':
        ok = parse_int(value, "--seed", 0, UINT32_MAX, &n, err);
        sampling->seed = (uint32_t)n;
        break;
    case 'C':
        ok = parse_int(value, "--candidates", 1, INT32_MAX, &n, err);
        out->session.n_candidates = (int)n;
        break;
    default:
        assert(!"an option of GENERATE_LONG");
    }
    return ok && sampling_check(sampling, err);
}

static bool text_ids(const char *text, const Model *model, TokenIds *ids, Error *err) {
    if (!model->tokenizer)
        return error_set(err,
                         "%s has no tokenizer.json, so that it cannot read text: give token ids instead, with --ids 1,2,3%s",
                         model->config.name, model->encoder ? " and --source-ids 1,2,3" : "");
    return tokenizer_encode_prompt(model->tokenizer, text_from(text), ids, err);
}

// A text after the token that an encoder-decoder's texts start with.
static bool put_start(int start_id, TokenIds *ids, Error *err) {
    int *longer = realloc(ids->ids, ((size_t)ids->n + 1) * sizeof *longer);
    if (!longer) return error_memory(err, "the prompt", (double)ids->n * sizeof *longer);
    memmove(longer + 1, longer, (size_t)ids->n * sizeof *longer);
    longer[0] = start_id;
    *ids = (TokenIds){longer, ids->n + 1};
    return true;
}

// The prompt's ids, from --ids or from -p through the model's tokenizer.
static bool prompt_ids(const GenerateOptions *options, const Model *model, TokenIds *ids, Error *err) {
    int start_id = model->config.start_id;
    if (options->ids) return parse_ids(options->ids, "--ids", ids, err);
    if (options->prompt && *options->prompt && !text_ids(options->prompt, model, ids, err)) return false;
    bool starts = ids->n > 0 && ids->ids[0] == start_id; // its tokenizer has put it there
    return start_id < 0 || starts || put_start(start_id, ids, err);
}

static bool source_ids(const GenerateOptions *options, const Model *model, TokenIds *ids, Error *err) {
    bool given = options->source || options->source_ids;
    if (!model->encoder)
        return !given || error_set(err, "%s has no encoder, so that it cannot read a source: give a prompt with -p",
                                   model->config.name);
    if (!given)
        return error_set(err, "%s is an encoder-decoder: give it a source to read, with --source TEXT or --source-ids 1,2,3",
                         model->config.name);
    if (options->source_ids) return parse_ids(options->source_ids, "--source-ids", ids, err);
    return text_ids(options->source, model, ids, err);
}

static bool check_prompt_options(const GenerateOptions *options, Error *err) {
    if (options->prompt && options->ids) return error_set(err, "give the prompt with -p or with --ids, not with both");
    if (options->source && options->source_ids)
        return error_set(err, "give the source with --source or with --source-ids, not with both");
    if (options->source || options->source_ids || options->fill_in) return true;
    if (!options->prompt && !options->ids) return error_set(err, "give a prompt: -p TEXT, or --ids 1,2,3");
    return *(options->ids ? options->ids : options->prompt) ||
           error_set(err, "the prompt is empty: give some text with -p, or token ids with --ids");
}

static void fill_in(GenerateOptions *options, const Model *model) {
    bool has_prompt = options->prompt || options->ids, has_source = options->source || options->source_ids;
    if (!model->encoder && !has_prompt) options->prompt = DEFAULT_PROMPT;
    if (model->encoder && !has_source) options->source = DEFAULT_SOURCE;
}

static bool load(Model *model, const char *folder, Error *err) {
    Progress progress;
    progress_begin(&progress, "loading the weights");
    bool ok = model_load(model, folder, &progress.control, err);
    progress_end(&progress);
    return ok;
}

bool start_session(const GenerateOptions *given, Model *model, Session **session, int *status, Error *err) {
    GenerateOptions filled = *given, *options = &filled;
    char folder[4096];
    SessionInput input = {0};
    *status = EXIT_USAGE;
    if (!check_prompt_options(options, err)) return false;
    *status = EXIT_WORLD;
    if (!find_model(options->model, folder, sizeof folder, err) || !load(model, folder, err)) return false;
    *status = EXIT_USAGE;
    if (options->fill_in) fill_in(options, model);
    if (!options->ids && options->prompt) input.prompt = text_from(options->prompt);
    if (options->source) input.source_text = text_from(options->source);
    bool ok = source_ids(options, model, &input.source, err) && prompt_ids(options, model, &input.ids, err) &&
              session_new(session, model, &input, &options->session, err);
    free(input.ids.ids);
    free(input.source.ids);
    if (!ok) model_free(model);
    return ok;
}
