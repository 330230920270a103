// The help: what the program shows, the keys of the view one comes from, and all commands; made from the
// tables.
#include <stdio.h>
#include <string.h>

#include "tui/app/command_argument.h"
#include "tui/app/draw.h"
#include "tui/app/frame.h"
#include "tui/app/program.h"
#include "tui/views/views.h"

typedef struct Help {
    int scroll; // lines that the page is moved up by
} Help;

static const char ABOUT[] =
    N_("kvstep runs a decoder one step at a time, twice: with its KV cache, and again from the start. "
       "Both give the same logits "
       "to rounding; what differs is the work. Tabs, hints, cells and rows can also be clicked.");

enum { NAME = 13, HELP = 27, COMMAND_HELP = 26 }; // columns

// A page that is longer than the screen: lines are counted as they come, and drawn when they are in sight.
typedef struct Page {
    Canvas *canvas; // NULL: only counted
    Rect inside;
    int first, line;
} Page;

// Draws in the line that comes next; returns the column after the text.
static int draw_words(const Page *page, int column, Role role, Text words) {
    int row = page->line - page->first, x = page->inside.column + column;
    if (!page->canvas || row < 0 || row >= page->inside.n_rows) return column + text_columns(words);
    return column +
           canvas_text(page->canvas, page->inside.row + row, x, page->inside.n_columns - column, role, words);
}

// Ends the line with a text from `column` on, and goes on below where it is too long.
static void draw_text(Page *page, int column, const char *text) {
    int room = page->inside.n_columns - column;
    while (*text && text_columns(text_from(text)) > room) {
        size_t n = text_line(text, room);
        draw_words(page, column, ROLE_TEXT, (Text){text, n});
        page->line++;
        text += n + (text[n] == ' ');
    }
    draw_words(page, column, ROLE_TEXT, text_from(text));
    page->line++;
}

static void draw_key(Page *page, const char *key, const char *name, const char *help) {
    draw_words(page, 0, ROLE_KEY, text_from(key));
    draw_words(page, NAME, ROLE_TITLE, text_from(name));
    draw_text(page, HELP, help);
}

// Where its argument is long, the help of a command stands below.
static void draw_command(Page *page, const Command *command) {
    int end = draw_words(page, 0, ROLE_TITLE, text_from(command->name));
    if (command->argument) end = draw_words(page, end + 1, ROLE_DIM, text_from(command->argument));
    if (end >= COMMAND_HELP) page->line++;
    draw_text(page, COMMAND_HELP, _(command->help));
}

static void draw_heading(Page *page, const char *words) {
    page->line++;
    draw_words(page, 0, ROLE_BRAND, text_from(words));
    page->line++;
}

// Whether an earlier binding has shown this command already, with all of its keys.
static bool was_shown(const App *app, const char *view, size_t index) {
    const Binding *bindings = app->keys.bindings;
    for (size_t i = 0; i < index; i++)
        if (strcmp(bindings[i].command, bindings[index].command) == 0 &&
            (!bindings[i].view || strcmp(bindings[i].view, view) == 0))
            return true;
    return false;
}

// The keys that are the view's own, or those of every view.
static void draw_keys(const App *app, Page *page, const char *view, bool are_own) {
    for (size_t i = 0; i < app->keys.n; i++) {
        const Binding *b = &app->keys.bindings[i];
        char keys[48];
        keys_label(&app->keys, view, b->command, 3, keys, sizeof keys);
        bool is_tab = strncmp(b->command, "view ", 5) == 0 && b->command[5] > '9'; // they stand above
        if (!keys[0] || is_tab || (b->view != NULL) != are_own || was_shown(app, view, i)) continue;
        const char *shown =
            strncmp(b->command, "line ", 5) == 0 ? b->command + 5 : b->command; // ":" is opened with this
        const Command *command = program_find_in(app->program, shown);
        draw_key(page, keys, shown, command ? _(command->help) : "");
    }
}

