#include "cli/cli.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress_line.h"

int fail(int status, const Error *err) {
    char clean[4 * sizeof err->text];
    text_neutralise(clean, sizeof clean, text_from(err->text), TEXT_LINE);
    fprintf(stderr, "kvstep: %s\n", clean);
    return status;
}

int fail_usage(const char *command, const Error *err) {
    if (err) fail(EXIT_USAGE, err);
    fprintf(stderr, _("Try `kvstep %s%s--help`.\n"), command, *command ? " " : "");
    return EXIT_USAGE;
}

bool begin_json(Output *output, JsonWriter *json, Error *err) {
    if (!output_stream(output, stdout, "standard output", err)) return false;
    json_writer_init(json, output);
    json_begin_object(json, NULL, JSON_LINES);
    return true;
}

bool parse_int(const char *text, const char *option, long long min, long long max, long long *out,
               Error *err) {
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (end != text && !*end && errno == 0 && *out >= min && *out <= max) return true;
    return error_set(err, "%s takes a whole number from %lld to %lld, not %s", option, min, max, text);
}

static bool parse_float(const char *text, const char *option, double min, double max, float *out,
                        Error *err) {
    char *end;
    double value = strtod(text, &end);
    *out = (float)value;
    if (end != text && !*end && value >= min && value <= max) return true;
    return error_set(err, "%s takes a number from %g to %g, not %s", option, min, max, text);
}

bool parse_sites(const char *text, SiteMask *out, Error *err) {
    if (strcmp(text, "all") == 0) {
        *out = SITE_ALL;
        return true;
    }
    if (!*text) return error_set(err, "--record takes site names separated by commas, or all");
    for (*out = 0; *text;) {
        size_t length = strcspn(text, ",");
        SiteId site = site_find(text, length);
        if (site == SITE_COUNT) {
            size_t used = (size_t)snprintf(err->text, sizeof err->text,
                                           _("--record: there is no site \"%.*s\"; choose from: all"),
                                           (int)length, text);
            for (int i = 0; i < SITE_COUNT && used < sizeof err->text; i++)
                used += (size_t)snprintf(err->text + used, sizeof err->text - used, ", %s", SITES[i].name);
            return false;
        }
        *out |= SITE_BIT(site);
        text += length + (text[length] == ',');
    }
    return true;
}

SessionSetup generate_defaults(void) {
    return (SessionSetup){.model = DEFAULT_MODEL,
                          .session = {.sampling = {.top_p = 1}, .n_candidates = 10, .recompute = true}};
}

const char GENERATE_HELP[] =
    N_("  -p, --prompt TEXT    the prompt: the text to continue\n"
       "      --ids 1,2,3      the prompt as token ids; works without a tokenizer\n"
       "      --source TEXT    what an encoder-decoder reads, such as a date for the model dates\n"
       "      --source-ids 1,2 the source as token ids\n"
       "      --temperature T  0 (default) is greedy: always the most likely token; 1 samples from the "
       "model's own distribution\n"
       "      --top-k K        sample from the K most likely tokens only (default 0: all)\n"
       "      --top-p P        sample from the fewest most likely tokens whose probabilities sum to P "
       "(default 1: all)\n"
       "      --seed S         the same seed gives the same text (0 to 4294967295; default 0)\n"
       "      --candidates C   how many of the most likely tokens to record at each step (default 10)\n");

bool parse_generate(int option, const char *value, SessionSetup *out, Error *err) {
    Sampling *sampling = &out->session.sampling;
    long long n = 0;
    bool ok = true;
    switch (option) {
    case 'p':
        out->prompt.text = value;
        break;
    case 'I':
        out->prompt.ids = value;
        break;
    case 'X':
        out->prompt.source = value;
        break;
    case 'Y':
        out->prompt.source_ids = value;
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

int start_session(const SessionSetup *setup, Opened *out, Error *err) {
    const Prompt *prompt = &setup->prompt;
    ProgressLine progress;
    bool is_given = prompt->text || prompt->ids || prompt->source || prompt->source_ids;
    if ((is_given || !setup->fills_in) && !prompt_check(prompt, err)) return EXIT_USAGE;
    progress_line_begin(&progress, _("loading the weights"));
    *out = (Opened){.model = session_setup_load(setup, &progress.control, err)};
    progress_line_end(&progress);
    if (!out->model) return EXIT_WORLD;
    if (session_setup_start(setup, out->model, &out->session, err)) return EXIT_OK;
    opened_done(out);
    return EXIT_USAGE;
}
