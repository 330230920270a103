// `kvstep run`: generates without a screen. The text is streamed; then a table (cost_table.c) tells what each
// step cost, with the cache and without; with --trace everything goes into a file, Step by Step.
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/progress_line.h"
#include "traces/trace_write.h"

static const char HELP[] =
    N_("Usage: kvstep run [MODEL] (-p TEXT | --ids 1,2,3) [-n N] [options]\n"
       "\n"
       "Generates N tokens and streams the text, then prints a table of what each step cost with and without "
       "the KV cache.\n"
       "Stops early when the model ends its text. Ctrl-C stops after the current step and keeps the results "
       "so far.\n"
       "\n"
       "  -n, --tokens N       how many tokens to generate (default 40, or as many as fit the context)\n");

static const char HELP_END[] =
    N_("      --no-recompute   skip recomputation; its counts then come from the formula, and its time is "
       "unknown\n"
       "      --record SITES   record these sites in the trace: names separated by commas, or all\n"
       "      --trace FILE     write a trace to FILE (docs/trace-format.md)\n"
       "      --json           print the trace instead of the text and the table\n"
       "  -h, --help           show this help\n");

typedef struct RunOptions {
    SessionSetup setup;
    int n_tokens;      // 0: not said
    const char *trace; // or NULL
    bool json;
    bool help;
} RunOptions;

static volatile sig_atomic_t interrupted; // the signal, or 0

static void on_interrupt(int number) {
    interrupted = number;
    signal(number, SIG_DFL); // a second one ends the program at once
}

// What is ignored from the start stays so: nohup lets a run outlive its terminal.
static void catch (int number) {
    struct sigaction before;
    bool is_ignored = sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
    if (!is_ignored) signal(number, on_interrupt);
}

// A reader of the output that goes away ends the program as usual, unless there is a trace to be finished.
static void handle_signals(bool has_trace) {
    catch (SIGINT);
    catch (SIGTERM);
    catch (SIGHUP);
    if (has_trace) signal(SIGPIPE, SIG_IGN);
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
    bool begins = position == 0 && ((token->id == timeline->config.bos_id && timeline->n_prompt > 1) ||
                                    token->id == timeline->config.start_id);
    if (token->text.bytes && (begins || (token->generated && config_is_eos(&timeline->config, token->id))))
        return;
    if (!token->text.bytes) {
        printf("#%d ", token->id);
        fflush(stdout);
        return;
    }
    for (size_t i = 0; i < token->text.n_bytes; i++) {
        if (stream->n_pending == sizeof stream->pending) stream_flush(stream, true);
        stream->pending[stream->n_pending++] = token->text.bytes[i];
        stream_flush(stream, false);
    }
    fflush(stdout);
}

enum { USUAL_TOKENS = 40 };

enum { OPT_TRACE = 256, OPT_RECORD, OPT_NO_RECOMPUTE, OPT_JSON };

static bool parse_option(int option, const char *value, RunOptions *options, Error *err) {
    long long n;
    switch (option) {
    case 'n':
        if (!parse_int(value, "-n", 1, INT32_MAX, &n, err)) return false;
        options->n_tokens = (int)n;
        return true;
    case OPT_TRACE:
        options->trace = value;
        return *value || error_set(err, "--trace takes the name of a file to write");
    case OPT_RECORD:
        return parse_sites(value, &options->setup.session.record, err);
    case OPT_NO_RECOMPUTE:
        options->setup.session.recompute = false;
        return true;
    case OPT_JSON:
        options->json = true;
        return true;
    default:
        return parse_generate(option, value, &options->setup, err);
    }
}

static void print_help(void) {
    printf(_("%s%s%s\nSites, in the order of the forward pass, with their names in Hugging Face's code:\n"),
           _(HELP), _(GENERATE_HELP), _(HELP_END));
    for (int i = 0; i < SITE_COUNT; i++)
        printf("  %-20s %s\n  %-20s   %s\n", SITES[i].name, _(SITES[i].formula), "",
               SITES[i].gpt2 ? SITES[i].gpt2 : SITES[i].llama);
}

