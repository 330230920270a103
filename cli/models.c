// `kvstep models`: lists the installed models, with their sizes and what each is good for.
//
// The description is the first sentence of the model's card, README.md, so models that people add have one
// too. A folder that cannot be read is listed with the reason.
#include <dirent.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "core/base/data_folder.h"
#include "core/base/file.h"
#include "core/decode/cost_formula.h"
#include "core/model/weights.h"
#include "tui/screen/format.h"

static const char HELP[] =
    N_("Usage: kvstep models [--json]\n"
       "\n"
       "Lists the installed models. Other commands take their names as MODEL; the path of a model folder "
       "works too.\n"
       "Models are searched in $KVSTEP_MODELS, if it is set, and then where kvstep is installed.\n"
       "\n"
       "      --json           print the list as JSON, with more sizes of each model\n"
       "  -h, --help           show this help\n");

typedef struct ModelEntry {
    char name[64]; // the folder's own, printable
    char folder[PATH_MAX];
    bool is_default;
    bool broken;
    Error error; // why, when it is broken
    Config config;
    int64_t bytes_on_disk;
    char shows[1024]; // the card's first sentence; empty when there is none
} ModelEntry;

// The bytes of the files in a folder. Links are followed: Hugging Face's download cache stores files as
// links.
static int64_t folder_bytes(const char *folder) {
    int64_t n_bytes = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char path[PATH_MAX];
        struct stat status;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path &&
            stat(path, &status) == 0 && S_ISREG(status.st_mode))
            n_bytes += status.st_size;
    }
    if (directory) closedir(directory);
    return n_bytes;
}

// The next line of a text, without its end; false after the last.
static bool next_line(Text *rest, Text *line) {
    if (rest->n_bytes == 0) return false;
    const char *end = memchr(rest->bytes, '\n', rest->n_bytes);
    size_t n = end ? (size_t)(end - rest->bytes) : rest->n_bytes, skip = n + (end != NULL);
    *line = (Text){rest->bytes, n};
    *rest = (Text){rest->bytes + skip, rest->n_bytes - skip};
    while (line->n_bytes > 0 && strchr(" \r\t", line->bytes[line->n_bytes - 1])) line->n_bytes--;
    return true;
}

// Skips the metadata between two lines of "---" at the beginning of a card.
static Text after_settings(Text card) {
    Text rest = card, line;
    if (!next_line(&rest, &line) || line.n_bytes != 3 || memcmp(line.bytes, "---", 3) != 0) return card;
    while (next_line(&rest, &line))
        if (line.n_bytes == 3 && memcmp(line.bytes, "---", 3) == 0) return rest;
    return card;
}

// The first sentence of the first paragraph, in one line without the marks of Markdown; false when there is
// none.
static bool first_sentence(Text card, char *out, size_t size) {
    Text rest = after_settings(card), line;
    size_t n = 0;
    while (next_line(&rest, &line) && n + 2 < size) {
        if (n > 0 && line.n_bytes == 0) break;
        if (n == 0 && (line.n_bytes == 0 || strchr("#<!|-[>=`~", line.bytes[0]))) continue;
        if (n > 0) out[n++] = ' ';
        for (size_t i = 0; i < line.n_bytes && n + 1 < size; i++)
            if (line.bytes[i] && !strchr("*`", line.bytes[i])) out[n++] = line.bytes[i];
    }
    out[n] = '\0';
    char *end = strstr(out, ". ");
    if (end) end[1] = '\0';
    return n > 0;
}

static void read_card(ModelEntry *model) {
    char path[PATH_MAX], sentence[sizeof model->shows / 2];
    Mapping file;
    Error ignored; // a model without a card is a model
    model->shows[0] = '\0';
    if (snprintf(path, sizeof path, "%s/README.md", model->folder) >= (int)sizeof path) return;
    if (!mapping_open(&file, path, &ignored)) return;
    if (first_sentence((Text){(const char *)file.bytes, file.n_bytes}, sentence, sizeof sentence))
        text_neutralise(model->shows, sizeof model->shows, text_from(sentence), TEXT_LINE);
    mapping_close(&file);
}

// Fills in an entry whose folder is set.
static void read_model(ModelEntry *model, const char *name) {
    Config encoder;
    text_neutralise(model->name, sizeof model->name, text_from(name), TEXT_LINE);
    model->is_default = strcmp(name, DEFAULT_MODEL) == 0;
    model->bytes_on_disk = folder_bytes(model->folder);
    read_card(model);
    model->broken = !config_load(&model->config, &encoder, model->folder, &model->error);
    if (model->broken || weights_exist(model->folder)) return;
    model->broken = true;
    error_set(&model->error,
              "%s has neither a model.safetensors nor a model.safetensors.index.json; copy its weights there",
              model->folder);
}

// Whether an earlier place has a model of this name.
static bool is_shadowed(const char *name, int place) {
    char path[PATH_MAX], folder[2 * PATH_MAX];
    for (int i = 0; i < place; i++)
        if (data_place(i, "models", path, sizeof path) &&
            snprintf(folder, sizeof folder, "%s/%s", path, name) < (int)sizeof folder &&
            is_model_folder(folder))
            return true;
    return false;
}

