// `kvstep tokens`: prints the tokens of a text.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

static const char HELP[] =
    N_("Usage: kvstep tokens MODEL TEXT [--json] [--no-bos]\n"
       "\n"
       "Tokenizes TEXT and prints each token's id and text. MODEL is an installed model or a model folder; a "
       "folder with only\n"
       "a tokenizer is enough. If TEXT is -, the text is read from standard input.\n"
       "\n"
       "      --json           print a JSON document\n"
       "      --no-bos         leave out the beginning-of-text token that a prompt starts with\n"
       "  -h, --help           show this help\n");

enum { OPT_JSON = 256, OPT_NO_BOS, MAX_INPUT = 16 << 20 };

// Reads all of standard input into memory on the heap.
static bool read_input(char **out, size_t *n, Error *err) {
    char *bytes = malloc(MAX_INPUT + 1);
    if (!bytes) return error_no_memory(err, "the text", (double)MAX_INPUT);
    *n = fread(bytes, 1, MAX_INPUT + 1, stdin);
    *out = bytes;
    if (*n <= MAX_INPUT && !ferror(stdin)) return true;
    return error_set(err, "standard input has more than %d MB or cannot be read; give a shorter text",
                     MAX_INPUT >> 20);
}

static void print_lines(const Tokenizer *tokenizer, const TokenIds *ids) {
    printf(_("%d tokens\n"), ids->n);
    for (int i = 0; i < ids->n; i++) {
        Text text = tokenizer_text(tokenizer, ids->ids[i]);
        char piece[512];
        text_neutralise(piece, sizeof piece, text, TEXT_LINE);
        printf("%8d  “%s”", ids->ids[i], piece);
        if (text.n_bytes > 0 && !text_is_clean(text)) {
            printf(_("  bytes"));
            for (size_t k = 0; k < text.n_bytes; k++) printf(" %02X", (unsigned char)text.bytes[k]);
        }
        putchar('\n');
    }
}

static bool print_json(const Tokenizer *tokenizer, const TokenIds *ids, Error *err) {
    Output output;
    JsonWriter json;
    if (!begin_json(&output, &json, err)) return false;
    json_begin_array(&json, "ids", JSON_INLINE);
    for (int i = 0; i < ids->n; i++) json_int(&json, NULL, ids->ids[i]);
    json_end(&json);
    json_begin_array(&json, "tokens", JSON_LINES);
    for (int i = 0; i < ids->n; i++) {
        Text text = tokenizer_text(tokenizer, ids->ids[i]);
        json_begin_object(&json, NULL, JSON_INLINE);
        json_int(&json, "id", ids->ids[i]);
        if (!text.bytes)
            json_null(&json, "text");
        else if (!json_text(&json, "text", text))
            json_bytes(&json, "bytes", text);
        json_end(&json);
    }
    json_end(&json);
    json_end(&json);
    return output_commit(&output, err);
}

// Takes a folder as it is, even one with only a tokenizer; otherwise looks up a model by name.
static bool find_tokenizer(const char *name, char *folder, size_t size, Error *err) {
    struct stat info;
    bool is_folder = stat(name, &info) == 0 && S_ISDIR(info.st_mode);
    if (is_folder && snprintf(folder, size, "%s", name) < (int)size) return true;
    return find_model(name, folder, size, err);
}

static bool print_tokens(const char *model, Text text, bool as_json, bool with_bos, Error *err) {
    char folder[4096];
    Tokenizer *tokenizer = NULL;
    TokenIds ids = {NULL, 0};
    if (!find_tokenizer(model, folder, sizeof folder, err) || !tokenizer_load(&tokenizer, folder, 0, err))
        return false;
    bool ok =
        tokenizer ||
        error_set(err, "%s holds no tokenizer: neither tokenizer.json nor vocab.json and merges.txt", folder);
    ok = ok && (with_bos ? tokenizer_encode_prompt(tokenizer, text, &ids, err)
                         : tokenizer_encode(tokenizer, text, &ids, err));
    if (ok && as_json) ok = print_json(tokenizer, &ids, err);
    if (ok && !as_json) print_lines(tokenizer, &ids);
    free(ids.ids);
    tokenizer_free(tokenizer);
    return ok;
}

int command_tokens(int argc, char **argv) {
    static const struct option LONG[] = {{"json", no_argument, NULL, OPT_JSON},
                                         {"no-bos", no_argument, NULL, OPT_NO_BOS},
                                         {"help", no_argument, NULL, 'h'},
                                         {0}};
    bool as_json = false, with_bos = true;
    Error err;
    int option;
    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        if (option == 'h') {
            fputs(_(HELP), stdout);
            return EXIT_OK;
        }
        if (option == '?') return fail_usage("tokens", NULL);
        as_json |= option == OPT_JSON;
        with_bos &= option != OPT_NO_BOS;
    }
    if (argc - optind != 2) {
        error_set(&err, "give a model and a text: kvstep tokens story \"Once upon a time\"");
        return fail_usage("tokens", &err);
    }
    char *input = NULL;
    Text text = text_from(argv[optind + 1]);
    bool ok = strcmp(argv[optind + 1], "-") != 0 || read_input(&input, &text.n_bytes, &err);
    if (input) text.bytes = input;
    ok = ok && print_tokens(argv[optind], text, as_json, with_bos, &err);
    free(input);
    return ok ? EXIT_OK : fail(EXIT_WORLD, &err);
}
