#include "tui/app/command.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/data_folder.h"
#include "core/model/model_folder.h"
#include "tui/app/commands.h"
#include "tui/app/view.h"
#include "tui/lesson/lesson_play.h"
#include "tui/views/memory/memory.h"
#include "tui/widgets/quantity.h"

// ---- what the command line offers ---------------------------------------------------------------

static bool offer(const char *const *words, int n, int index, char out[CHOICE_BYTES]) {
    if (index >= n) return false;
    snprintf(out, CHOICE_BYTES, "%s", words[index]);
    return true;
}

static bool offer_views(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    return index < N_VIEWS && offer(&VIEWS[index]->name, 1, 0, out);
}

static bool offer_themes(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    return offer(THEME_NAMES, THEME_COUNT, index, out);
}

static bool offer_scales(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    return offer(SCALE_NAMES, SCALE_COUNT, index, out);
}

static bool offer_masks(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    return offer(MASK_NAMES, N_MASKS, index, out);
}

static bool offer_quantities(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    return offer(QUANTITY_WORDS, QUANTITY_COUNT, index, out);
}

static bool offer_sites(const App *app, int index, char out[CHOICE_BYTES]) {
    for (int site = 0; site < SITE_COUNT; site++)
        if ((sites_of_config(&app->timeline->config) & SITE_BIT(site)) && index-- == 0)
            return offer(&SITES[site].name, 1, 0, out);
    return false;
}

static bool offer_known_models(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    return index < N_KNOWN_MODELS && offer(&KNOWN_MODELS[index].name, 1, 0, out);
}

// The models that are installed, by name.
static bool offer_models(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    for (int place = 0; place < N_DATA_PLACES; place++) {
        char path[PATH_MAX], folder[PATH_MAX + NAME_MAX + 2];
        struct dirent **entries;
        int n =
            data_place(place, "models", path, sizeof path) ? scandir(path, &entries, NULL, alphasort) : -1;
        bool found = false;
        for (int i = 0; i < n; i++) {
            snprintf(folder, sizeof folder, "%s/%s", path, entries[i]->d_name);
            bool is_it = !found && entries[i]->d_name[0] != '.' && is_model_folder(folder) && index-- == 0;
            if (is_it) snprintf(out, CHOICE_BYTES, "%.*s", CHOICE_BYTES - 1, entries[i]->d_name);
            found = found || is_it;
            free(entries[i]);
        }
        if (n >= 0) free(entries);
        if (found) return true;
    }
    return false;
}

static bool offer_commands(const App *app, int index, char out[CHOICE_BYTES]) {
    (void)app;
    return index < (int)N_COMMANDS && offer(&COMMANDS[index].name, 1, 0, out);
}

// ---- the table ----------------------------------------------------------------------------------

