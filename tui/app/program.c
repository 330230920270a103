#include "tui/app/program.h"

#include <stdio.h>
#include <string.h>

const View *program_view(const Program *program, const char *name) {
    for (int i = 0; i < program->n_views; i++)
        if (strcmp(program->views[i]->name, name) == 0) return program->views[i];
    return NULL;
}

bool program_has_tab(const Program *program, const View *view) {
    for (int i = 0; i < program->n_tabs; i++)
        if (program->views[i] == view) return true;
    return false;
}

// The command in a list, and when the list is too short, how far after its end.
static const Command *at(const Command *list, int *index) {
    for (; list && list->name; list++)
        if ((*index)-- == 0) return list;
    return NULL;
}

const Command *program_command(const Program *program, int index) {
    const Command *found = NULL;
    for (const Command *const *list = program->commands_before; !found && *list; list++)
        found = at(*list, &index);
    for (int i = 0; !found && i < program->n_views; i++) found = at(program->views[i]->commands, &index);
    for (const Command *const *list = program->commands_after; !found && *list; list++)
        found = at(*list, &index);
    return found;
}

const Command *program_find(const Program *program, const char *name) {
    const Command *found = NULL, *command;
    size_t length = strlen(name);
    bool is_one = true;
    for (int i = 0; (command = program_command(program, i)); i++) {
        if (strcmp(command->name, name) == 0) return command;
        if (strncmp(command->name, name, length) != 0) continue;
        is_one = !found;
        found = command;
    }
    return is_one ? found : NULL;
}

const Command *program_find_in(const Program *program, const char *line) {
    char name[32] = "";
    sscanf(line, " %31s", name);
    return program_find(program, name);
}
