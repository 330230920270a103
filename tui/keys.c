#include "keys.h"

#include <stdio.h>
#include <string.h>

#include "view.h"

// Of several keys for a command the first is the one that hints show.
const Binding BINDINGS[] = {
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
    {NULL, "e", "line prompt"},
    {NULL, "m", "line model"},
    {NULL, "t", "theme"},
    {NULL, "w", "line save"},
    {NULL, "r", "restart"},
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
    {"help", "Up", "scroll -1"},
    {"help", "Down", "scroll +1"},
    {"help", "PageUp", "scroll -10"},
    {"help", "PageDown", "scroll +10"},
    {"help", "Space", "scroll +10"},
    {"help", "q", "close"},
    {"help", "Escape", "close"},
    {"help", "?", "close"},
};
const size_t N_BINDINGS = sizeof BINDINGS / sizeof *BINDINGS;

const char *keys_command(const View *view, const char *key) {
    const char *everywhere = NULL;
    for (size_t i = 0; i < N_BINDINGS; i++) {
        const Binding *b = &BINDINGS[i];
        if (strcmp(b->key, key) != 0) continue;
        if (!b->view)
            everywhere = everywhere ? everywhere : b->command;
        else if (strcmp(b->view, view->name) == 0)
            return b->command;
    }
    return everywhere;
}

static const char *label_of(const char *key) {
    static const char *const LABELS[][2] = {{"Right", "→"}, {"Left", "←"}, {"Up", "↑"}, {"Down", "↓"}, {"Escape", "Esc"}};
    for (size_t i = 0; i < sizeof LABELS / sizeof *LABELS; i++)
        if (strcmp(LABELS[i][0], key) == 0) return LABELS[i][1];
    return key;
}

void keys_label(const View *view, const char *command, int n_most, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < N_BINDINGS && n_most > 0 && used < size; i++) {
        const Binding *b = &BINDINGS[i];
        const char *meant = keys_command(view, b->key);
        if (strcmp(b->command, command) != 0 || !meant || strcmp(meant, command) != 0) continue;
        if (b->view && strcmp(b->view, view->name) != 0) continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", label_of(b->key));
        n_most--;
    }
}
