#include "tui/app/command_line.h"

#include <stdio.h>
#include <string.h>

#include "tui/app/program.h"
#include "tui/screen/frame_lines.h"

enum { MOST_MATCHES = 8 };

void command_line_open(CommandLine *line, const char *text) {
    line->is_open = true;
    snprintf(line->text, sizeof line->text, "%s", text);
    line->cursor = (int)strlen(line->text);
    line->recalled = line->n_history;
}

// ---- editing ------------------------------------------------------------------------------------

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

static int character_before(const CommandLine *line, int at) {
    if (at > 0) at--;
    while (at > 0 && is_continuation(line->text[at])) at--;
    return at;
}

static int character_after(const CommandLine *line, int at) {
    if (line->text[at]) at++;
    while (is_continuation(line->text[at])) at++;
    return at;
}

static void delete (CommandLine *line, int first, int end) {
    memmove(line->text + first, line->text + end, strlen(line->text + end) + 1);
    line->cursor = first;
}

static void insert(CommandLine *line, const char *text) {
    size_t length = strlen(line->text), n = strlen(text);
    if (length + n >= sizeof line->text) return;
    memmove(line->text + line->cursor + n, line->text + line->cursor, length - (size_t)line->cursor + 1);
    memcpy(line->text + line->cursor, text, n);
    line->cursor += (int)n;
}

static void recall(CommandLine *line, int by) {
    int wanted = line->recalled + by;
    if (wanted < 0 || wanted > line->n_history) return;
    if (line->recalled == line->n_history) memcpy(line->draft, line->text, sizeof line->draft);
    line->recalled = wanted;
    memcpy(line->text, wanted == line->n_history ? line->draft : line->history[wanted], sizeof line->text);
    line->cursor = (int)strlen(line->text);
}

static void remember(CommandLine *line) {
    if (line->n_history > 0 && strcmp(line->history[line->n_history - 1], line->text) == 0) return;
    if (line->n_history == HISTORY_LINES) {
        memmove(line->history, line->history + 1, sizeof line->history - sizeof *line->history);
        line->n_history--;
    }
    memcpy(line->history[line->n_history++], line->text, sizeof *line->history);
}

// ---- completion ---------------------------------------------------------------------------------

// What the text before the cursor can be completed to.
typedef struct Matches {
    int start; // where in the line the completed word begins
    char words[MOST_MATCHES][CHOICE_BYTES];
    const Command *commands[MOST_MATCHES]; // of command names; NULL for arguments
    int n;                                 // in words
    int n_all;                             // with those that found no place
} Matches;

static void add_match(Matches *matches, const char *typed, const char *word, const Command *command) {
    if (strncmp(word, typed, strlen(typed)) != 0) return;
    if (matches->n_all++ >= MOST_MATCHES) return;
    matches->commands[matches->n] = command;
    snprintf(matches->words[matches->n++], CHOICE_BYTES, "%s", word);
}

static void find_matches(const App *app, Matches *matches) {
    const CommandLine *line = &app->line;
    char typed[LINE_BYTES];
    snprintf(typed, sizeof typed, "%.*s", line->cursor, line->text);
    char *blank = strchr(typed, ' ');
    *matches = (Matches){0};
    if (!blank) {
        const Command *command;
        for (int i = 0; (command = program_command(app->program, i)); i++)
            add_match(matches, typed, command->name, command);
        return;
    }
    *blank = '\0';
    const Command *command = program_find(app->program, typed);
    matches->start = (int)(blank + 1 - typed);
    char word[CHOICE_BYTES];
    for (int i = 0; command && command_choice(app, command, i, word); i++)
        add_match(matches, blank + 1, word, NULL);
}

// Puts in what all matches have in common; a single one in full.
static void complete(App *app) {
    CommandLine *line = &app->line;
    Matches matches;
    find_matches(app, &matches);
    if (matches.n == 0) return;
    size_t common = strlen(matches.words[0]);
    for (int i = 1; i < matches.n; i++)
        while (strncmp(matches.words[0], matches.words[i], common) != 0) common--;
    matches.words[0][common] = '\0';
    insert(line, matches.words[0] + (line->cursor - matches.start)); // all of them begin with what is typed
    if (matches.n_all == 1 && matches.commands[0] && matches.commands[0]->argument) insert(line, " ");
}

// ---- keys ---------------------------------------------------------------------------------------

static void enter(App *app) {
    CommandLine *line = &app->line;
    line->is_open = false;
    if (line->text[strspn(line->text, " ")] == '\0') return;
    remember(line);
    command_execute(app, line->text);
}

// A key that is text, not the name of one such as "F5".
static bool is_one_character(const char *key) {
    int n = 0;
    for (const char *c = key; *c; c++) n += !is_continuation(*c);
    return n == 1;
}