static bool has_own_keys(const App *app, const char *view) {
    for (size_t i = 0; i < app->keys.n; i++)
        if (app->keys.bindings[i].view && strcmp(app->keys.bindings[i].view, view) == 0) return true;
    return false;
}

static void draw_page(const App *app, Page *page) {
    const Program *program = app->program;
    const View *const *views = program->views;
    const char *view = app->tab->name;
    char heading[64];
    draw_text(page, 0, _(ABOUT));
    draw_heading(page, _("Views"));
    for (int i = 0; i < program->n_tabs; i++) {
        char key[12];
        snprintf(key, sizeof key, "%d", i + 1);
        draw_key(page, key, views[i]->name, _(views[i]->help));
    }
    if (app->lesson) {
        draw_heading(page, _("Keys of the lesson"));
        draw_keys(app, page, program->lesson->name, true);
    }
    snprintf(heading, sizeof heading, _("Keys of the view %s"), _(view));
    if (has_own_keys(app, view)) {
        draw_heading(page, heading);
        draw_keys(app, page, view, true);
    }
    draw_heading(page, _("Keys of every view"));
    draw_keys(app, page, view, false);
    draw_heading(page, _("Commands, after : or for -c; a beginning is enough"));
    const Command *command;
    for (int i = 0; (command = program_command(program, i)); i++) draw_command(page, command);
}

static void title(const App *app, const void *state, char *title, size_t size) {
    (void)app, (void)state;
    snprintf(title, size, "%s", _("help"));
}

static int last_first_line(const App *app, Rect inside) {
    Page page = {.inside = inside};
    draw_page(app, &page);
    return page.line > inside.n_rows ? page.line - inside.n_rows : 0;
}

// On the screen as it is.
static int most_scroll(const App *app) {
    int n_rows, n_columns;
    app_view_size(app, &n_rows, &n_columns);
    return last_first_line(app, (Rect){0, 0, n_rows - FRAME_ROWS, n_columns - FRAME_COLUMNS});
}

static void draw(const App *app, const void *state, Canvas *canvas, Rect inside) {
    int scroll = ((const Help *)state)->scroll, most = last_first_line(app, inside);
    Page page = {.canvas = canvas, .inside = inside, .first = scroll < most ? scroll : most};
    draw_page(app, &page);
    if (page.first < most)
        canvas_print_right(canvas, inside.row + inside.n_rows, inside.column + inside.n_columns, ROLE_DIM,
                           _(" more below "));
}

static void go_to_top(const App *app, void *state) {
    (void)app;
    ((Help *)state)->scroll = 0;
}

static bool run_help(App *app, const char *argument, Error *err) {
    (void)argument, (void)err;
    view_open(app, &VIEW_HELP);
    return true;
}

static bool run_scroll(App *app, const char *argument, Error *err) {
    Help *help = view_state(app, &VIEW_HELP);
    double by;
    if (!argument_number(&by, -10000, 10000, argument, "scroll", err)) return false;
    help->scroll = argument_clamp(help->scroll + (int)by, 0, most_scroll(app));
    return true;
}

static const Command COMMANDS[] = {
    {"help", NULL, N_("show the commands and their keys"), .run = run_help},
    {"scroll", "+N | -N", N_("move a long page"), .run = run_scroll},
    {0},
};

static const Key KEYS[] = {
    {"Up", "scroll -1"},
    {"Down", "scroll +1"},
    {"PageUp", "scroll -10"},
    {"PageDown", "scroll +10"},
    {"Space", "scroll +10"},
    {"Home", "scroll -10000"},
    {"End", "scroll +10000"},
    {"q", "close"},
    {"Escape", "close"},
    {"?", "close"},
    {0},
};

const View VIEW_HELP = {
    .name = N_("help"),
    .help = N_("views, keys and commands"),
    .state_size = sizeof(Help),
    .open = go_to_top,
    .title = title,
    .draw = draw,
    .commands = COMMANDS,
    .keys = KEYS,
    .hints =
        {
            {{"scroll -1", "scroll +1"}, N_("line")},
            {{"scroll -10", "scroll +10"}, N_("page")},
            {{"close"}, N_("close")},
        },
};
