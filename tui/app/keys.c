#include "tui/app/keys.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "tui/app/program.h"

// Appends a table whose last row has no key; returns how many bindings there are then. With NULL as `out`
// they are only counted.
static size_t append(const Key *table, const char *view, Binding *out, size_t n) {
    for (; table && table->name; table++, n++)
        if (out) out[n] = (Binding){table->name, table->command, view};
    return n;
}

// The program's own, after the n that there are.
static size_t append_own(const Program *program, Binding *out, size_t n) {
    n = append(program->keys, NULL, out, n);
    for (int i = 0; i < program->n_views; i++)
        n = append(program->views[i]->keys, program->views[i]->name, out, n);
    return append(program->lesson->keys, program->lesson->name, out, n);
}

bool keys_init(Keys *keys, const Program *program, Error *err) {
    size_t n = append_own(program, NULL, 0);
    *keys = (Keys){.program = program, .bindings = calloc(n, sizeof(Binding))};
    if (!keys->bindings) return error_no_memory(err, "the keys", (double)n * sizeof(Binding));
    keys->n = append_own(program, keys->bindings, 0);
    return true;
}

void keys_done(Keys *keys) {
    free(keys->text);
    free(keys->bindings);
    *keys = (Keys){0};
}

// A binding for the view goes before one for all; of two for the same, the first: the user's.
const char *keys_command(const Keys *keys, const char *view, const char *key) {
    const Binding *everywhere = NULL;
    for (size_t i = 0; i < keys->n; i++) {
        const Binding *b = &keys->bindings[i];
        if (strcmp(b->key, key) != 0) continue;
        if (!b->view)
            everywhere = everywhere ? everywhere : b;
        else if (strcmp(b->view, view) == 0)
            return *b->command ? b->command : NULL;
    }
    return everywhere && *everywhere->command ? everywhere->command : NULL;
}

const char *keys_own(const Keys *keys, const char *view, const char *key) {
    for (size_t i = 0; i < keys->n; i++) {
        const Binding *b = &keys->bindings[i];
        if (b->view && strcmp(b->view, view) == 0 && strcmp(b->key, key) == 0)
            return *b->command ? b->command : NULL;
    }
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

void keys_label(const Keys *keys, const char *view, const char *command, int n_most, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < keys->n && n_most > 0 && used < size; i++) {
        const Binding *b = &keys->bindings[i];
        if (strcmp(b->command, command) != 0 || (b->view && strcmp(b->view, view) != 0)) continue;
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

// One line of the file: nothing, a view's name in brackets, or a binding.
static bool read_line(Keys *keys, char *line, const char **view, Error *err) {
    if (!*line || *line == '#') return true;
    size_t length = strlen(line);
    if (*line == '[' && line[length - 1] == ']') {
        line[length - 1] = '\0';
        *view = trim(line + 1);
        return program_view(keys->program, *view) || strcmp(*view, keys->program->lesson->name) == 0 ||
               error_set(err, "there is no view \"%s\"", *view);
    }
    char *sign = strstr(line + 1, "="); // a key may be "=" itself
    if (!sign) return error_set(err, "a line is KEY = COMMAND, such as `x = cross`");
    *sign = '\0';
    Binding binding = {trim(line), trim(sign + 1), *view};
    char name[32] = "";
    sscanf(binding.command, "%31s", name);
    if (*name && !program_find(keys->program, name))
        return error_set(err, "there is no command \"%s\"; ? in the stepper lists them", name);
    keys->bindings[keys->n++] = binding;
    return true;
}

static char *copy_file(const Mapping *file) {
    char *text = malloc(file->n_bytes + 1);
    if (text && file->n_bytes) memcpy(text, file->bytes, file->n_bytes);
    if (text) text[file->n_bytes] = '\0';
    return text;
}

// Reads the lines of the text into the bindings.
static bool read_lines(Keys *keys, const char *path, Error *err) {
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

bool keys_read(Keys *keys, const char *path, Error *err) {
    Mapping file;
    if (!mapping_open(&file, path, err)) return false;
    size_t n = 1 + append_own(keys->program, NULL, 0);
    for (size_t i = 0; i < file.n_bytes; i++) n += file.bytes[i] == '\n';
    Keys read = {.program = keys->program, .text = copy_file(&file), .bindings = calloc(n, sizeof(Binding))};
    mapping_close(&file);
    if (!read.text || !read.bindings) {
        keys_done(&read);
        return error_no_memory(err, "the keys", (double)n * sizeof(Binding));
    }
    bool ok = read_lines(&read, path, err);
    read.n = append_own(read.program, read.bindings, read.n);
    keys_done(keys);
    *keys = read;
    return ok;
}

bool keys_load(Keys *keys, Error *err) {
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[PATH_MAX];
    if (folder && *folder == '/')
        snprintf(path, sizeof path, "%s/kvstep", folder);
    else
        snprintf(path, sizeof path, "%s/.config/kvstep", home ? home : "");
    if (!file_exists_in(path, "keys")) return true;
    size_t used = strlen(path);
    snprintf(path + used, sizeof path - used, "/keys");
    return keys_read(keys, path, err);
}
