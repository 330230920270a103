// `kvstep run`: generates without a screen. The text is streamed; then a table tells what each step cost, with the cache
// and without; with --trace everything goes into a file, Step by Step.
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "traces/trace_write.h"
#include "tui/format.h"

static const char HELP[] =
    "Usage: kvstep run [MODEL] (-p TEXT | --ids 1,2,3) [-n N] [options]\n"
    "\n"
    "Generates N tokens and prints the text, then a table with the cost of every step, with the KV cache and recomputed.\n"
    "Stops early when the model ends its text. Ctrl-C stops after the step at hand and keeps what there is.\n"
    "\n"
    "  -n, --tokens N       how many tokens to generate (default 40)\n";

static const char HELP_END[] =
    "      --no-recompute   leave out the second pass; its counts then come from the formula, its time is not known\n"
    "      --record SITES   add the numbers of these sites to the trace, with commas between them, or all\n"
    "      --trace FILE     write the trace there (docs/trace-format.md)\n"
    "      --json           print the trace instead of text and table\n"
    "  -h, --help           this text\n";

typedef struct RunOptions {
    GenerateOptions generate;
    int n_tokens;
    const char *trace; // or NULL
    bool json;
} RunOptions;

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    interrupted = 1;
    signal(number, SIG_DFL); // a second one ends the program at once
}

// The text as it comes: bytes that may be the beginning of a character wait for the rest of it.
typedef struct Stream {
    char pending[16];
    size_t n_pending;
} Stream;

static void stream_flush(Stream *stream, bool all) {
    Text text = {stream->pending, stream->n_pending};
    size_t n = all ? text.n_bytes : text_complete(text);
    char clean[128];
    text_neutralise(clean, sizeof clean, (Text){text.bytes, n}, TEXT_PROSE);
    fputs(clean, stdout);
    memmove(stream->pending, stream->pending + n, text.n_bytes - n);
    stream->n_pending -= n;
}

// Prints a token of the text; the one that begins or ends a text is no part of it.
static void stream_token(Stream *stream, const Timeline *timeline, int position) {
    const Token *token = &timeline->tokens[position];
    bool begins = position == 0 && token->id == timeline->config.bos_id && timeline->n_prompt > 1;
    if (token->text.bytes && (begins || (token->generated && token->id == timeline->config.eos_id))) return;
    if (!token->text.bytes) {
        printf("#%d ", token->id);
        return;
    }
    for (size_t i = 0; i < token->text.n_bytes; i++) {
        if (stream->n_pending == sizeof stream->pending) stream_flush(stream, true);
        stream->pending[stream->n_pending++] = token->text.bytes[i];
        stream_flush(stream, false);
    }
    fflush(stdout);
}

static int64_t bytes_read(const Cost *cost) {
    return cost->weight_bytes + cost->cache_bytes;
}

// Right-aligned in `width` columns; printf would count the bytes of × and µ.
static void print_cell(const char *text, int width) {
    for (const char *c = text; *c; c++) width -= ((unsigned char)*c & 0xC0) != 0x80;
    printf(" %*s%s", width > 0 ? width : 0, "", text);
}

static void print_pair(Formatted cached, Formatted recompute, double cached_cost, double recompute_cost) {
    print_cell(cached.text, 8);
    print_cell(recompute.text, 8);
    print_cell(format_ratio(recompute_cost, cached_cost).text, 6);
    printf(" |");
}

static void print_step(const Step *step, const char *choice) {
    const Cost *a = &step->cached, *b = &step->recompute;
    int64_t a_bytes = bytes_read(a), b_bytes = bytes_read(b);
    printf("%4d %4d |", step->index + 1, step->n_rows);
    print_pair(format_count((double)a->flops), format_count((double)b->flops), (double)a->flops, (double)b->flops);
    print_pair(format_bytes(a_bytes), format_bytes(b_bytes), (double)a_bytes, (double)b_bytes);
    print_pair(format_time(a->nanoseconds), format_time(b->nanoseconds), (double)a->nanoseconds, (double)b->nanoseconds);
    printf(" %10s %s |", format_grouped(step->cache.bytes).text, step->cache.bytes == step->cache.bytes_formula ? "=" : "≠");
    if (step->agreement.measured)
        printf(" %8.1e%s |", (double)step->agreement.max_abs_logit_difference, step->agreement.same_choice ? "  " : " ≠");
    else
        printf("         -   |");
    printf(" %s\n", choice);
}

