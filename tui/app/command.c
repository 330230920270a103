#include "tui/app/command.h"

#include <stdio.h>
#include <string.h>

#include "tui/app/program.h"

bool command_choice(const App *app, const Command *command, int index, char out[CHOICE_BYTES]) {
    if (command->choices) return command->choices(app, index, out);
    if (index >= command->n_words) return false;
    snprintf(out, CHOICE_BYTES, "%s", command->words[index]);
    return true;
}

// How many changes of one letter lead from one word to the other; words are short.
static int edits(const char *a, const char *b) {
    int row[33];
    int n = (int)strlen(b);
    for (int j = 0; j <= n && j < 33; j++) row[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n && j < 33; j++) {
            int above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best) best = above + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[n < 33 ? n : 32];
}

static bool unknown(const Program *program, const char *name, Error *err) {
    const Command *nearest = program_command(program, 0), *command;
    size_t length = strlen(name), n_same = 0;
    char several[256] = "";
    for (int i = 0; (command = program_command(program, i)); i++) {
        if (edits(name, command->name) < edits(name, nearest->name)) nearest = command;
        if (strncmp(name, command->name, length) != 0) continue;
        size_t used = strlen(several);
        snprintf(several + used, sizeof several - used, "%s%s", n_same++ ? ", " : "", command->name);
    }
    if (n_same > 1) return error_set(err, "\"%s\" could be %s", name, several);
    return error_set(err, "there is no command \"%s\": did you mean %s? ? shows all", name, nearest->name);
}

static bool execute(App *app, const Command *command, const char *argument, Error *err) {
    if (!command->argument && *argument) return error_set(err, "%s takes nothing after it", command->name);
    return command->run(app, argument, err);
}

bool command_execute(App *app, const char *line) {
    char name[32] = "";
    int used = 0;
    Error err;
    sscanf(line, " %31s %n", name, &used);
    if (!*name) return true;
    const Command *command = program_find(app->program, name);
    if (command && app->lesson) app->program->lesson->note(app, command);
    bool ok = command ? execute(app, command, line + used, &err) : unknown(app->program, name, &err);
    if (!ok) app_complain(app, &err);
    return ok;
}
