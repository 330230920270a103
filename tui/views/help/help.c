// The help: what the program shows, the keys of the view one comes from, and all commands; made from the
// tables.
#include "tui/views/help/help.h"

#include <stdio.h>
#include <string.h>

#include "tui/app/command.h"
#include "tui/lesson/lesson_pane.h"
#include "tui/app/frame.h"

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
static bool was_shown(const App *app, const View *view, size_t index) {
    const Binding *b = keys_at(&app->keys, index), *earlier;
    for (size_t i = 0; i < index && (earlier = keys_at(&app->keys, i)); i++)
        if (strcmp(earlier->command, b->command) == 0 &&
            (!earlier->view || strcmp(earlier->view, view->name) == 0))
            return true;
    return false;
}

// The keys that are the view's own, or those of every view.
static void draw_keys(const App *app, Page *page, const View *view, bool are_own) {
    const Binding *b;
    for (size_t i = 0; (b = keys_at(&app->keys, i)); i++) {
        char keys[48], name[32] = "";
        keys_label(&app->keys, view, b->command, 3, keys, sizeof keys);
        bool is_tab = strncmp(b->command, "view ", 5) == 0 && b->command[5] > '9'; // they stand above
        if (!keys[0] || is_tab || (b->view != NULL) != are_own || was_shown(app, view, i)) continue;
        const char *shown =
            strncmp(b->command, "line ", 5) == 0 ? b->command + 5 : b->command; // ":" is opened with this
        sscanf(shown, "%31s", name);
        const Command *command = command_find(name);
        draw_key(page, keys, shown, command ? _(command->help) : "");
    }
}

static bool has_own_keys(const App *app, const View *view) {
    const Binding *b;
    for (size_t i = 0; (b = keys_at(&app->keys, i)); i++)
        if (b->view && strcmp(b->view, view->name) == 0) return true;
    return false;
}

static void draw_page(const App *app, Page *page) {
    const View *view = app->tab;
    char heading[64];
    draw_text(page, 0, _(ABOUT));
    draw_heading(page, _("Views"));
    for (int i = 0; i < N_TABS; i++) {
        char key[12];
        snprintf(key, sizeof key, "%d", i + 1);
        draw_key(page, key, VIEWS[i]->name, _(VIEWS[i]->help));
    }
    if (app->lesson) {
        draw_heading(page, _("Keys of the lesson"));
        draw_keys(app, page, &LESSON_KEYS, true);
    }
    snprintf(heading, sizeof heading, _("Keys of the view %s"), _(view->name));
    if (has_own_keys(app, view)) {
        draw_heading(page, heading);
        draw_keys(app, page, view, true);
    }
    draw_heading(page, _("Keys of every view"));
    draw_keys(app, page, view, false);
    draw_heading(page, _("Commands, after : or for -c; a beginning is enough"));
    for (size_t i = 0; i < N_COMMANDS; i++) draw_command(page, &COMMANDS[i]);
}

static void title(const App *app, char *title, size_t size) {
    (void)app;
    snprintf(title, size, "%s", _("help"));
}

static int last_first_line(const App *app, Rect inside) {
    Page page = {.inside = inside};
    draw_page(app, &page);
    return page.line > inside.n_rows ? page.line - inside.n_rows : 0;
}

int help_most_scroll(const App *app) {
    int n_rows, n_columns;
    app_view_size(app, &n_rows, &n_columns);
    return last_first_line(app, (Rect){0, 0, n_rows - FRAME_ROWS, n_columns - FRAME_COLUMNS});
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    int most = last_first_line(app, inside);
    Page page = {.canvas = canvas, .inside = inside, .first = app->scroll < most ? app->scroll : most};
    draw_page(app, &page);
    if (page.first < most)
        canvas_print_right(canvas, inside.row + inside.n_rows, inside.column + inside.n_columns, ROLE_DIM,
                           _(" more below "));
}

const View VIEW_HELP = {.name = N_("help"),
                        .help = N_("views, keys and commands"),
                        .title = title,
                        .draw = draw,
                        .hints = {{{"scroll -1", "scroll +1"}, N_("line")},
                                  {{"scroll -10", "scroll +10"}, N_("page")},
                                  {{"close"}, N_("close")}}};