// Calls `show` with every model of a place, by name.
static void each_model(int place, void (*show)(const ModelEntry *, void *), void *user) {
    char path[PATH_MAX];
    struct dirent **names = NULL;
    int n = data_place(place, "models", path, sizeof path) ? scandir(path, &names, NULL, alphasort) : 0;
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        ModelEntry model;
        int length = snprintf(model.folder, sizeof model.folder, "%s/%s", path, name);
        bool is_model = name[0] != '.' && length < (int)sizeof model.folder && is_model_folder(model.folder);
        if (is_model && !is_shadowed(name, place)) {
            read_model(&model, name);
            show(&model, user);
        }
        free(names[i]);
    }
    free(names);
}

static void print_heading(void) {
    printf("  ");
    print_left(_("model"), 16);
    print_left(_("attention"), 10);
    print_left(_("sizes"), 13);
    print_right(_("context"), 8);
    print_right(_("vocab"), 8);
    print_right(_("disk"), 9);
    print_right(_("B/token"), 11);
    printf("\n");
}

static void print_model(const ModelEntry *model, void *n_printed) {
    const Config *c = &model->config;
    char kind[24], sizes[64];
    if ((*(int *)n_printed)++ == 0) print_heading();
    printf("%s ", model->is_default ? "*" : " ");
    print_left(model->name, 15);
    putchar(' ');
    if (model->broken) {
        char reason[4 * sizeof model->error.text];
        text_neutralise(reason, sizeof reason, text_from(model->error.text), TEXT_LINE);
        printf(_("cannot be used:\n"));
        print_wrapped(reason, 4, 80);
        return;
    }
    snprintf(sizes, sizeof sizes, "%d × %d × %d", c->n_layers, c->n_heads, c->d_head);
    print_left(config_attention_kind(c, kind), 10);
    print_left(sizes, 13);
    print_right(format_grouped(c->n_ctx).text, 8);
    print_right(format_grouped(c->n_vocab).text, 8);
    print_right(format_bytes(model->bytes_on_disk).text, 9);
    print_right(format_grouped(cache_bytes_formula(c, 1)).text, 11);
    printf("\n");
    char about[64 + sizeof model->shows];
    snprintf(about, sizeof about, "%s%s%s%s", c->architecture,
             c->cross_attention ? _(" with cross-attention") : "", *model->shows ? ": " : "", model->shows);
    print_wrapped(about, 4, 80);
}

static void write_model(const ModelEntry *model, void *user) {
    JsonWriter *json = user;
    const Config *c = &model->config;
    char kind[24];
    json_begin_object(json, NULL, JSON_LINES);
    json_string(json, "name", model->name);
    json_string(json, "folder", model->folder);
    json_bool(json, "default", model->is_default);
    if (model->broken) {
        json_string(json, "error", model->error.text);
    } else {
        json_string(json, "family", c->architecture);
        json_string(json, "attention", config_attention_kind(c, kind));
        json_bool(json, "cross_attention", c->cross_attention);
        json_int(json, "n_layers", c->n_layers);
        json_int(json, "n_heads", c->n_heads);
        json_int(json, "n_kv_heads", c->n_kv_heads);
        json_int(json, "d_head", c->d_head);
        json_int(json, "d_model", c->d_model);
        json_int(json, "d_ff", c->d_ff);
        json_int(json, "n_ctx", c->n_ctx);
        json_int(json, "n_vocab", c->n_vocab);
        json_int(json, "cache_bytes_per_token", cache_bytes_formula(c, 1));
    }
    json_int(json, "bytes_on_disk", model->bytes_on_disk);
    *model->shows ? json_string(json, "shows", model->shows) : json_null(json, "shows");
    json_end(json);
}

static bool write_models(Error *err) {
    Output output;
    JsonWriter json;
    if (!begin_json(&output, &json, err)) return false;
    json_begin_array(&json, "models", JSON_LINES);
    for (int place = 0; place < N_DATA_PLACES; place++) each_model(place, write_model, &json);
    json_end(&json);
    json_end(&json);
    return output_commit(&output, err);
}

static bool print_models(Error *err) {
    int n_printed = 0;
    for (int place = 0; place < N_DATA_PLACES; place++) each_model(place, print_model, &n_printed);
    if (n_printed == 0)
        return error_set(
            err,
            "no models are installed; set KVSTEP_MODELS to a folder of model folders, or run `make install`");
    printf(_("\n* is the default. Sizes: layers × query heads × d_head, of the decoder.\n"
             "B/token: bytes per token in kvstep's KV cache (f32).\n"));
    return true;
}

int command_models(int argc, char **argv) {
    static const struct option LONG[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    Error err;
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        if (option == 'h') {
            printf("%s", _(HELP));
            return EXIT_OK;
        }
        if (option == '?') return fail_usage("models", NULL);
        json = true;
    }
    if (optind < argc) {
        error_set(&err, "`kvstep models` takes no argument, but got \"%s\"", argv[optind]);
        return fail_usage("models", &err);
    }
    if (json) language_set("en"); // the document is the same in every language
    return (json ? write_models(&err) : print_models(&err)) ? EXIT_OK : fail(EXIT_WORLD, &err);
}
