#include "tui/app/keys.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "tui/app/command.h"
#include "tui/app/view.h"

// Of several keys for a command the first is the one that hints show.
static const Binding BINDINGS[] = {
    {NULL, "Right", "step"},
    {NULL, "n", "step"},
    {NULL, "Left", "back"},
    {NULL, "p", "back"},
    {NULL, "Space", "play"},
    {NULL, "Home", "first"},
    {NULL, "g", "first"},
    {NULL, "End", "last"},
    {NULL, "G", "last"},
    {NULL, "Up", "layer -1"},
    {NULL, "k", "layer -1"},
    {NULL, "Down", "layer +1"},
    {NULL, "j", "layer +1"},
    {NULL, "[", "head -1"},
    {NULL, "]", "head +1"},
    {NULL, "x", "cross"},
    {NULL, "s", "scale"},
    {NULL, "c", "changes"},
    {NULL, "Tab", "view +1"},
    {NULL, "BackTab", "view -1"},
    {NULL, "1", "view main"},
    {NULL, "2", "view attention"},
    {NULL, "3", "view stages"},
    {NULL, "4", "view cache"},
    {NULL, "5", "view compute"},
    {NULL, "6", "view memory"},
    {NULL, "7", "view tokens"},
    {NULL, ":", "line"},
    {NULL, "/", "line search"},
    {NULL, "N", "search"},
    {NULL, "+", "speed +"},
    {NULL, "-", "speed -"},
    {NULL, "b", "branches"},
    {NULL, "e", "edit"},
    {NULL, "m", "line model"},
    {NULL, "t", "theme"},
    {NULL, "w", "line save"},
    {NULL, "W", "line screen"},
    {NULL, "r", "restart"},
    {NULL, "Ctrl-L", "redraw"},
    {NULL, "Escape", "cancel"},
    {NULL, "?", "help"},
    {NULL, "h", "help"},
    {NULL, "q", "quit"},
    {"attention", "Up", "cursor up"},
    {"attention", "Down", "cursor down"},
    {"attention", "Left", "cursor left"},
    {"attention", "Right", "cursor right"},
    {"attention", "a", "heads"},
    {"stages", "Right", "stage +1"},
    {"stages", "Left", "stage -1"},
    {"stages", "Up", "row -1"},
    {"stages", "Down", "row +1"},
    {"cache", "PageUp", "row -1"},
    {"cache", "PageDown", "row +1"},
    {"compute", "u", "quantity"},
    {"memory", "Up", "factor -1"},
    {"memory", "Down", "factor +1"},
    {"memory", "Right", "more"},
    {"memory", "Left", "less"},
    {"memory", "r", "sizes"},
    {"tokens", "Up", "candidate -1"},
    {"tokens", "Down", "candidate +1"},
    {"tokens", "Enter", "branch"},
    {"branches", "Up", "select -1"},
    {"branches", "Down", "select +1"},
    {"branches", "Enter", "switch"},
    {"branches", "Escape", "close"},
    {"branches", "q", "close"},
    {KEYS_OF_LESSONS, "Enter", "continue"},
    {KEYS_OF_LESSONS, ">", "continue"},
    {KEYS_OF_LESSONS, "<", "page -1"},
    {KEYS_OF_LESSONS, "PageUp", "page -1"},
    {KEYS_OF_LESSONS, "PageDown", "page +1"},
    {KEYS_OF_LESSONS, "i", "hint"},
    {KEYS_OF_LESSONS, "S", "skip"},
    {KEYS_OF_LESSONS, ",", "read -5"},
    {KEYS_OF_LESSONS, ".", "read +5"},
    {KEYS_OF_LESSONS, "o", "pane"},
    {"help", "Up", "scroll -1"},
    {"help", "Down", "scroll +1"},
    {"help", "PageUp", "scroll -10"},
    {"help", "PageDown", "scroll +10"},
    {"help", "Space", "scroll +10"},
    {"help", "Home", "scroll -10000"},
    {"help", "End", "scroll +10000"},
    {"help", "q", "close"},
    {"help", "Escape", "close"},
    {"help", "?", "close"},
};

enum { N_BINDINGS = sizeof BINDINGS / sizeof *BINDINGS };

const Binding *keys_at(const Keys *keys, size_t index) {
    if (index < keys->n) return &keys->bindings[index];
    return index - keys->n < N_BINDINGS ? &BINDINGS[index - keys->n] : NULL;
}

// A binding for the view goes before one for all; of two for the same, the first: the user's.
const char *keys_command(const Keys *keys, const View *view, const char *key) {
    const Binding *b, *everywhere = NULL;
    for (size_t i = 0; (b = keys_at(keys, i)); i++) {
        if (strcmp(b->key, key) != 0) continue;
        if (!b->view)
            everywhere = everywhere ? everywhere : b;
        else if (strcmp(b->view, view->name) == 0)
            return *b->command ? b->command : NULL;
    }
    return everywhere && *everywhere->command ? everywhere->command : NULL;
}