static bool parse(int argc, char **argv, RunOptions *options, Error *err) {
    static const struct option LONG[] = {GENERATE_LONG,
                                         {"tokens", required_argument, NULL, 'n'},
                                         {"trace", required_argument, NULL, OPT_TRACE},
                                         {"record", required_argument, NULL, OPT_RECORD},
                                         {"no-recompute", no_argument, NULL, OPT_NO_RECOMPUTE},
                                         {"json", no_argument, NULL, OPT_JSON},
                                         {0}};
    int option;
    while ((option = getopt_long(argc, argv, GENERATE_SHORT "n:", LONG, NULL)) != -1) {
        err->text[0] = '\0';
        if (option == '?') return false; // getopt has said why
        if (option == 'h')
            options->help = true;
        else if (!parse_option(option, optarg, options, err))
            return false;
    }
    if (optind < argc) options->setup.model = argv[optind++];
    if (optind < argc)
        return error_set(err, "give one model at a time; \"%s\" is a second one", argv[optind]);
    if (options->setup.session.record && !options->trace && !options->json)
        fprintf(stderr, _("kvstep: --record has no effect without --trace or --json\n"));
    return true;
}

static int room_for(const Timeline *timeline) {
    return timeline->config.n_ctx - timeline->n_prompt + 1;
}

static int usual_length(const Timeline *timeline) {
    return room_for(timeline) < USUAL_TOKENS ? room_for(timeline) : USUAL_TOKENS;
}

// N tokens need room for all of them but the last, which is chosen and not fed in.
static bool check_length(const Timeline *timeline, int n_tokens, Error *err) {
    int room = room_for(timeline);
    if (n_tokens <= room) return true;
    return error_set(
        err, "%d tokens after a prompt of %d do not fit: the context of %s is %d tokens; use -n %d or less",
        n_tokens, timeline->n_prompt, timeline->config.name, timeline->config.n_ctx, room);
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
        if (!trace_writer_open_stream(&traces->writers[traces->n], stdout, "standard output", timeline,
                                      err)) {
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

// A Step. Only the prefill has a progress line, before the text begins: after it the text itself shows how
// far the run is.
static bool compute(Session *session, const RunOptions *options, Error *err) {
    bool announces = !options->json && session_timeline(session)->n_steps == 0;
    ProgressLine progress;
    if (announces) progress_line_begin(&progress, _("computing the prompt"));
    Step *step = session_compute(session, announces ? &progress.control : NULL, err);
    if (announces) progress_line_end(&progress);
    if (step) session_keep(session, step);
    return step != NULL;
}

static bool generate(Session *session, const RunOptions *options, Error *err) {
    const Timeline *timeline = session_timeline(session);
    Traces traces;
    Stream stream = {.n_pending = 0};
    if (!open_traces(&traces, options, timeline, err)) return false;
    for (int i = 0;
         i < options->n_tokens && session_end(session) == SESSION_GOES_ON && !interrupted && !ferror(stdout);
         i++) {
        if (!compute(session, options, err)) {
            abandon_traces(&traces);
            return false;
        }
        for (int t = 0; t < traces.n; t++)
            trace_write_step(&traces.writers[t], timeline->steps[timeline->n_steps - 1]);
        for (int t = i == 0 ? 0 : timeline->n_tokens - 1; !options->json && t < timeline->n_tokens; t++)
            stream_token(&stream, timeline, t);
    }
    stream_flush(&stream, true);
    return finish_traces(&traces, timeline, err);
}

// What was computed is shown even when there was an error then, such as a disk without room for the trace.
static bool generate_and_print(Session *session, const RunOptions *options, Error *err) {
    const Timeline *timeline = session_timeline(session);
    bool ok = generate(session, options, err);
    if (!options->json && timeline->n_steps > 0) {
        printf("\n\n");
        print_cost_table(timeline);
        fflush(stdout); // an error comes after it
    }
    return ok;
}

int command_run(int argc, char **argv) {
    RunOptions options = {.setup = generate_defaults()};
    Error err;
    Opened opened;
    if (!parse(argc, argv, &options, &err)) return fail_usage("run", err.text[0] ? &err : NULL);
    if (options.help) return print_help(), EXIT_OK;
    int status = start_session(&options.setup, &opened, &err);
    if (status != EXIT_OK) return fail(status, &err);
    const Timeline *timeline = session_timeline(opened.session);
    handle_signals(options.trace != NULL);
    if (options.n_tokens == 0) options.n_tokens = usual_length(timeline);
    if (!check_length(timeline, options.n_tokens, &err))
        status = fail(EXIT_USAGE, &err);
    else
        status = generate_and_print(opened.session, &options, &err) ? EXIT_OK : fail(EXIT_WORLD, &err);
    opened_done(&opened);
    return status == EXIT_OK && interrupted ? 128 + interrupted : status;
}