static void edit(CommandLine *line, const char *key) {
    int end = (int)strlen(line->text);
    if (strcmp(key, "Backspace") == 0 && line->text[0] == '\0')
        line->is_open = false;
    else if (strcmp(key, "Backspace") == 0)
        delete (line, character_before(line, line->cursor), line->cursor);
    else if (strcmp(key, "Delete") == 0)
        delete (line, line->cursor, character_after(line, line->cursor));
    else if (strcmp(key, "Left") == 0)
        line->cursor = character_before(line, line->cursor);
    else if (strcmp(key, "Right") == 0)
        line->cursor = character_after(line, line->cursor);
    else if (strcmp(key, "Home") == 0 || strcmp(key, "Ctrl-A") == 0)
        line->cursor = 0;
    else if (strcmp(key, "End") == 0 || strcmp(key, "Ctrl-E") == 0)
        line->cursor = end;
    else if (strcmp(key, "Ctrl-U") == 0)
        delete (line, 0, line->cursor);
    else if (strcmp(key, "Ctrl-K") == 0)
        line->text[line->cursor] = '\0';
    else if (strcmp(key, "Space") == 0)
        insert(line, " ");
    else if (is_one_character(key))
        insert(line, key);
}

void command_line_key(App *app, const char *key) {
    CommandLine *line = &app->line;
    if (strcmp(key, "Escape") == 0)
        line->is_open = false;
    else if (strcmp(key, "Enter") == 0)
        enter(app);
    else if (strcmp(key, "Tab") == 0)
        complete(app);
    else if (strcmp(key, "Up") == 0)
        recall(line, -1);
    else if (strcmp(key, "Down") == 0)
        recall(line, 1);
    else
        edit(line, key);
}

// ---- on the screen ------------------------------------------------------------------------------

// Where the help of commands begins: after the longest of them.
static int help_column(const Matches *matches) {
    size_t longest = 20;
    for (int i = 0; i < matches->n; i++) {
        const Command *command = matches->commands[i];
        size_t n =
            command ? strlen(command->name) + (command->argument ? 1 + strlen(command->argument) : 0) : 0;
        if (n > longest) longest = n;
    }
    return 5 + (int)longest;
}

// A command whose argument is being typed, and cannot be chosen from a list, still says what it takes.
static void show_usage(const App *app, Matches *matches) {
    const char *text = app->line.text;
    const Command *command = strchr(text, ' ') ? program_find_in(app->program, text) : NULL;
    if (!command) return;
    *matches = (Matches){.commands = {command}, .n = 1, .n_all = 1};
    snprintf(matches->words[0], CHOICE_BYTES, "%s", command->name);
}

static void draw_matches(const Matches *matches, Canvas *canvas) {
    Rect inside = {2, 2, canvas->n_rows - 3, canvas->n_columns - 4};
    int width = inside.n_columns, bottom = canvas->n_rows - 1, top = bottom - matches->n - 1,
        help = help_column(matches);
    for (int row = top; row < bottom; row++)
        canvas_print(canvas, row, 1, width + 2, ROLE_TEXT, "%*s", width + 2, "");
    frame_line(canvas, inside, top, 0, NULL);
    frame_column(canvas, 0, top, bottom);
    frame_column(canvas, width + 3, top, bottom);
    if (matches->n_all > matches->n)
        canvas_print(canvas, top, 4, width, ROLE_DIM, _(" %d more "), matches->n_all - matches->n);
    for (int i = 0; i < matches->n; i++) {
        const Command *command = matches->commands[i];
        int row = top + 1 + i, x = 3;
        x += canvas_text(canvas, row, x, width - 1, ROLE_KEY, text_from(matches->words[i]));
        if (!command) continue;
        if (command->argument) canvas_print(canvas, row, x + 1, width - x, ROLE_DIM, "%s", command->argument);
        canvas_print(canvas, row, help, width + 1 - help, ROLE_TEXT, "%s", _(command->help));
    }
}

void command_line_draw(const App *app, Canvas *canvas) {
    const CommandLine *line = &app->line;
    int row = canvas->n_rows - 1, end = canvas->n_columns - 2, x = 2;
    Matches matches;
    find_matches(app, &matches);
    if (matches.n == 0) show_usage(app, &matches);
    if (matches.n > 0) draw_matches(&matches, canvas);
    canvas_print(canvas, row, 2, end - 2, ROLE_TEXT, "%*s", end - 2, "");
    x += canvas_print(canvas, row, x, 2, ROLE_KEY, ":");
    // a long line shows the part around the cursor
    int first = 0;
    while (canvas_text_width(canvas, (Text){line->text + first, (size_t)(line->cursor - first)}) >
           end - x - 2)
        first = character_after(line, first);
    x += canvas_text(canvas, row, x, end - x, ROLE_TEXT,
                     (Text){line->text + first, (size_t)(line->cursor - first)});
    int after = character_after(line, line->cursor), n_under = after - line->cursor;
    Text under = n_under > 0 ? (Text){line->text + line->cursor, (size_t)n_under} : text_from(" ");
    x += canvas_text(canvas, row, x, end - x, ROLE_CURSOR, under);
    canvas_text(canvas, row, x, end - x, ROLE_TEXT, text_from(line->text + after));
}