const char *keys_own(const Keys *keys, const char *view, const char *key) {
    const Binding *b;
    for (size_t i = 0; (b = keys_at(keys, i)); i++)
        if (b->view && strcmp(b->view, view) == 0 && strcmp(b->key, key) == 0)
            return *b->command ? b->command : NULL;
    return NULL;
}

static const char *label_of(const char *key) {
    static const char *const LABELS[][2] = {{"Right", "→"},       {"Left", "←"},           {"Up", "↑"},
                                            {"Down", "↓"},        {"Escape", "Esc"},       {"PageUp", "PgUp"},
                                            {"PageDown", "PgDn"}, {"BackTab", "Shift-Tab"}};
    for (size_t i = 0; i < sizeof LABELS / sizeof *LABELS; i++)
        if (strcmp(LABELS[i][0], key) == 0) return LABELS[i][1];
    return key;
}

void keys_label(const Keys *keys, const View *view, const char *command, int n_most, char *out, size_t size) {
    const Binding *b;
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; (b = keys_at(keys, i)) && n_most > 0 && used < size; i++) {
        if (strcmp(b->command, command) != 0 || (b->view && strcmp(b->view, view->name) != 0)) continue;
        const char *meant = keys_command(keys, view, b->key);
        if (!meant || strcmp(meant, command) != 0) continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", label_of(b->key));
        n_most--;
    }
}

// ---- the user's file ----------------------------------------------------------------------------

static char *trim(char *text) {
    while (isspace((unsigned char)*text)) text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) *--end = '\0';
    return text;
}

static bool check_command(const char *command, Error *err) {
    char name[32] = "";
    sscanf(command, "%31s", name);
    return !*name || command_find(name) ||
           error_set(err, "there is no command \"%s\"; ? in the stepper lists them", name);
}

// One line of the file: nothing, a view's name in brackets, or a binding.
static bool read_line(Keys *keys, char *line, const char **view, Error *err) {
    if (!*line || *line == '#') return true;
    size_t length = strlen(line);
    if (*line == '[' && line[length - 1] == ']') {
        line[length - 1] = '\0';
        *view = trim(line + 1);
        return view_find(*view) || strcmp(*view, KEYS_OF_LESSONS) == 0 ||
               error_set(err, "there is no view \"%s\"", *view);
    }
    char *sign = strstr(line + 1, "="); // a key may be "=" itself
    if (!sign) return error_set(err, "a line is KEY = COMMAND, such as `x = cross`");
    *sign = '\0';
    Binding binding = {*view, trim(line), trim(sign + 1)};
    if (!check_command(binding.command, err)) return false;
    keys->bindings[keys->n++] = binding;
    return true;
}

static char *copy_file(const Mapping *file) {
    char *text = malloc(file->n_bytes + 1);
    if (text && file->n_bytes) memcpy(text, file->bytes, file->n_bytes);
    if (text) text[file->n_bytes] = '\0';
    return text;
}

bool keys_read(Keys *keys, const char *path, Error *err) {
    Mapping file;
    *keys = (Keys){0};
    if (!mapping_open(&file, path, err)) return false;
    size_t n_lines = 1;
    for (size_t i = 0; i < file.n_bytes; i++) n_lines += file.bytes[i] == '\n';
    keys->text = copy_file(&file);
    keys->bindings = calloc(n_lines, sizeof *keys->bindings);
    mapping_close(&file);
    if (!keys->text || !keys->bindings)
        return error_no_memory(err, "the keys", (double)n_lines * sizeof *keys->bindings);
    const char *view = NULL;
    bool ok = true;
    int number = 0;
    for (char *line, *rest = keys->text; (line = strsep(&rest, "\n"));) {
        Error wrong;
        number++;
        if (read_line(keys, trim(line), &view, &wrong)) continue;
        if (ok) error_set(err, "%s, line %d: %.300s", path, number, wrong.text);
        ok = false;
    }
    return ok;
}

bool keys_load(Keys *keys, Error *err) {
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[PATH_MAX];
    *keys = (Keys){0};
    if (folder && *folder == '/')
        snprintf(path, sizeof path, "%s/kvstep", folder);
    else
        snprintf(path, sizeof path, "%s/.config/kvstep", home ? home : "");
    if (!file_exists_in(path, "keys")) return true;
    size_t used = strlen(path);
    snprintf(path + used, sizeof path - used, "/keys");
    return keys_read(keys, path, err);
}

void keys_done(Keys *keys) {
    free(keys->text);
    free(keys->bindings);
    *keys = (Keys){0};
}