static void add_cost(Cost *sum, const Cost *cost) {
    sum->flops += cost->flops;
    sum->weight_bytes += cost->weight_bytes;
    sum->cache_bytes += cost->cache_bytes;
    sum->nanoseconds = cost->nanoseconds == NOT_MEASURED ? NOT_MEASURED : sum->nanoseconds + cost->nanoseconds;
}

static void print_total(const Timeline *timeline) {
    Cost a = {0}, b = {0};
    float worst = 0;
    int n_same = 0;
    for (int i = 0; i < timeline->n_steps; i++) {
        const Step *step = timeline->steps[i];
        add_cost(&a, &step->cached);
        add_cost(&b, &step->recompute);
        if (step->agreement.max_abs_logit_difference > worst) worst = step->agreement.max_abs_logit_difference;
        n_same += step->agreement.same_choice;
    }
    printf("\nIn all: %s FLOPs cached, %s recomputed: %s saved. ", format_count((double)a.flops).text,
           format_count((double)b.flops).text, format_ratio((double)b.flops, (double)a.flops).text);
    if (timeline->has_recompute)
        printf("Time %s against %s: %s.\nThe two ways chose the same token in %d of %d steps; max |Δ logit| %.1e.\n",
               format_time(a.nanoseconds).text, format_time(b.nanoseconds).text,
               format_ratio((double)b.nanoseconds, (double)a.nanoseconds).text, n_same, timeline->n_steps, (double)worst);
    else
        printf("Recomputed figures are the formula's; nothing was recomputed.\n");
}

static void print_table(const Timeline *timeline) {
    const Config *c = &timeline->config;
    printf("          | %-24s | %-24s | %-24s | %-12s | max |Δ|    |\n", "FLOPs", "bytes read", "time", "cache bytes");
    printf("step rows |   cached  recomp.  saved |   cached  recomp.  saved |   cached  recomp.  saved |    = formula | of "
           "logits  | chosen\n");
    for (int i = 0; i < timeline->n_steps; i++) {
        const Step *step = timeline->steps[i];
        char choice[64];
        if (step->choice_text.bytes)
            text_neutralise(choice, sizeof choice, step->choice_text, TEXT_LINE);
        else
            snprintf(choice, sizeof choice, "#%d", step->choice.id);
        print_step(step, choice);
    }
    printf("\nCache: %s B a token = 2 (K and V) · %d layers · %d kv heads · %d d_head · 4 B.",
           format_grouped(cache_bytes_formula(c, 1)).text, c->n_layers, c->n_kv_heads, c->d_head);
    print_total(timeline);
}

static bool parse(int argc, char **argv, RunOptions *options, Error *err) {
    enum { OPT_TRACE = 256, OPT_RECORD, OPT_NO_RECOMPUTE, OPT_JSON };
    static const struct option LONG[] = {GENERATE_LONG,
                                         {"tokens", required_argument, NULL, 'n'},
                                         {"trace", required_argument, NULL, OPT_TRACE},
                                         {"record", required_argument, NULL, OPT_RECORD},
                                         {"no-recompute", no_argument, NULL, OPT_NO_RECOMPUTE},
                                         {"json", no_argument, NULL, OPT_JSON},
                                         {0}};
    GenerateOptions *generate = &options->generate;
    int option;
    while ((option = getopt_long(argc, argv, GENERATE_SHORT "n:", LONG, NULL)) != -1) {
        long long n = 0;
        bool known, ok = true;
        switch (option) {
        case 'h':
            printf("%s%s%s", HELP, GENERATE_HELP, HELP_END);
            exit(EXIT_OK);
        case 'n':
            ok = parse_int(optarg, "-n", 1, INT32_MAX, &n, err);
            break;
        case OPT_TRACE:
            options->trace = optarg;
            break;
        case OPT_RECORD:
            ok = parse_sites(optarg, &generate->session.record, err);
            break;
        case OPT_NO_RECOMPUTE:
            generate->session.recompute = false;
            break;
        case OPT_JSON:
            options->json = true;
            break;
        case '?':
            err->text[0] = '\0';
            return false; // getopt has said why
        default:
            ok = parse_generate(option, optarg, generate, &known, err);
        }
        if (!ok) return false;
        if (option == 'n') options->n_tokens = (int)n;
    }
    if (optind < argc) generate->model = argv[optind++];
    if (optind < argc) return error_set(err, "one model at a time: what is \"%s\"?", argv[optind]);
    return true;
}

