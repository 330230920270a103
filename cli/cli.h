// What the subcommands share: parsing of arguments, models by name, output, and error messages.
//
// Exit status: 0 for success; 1 for an error of the world (a file, memory); 2 for a wrong command line.
#ifndef KVSTEP_CLI_H
#define KVSTEP_CLI_H

#include "core/base/json_writer.h"
#include "core/base/language.h"
#include "core/base/version.h"
#include "core/model/model_folder.h"
#include "core/session/session_setup.h"

enum { EXIT_OK = 0, EXIT_WORLD = 1, EXIT_USAGE = 2 };

// Subcommands: each takes its own arguments (argv[0] is the program) and returns the exit status.
int command_run(int argc, char **argv);
int command_tokens(int argc, char **argv);
int command_view(int argc, char **argv);
int command_memory(int argc, char **argv);
int command_models(int argc, char **argv);
int command_lesson(int argc, char **argv);
int command_step(int argc, char **argv);

// Prints "kvstep: MESSAGE" on stderr, neutralised, and returns the status.
int fail(int status, const Error *err);

// Likewise for a wrong command line: adds a hint at the command's --help and returns EXIT_USAGE. Pass NULL
// when getopt has printed the message.
int fail_usage(const char *command, const Error *err);

// Reads a whole number within [min, max]. The error names `option`.
bool parse_int(const char *text, const char *option, long long min, long long max, long long *out,
               Error *err);

// Reads a list of sites: "scores,q" or "all".
bool parse_sites(const char *text, SiteMask *out, Error *err);

// What decides the next token and what is kept of it is said in options that `run` and the stepper share.
SessionSetup generate_defaults(void); // greedy, ten candidates, recomputed, the default model

// Build getopt_long's tables from these, and pass their options to parse_generate(). It fails when the value
// is wrong.
#define GENERATE_SHORT "p:h"
// clang-format off
#define GENERATE_LONG \
    {"prompt", required_argument, NULL, 'p'},      \
    {"ids", required_argument, NULL, 'I'},         \
    {"source", required_argument, NULL, 'X'},      \
    {"source-ids", required_argument, NULL, 'Y'},  \
    {"temperature", required_argument, NULL, 'T'}, \
    {"top-k", required_argument, NULL, 'K'},       \
    {"top-p", required_argument, NULL, 'P'},       \
    {"seed", required_argument, NULL, 'S'},        \
    {"candidates", required_argument, NULL, 'C'},  \
    {"help", no_argument, NULL, 'h'}
// clang-format on
bool parse_generate(int option, const char *value, SessionSetup *out, Error *err);
extern const char GENERATE_HELP[]; // their lines in --help

// Prints the table at the end of `run`: a line for each step, and the sums.
void print_cost_table(const Timeline *timeline);

// Loads the model, with a progress line, and starts a Session on it. Returns EXIT_OK, and opened_done() frees
// both; or the exit status for the Error.
int start_session(const SessionSetup *setup, Opened *out, Error *err);

// Runs the stepper's screen; returns the exit status.
struct App;
int show_app(struct App *app, Error *err);

// Begins a JSON object on standard output; json_end() and output_commit() end it.
bool begin_json(Output *output, JsonWriter *json, Error *err);

// Print text by its columns on the terminal: aligned in `width` columns; or broken into lines of `width`
// columns, the later ones indented.
void print_left(const char *text, int width);
void print_right(const char *text, int width);
void print_wrapped(const char *text, int indent, int width);

#endif