const Command COMMANDS[] = {
    {"step", NULL, N_("run the next token, or show the next recorded step"), run_step, NULL},
    {"back", NULL, N_("go back one step; nothing is computed again"), run_back, NULL},
    {"play", NULL, N_("step by itself, or stop"), run_play, NULL},
    {"speed", "N | + | -", N_("how many steps a second playing runs"), run_speed, NULL},
    {"first", NULL, N_("go to the first step: the prefill of the prompt"), run_first, NULL},
    {"last", NULL, N_("go to the latest step"), run_last, NULL},
    {"goto", "N", N_("go to step N"), run_goto, NULL},
    {"token", "N", N_("go to the step that computed the row of token N"), run_token, NULL},
    {"search", "TEXT", N_("go to the next token with TEXT in it; without TEXT, with the last one"),
     run_search, NULL},

    {"view", "NAME | N | +1 | -1", N_("open a view, or the next or previous one"), run_view, offer_views},
    {"layer", "N | +N | -N", N_("look at another layer"), run_layer, NULL},
    {"head", "N | +N | -N", N_("look at another attention head"), run_head, NULL},
    {"row", "N | +N | -N", N_("look at the row of another token: what it looks at"), run_row, NULL},
    {"cursor", "up | down | left | right | ROW SRC", N_("move the cursor of the attention view"), run_cursor,
     NULL},
    {"heads", NULL, N_("all heads of the layer side by side, or one"), run_heads, NULL},
    {"cross", NULL, N_("look at the source or at the text (encoder-decoder)"), run_cross, NULL},
    {"scale", "root | linear | log", N_("how a weight becomes heat"), run_scale, offer_scales},
    {"changes", NULL, N_("mark what the step changed, or stop it"), run_changes, NULL},
    {"stage", "N | +N | -N | SITE", N_("another stage of the forward pass"), run_stage, offer_sites},
    {"quantity", "flops | bytes | time | passes | pairs", N_("what the compute view draws"), run_quantity,
     offer_quantities},
    {"factor", "N | +N | -N | NAME VALUE", N_("select a factor of the memory formula, or set it"),
     memory_view_factor, NULL},
    {"more", NULL, N_("make the selected factor larger"), run_more, NULL},
    {"less", NULL, N_("make the selected factor smaller"), run_less, NULL},
    {"sizes", "[MODEL | N]", N_("the memory formula for this model, or for a known one"), memory_view_sizes,
     offer_known_models},

    {"candidate", "N | +N | -N", N_("select a candidate for the next token"), run_candidate, NULL},
    {"branch", "[N]", N_("go on from here with the selected candidate, or number N"), run_branch, NULL},
    {"branches", NULL, N_("the list of branches"), run_branches, NULL},
    {"select", "N | +N | -N", N_("select a branch in the list"), run_select, NULL},
    {"switch", "[N]", N_("go to the selected branch, or number N"), run_switch, NULL},
    {"edit", NULL, N_("change the prompt, or the source that an encoder reads, on the command line"),
     run_edit, NULL},
    {"prompt", "TEXT", N_("start again from another text"), run_prompt, NULL},
    {"source", "TEXT", N_("start again with another source (encoder-decoder)"), run_source, NULL},
    {"temperature", "T", N_("start again; 0 is greedy, 1 the model's own spread"), run_temperature, NULL},
    {"top-k", "K", N_("start again, choosing among the K most likely (0: all)"), run_top_k, NULL},
    {"top-p", "P", N_("start again, choosing among those that reach P (1: all)"), run_top_p, NULL},
    {"seed", "S", N_("start again with other random numbers"), run_seed, NULL},
    {"model", "NAME | FOLDER", N_("start again with another model"), run_model, offer_models},
    {"mask", "causal | no-offset", N_("start again; no-offset is a mistake of many caches, to look at"),
     run_mask, offer_masks},
    {"restart", NULL, N_("start again: no step has run, no branch is there"), run_restart, NULL},

    {"save", "FILE", N_("write the steps so far as a trace"), run_save, NULL},
    {"save!", "FILE", N_("the same, over a file that is there"), run_save_over, NULL},
    {"screen", "FILE.txt | FILE.svg", N_("write the screen as text or as a picture"), run_screen, NULL},
    {"screen!", "FILE.txt | FILE.svg", N_("the same, over a file that is there"), run_screen_over, NULL},
    {"theme", "dark | light | contrast | mono", N_("the colours of the screen"), run_theme, offer_themes},
    {"redraw", NULL, N_("draw the whole screen again"), run_redraw, NULL},
    {"scroll", "+N | -N", N_("move a long page"), run_scroll, NULL},
    {"continue", NULL, N_("in a lesson: answer its question, or turn the page"), run_continue, NULL},
    {"answer", "TEXT | N", N_("in a lesson: answer the question, or choose option N"), run_answer, NULL},
    {"hint", NULL, N_("in a lesson: another hint for the question"), run_hint, NULL},
    {"skip", NULL, N_("in a lesson: show the answer and go on"), run_skip, NULL},
    {"page", "N | +1 | -1", N_("in a lesson: another page"), run_page, NULL},
    {"read", "+N | -N", N_("in a lesson: move its text"), run_read, NULL},
    {"pane", NULL, N_("in a lesson: the text or the view, where both do not fit"), run_pane, NULL},

    {"line", "[COMMAND]", N_("open the command line"), run_line, offer_commands},
    {"cancel", NULL, N_("stop a computation, stop playing"), run_cancel, NULL},
    {"help", NULL, N_("show the commands and their keys"), run_help, NULL},
    {"close", NULL, N_("leave a page that has no tab"), run_close, NULL},
    {"quit", NULL, N_("leave"), run_quit, NULL},
};
const size_t N_COMMANDS = sizeof COMMANDS / sizeof *COMMANDS;

const Command *command_find(const char *name) {
    const Command *found = NULL;
    size_t length = strlen(name);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) return &COMMANDS[i];
        if (strncmp(COMMANDS[i].name, name, length) != 0) continue;
        if (found) return NULL;
        found = &COMMANDS[i];
    }
    return found;
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

static bool unknown(const char *name, Error *err) {
    const Command *nearest = &COMMANDS[0];
    size_t length = strlen(name), n_same = 0;
    char several[256] = "";
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (edits(name, COMMANDS[i].name) < edits(name, nearest->name)) nearest = &COMMANDS[i];
        if (strncmp(name, COMMANDS[i].name, length) != 0) continue;
        size_t used = strlen(several);
        snprintf(several + used, sizeof several - used, "%s%s", n_same++ ? ", " : "", COMMANDS[i].name);
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
    const Command *command = command_find(name);
    lesson_note(app, line);
    bool ok = command ? execute(app, command, line + used, &err) : unknown(name, &err);
    if (!ok) app_complain(app, &err);
    return ok;
}