// N tokens need room for all of them but the last, which is chosen and not fed in.
static bool check_length(const Timeline *timeline, int n_tokens, Error *err) {
    int room = timeline->config.n_ctx - timeline->n_prompt + 1;
    if (n_tokens <= room) return true;
    return error_set(err, "%d tokens after a prompt of %d do not fit: %s has positions for %d; use -n %d or less", n_tokens,
                     timeline->n_prompt, timeline->config.name, timeline->config.n_ctx, room);
}

// Up to two documents are written as the Steps come: the --trace file, and standard output with --json.
typedef struct Traces {
    TraceWriter writers[2];
    int n;
} Traces;

static void abandon_traces(Traces *traces) {
    while (traces->n > 0) trace_abandon(&traces->writers[--traces->n]);
}

static bool open_traces(Traces *traces, const RunOptions *options, const Timeline *timeline, Error *err) {
    traces->n = 0;
    if (options->trace) {
        if (!trace_writer_open(&traces->writers[0], options->trace, timeline, err)) return false;
        traces->n = 1;
    }
    if (options->json) {
        if (!trace_writer_open_stream(&traces->writers[traces->n], stdout, "standard output", timeline, err)) {
            abandon_traces(traces);
            return false;
        }
        traces->n++;
    }
    return true;
}

static bool finish_traces(Traces *traces, const Timeline *timeline, Error *err) {
    while (traces->n > 0)
        if (!trace_finish(&traces->writers[--traces->n], timeline, err)) {
            abandon_traces(traces);
            return false;
        }
    return true;
}

static bool generate(Session *session, const RunOptions *options, Error *err) {
    const Timeline *timeline = session_timeline(session);
    Traces traces;
    Stream stream = {.n_pending = 0};
    if (!open_traces(&traces, options, timeline, err)) return false;
    for (int i = 0; !options->json && i < timeline->n_prompt; i++) stream_token(&stream, timeline, i);
    for (int i = 0; i < options->n_tokens && session_end(session) == SESSION_GOES_ON && !interrupted; i++) {
        if (!session_step(session, err)) {
            abandon_traces(&traces);
            return false;
        }
        for (int t = 0; t < traces.n; t++) trace_write_step(&traces.writers[t], timeline->steps[timeline->n_steps - 1]);
        if (!options->json) stream_token(&stream, timeline, timeline->n_tokens - 1);
    }
    stream_flush(&stream, true);
    return finish_traces(&traces, timeline, err);
}

int command_run(int argc, char **argv) {
    RunOptions options = {
        .generate = {.model = DEFAULT_MODEL, .session = {.sampling = {.top_p = 1}, .n_candidates = 10, .recompute = true}},
        .n_tokens = 40};
    Error err;
    int status;
    if (!parse(argc, argv, &options, &err)) return fail_usage("run", err.text[0] ? &err : NULL);
    Model model;
    Session *session;
    if (!start_session(&options.generate, &model, &session, &status, &err)) return fail(status, &err);
    signal(SIGINT, on_interrupt);
    if (!check_length(session_timeline(session), options.n_tokens, &err))
        status = fail(EXIT_USAGE, &err);
    else if (!generate(session, &options, &err))
        status = fail(EXIT_WORLD, &err);
    else
        status = EXIT_OK;
    if (status == EXIT_OK && !options.json) {
        printf("\n\n");
        print_table(session_timeline(session));
    }
    session_free(session);
    model_free(&model);
    return status;
}
