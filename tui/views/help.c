// The help: what the program shows, the keys of the view one comes from, and all commands; made from the tables.
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "tui/command.h"

static const char *const ABOUT[] = {
    "kvstep runs a decoder one step at a time, twice: with its KV cache, and again from the start.",
    "Both give the same logits to rounding; what differs is the work.",
};

// A page that is longer than the screen: lines are counted as they come, and drawn when they are in sight.
typedef struct Page {
    Canvas *canvas; // NULL: only counted
    Rect inside;
    int first, line;
} Page;

// The row of the next line, or -1, where nothing is drawn.
static int next_row(Page *page) {
    int row = page->line++ - page->first;
    return page->canvas && row >= 0 && row < page->inside.n_rows ? page->inside.row + row : -1;
}

static void draw_line(Page *page, const char *key, const char *name, const char *argument, const char *help) {
    int row = next_row(page), x = page->inside.column, end = x + page->inside.n_columns;
    if (row < 0) return;
    canvas_print(page->canvas, row, x, 12, ROLE_KEY, "%s", key);
    int used = canvas_print(page->canvas, row, x + 13, 25, ROLE_TITLE, "%s", name);
    if (argument) canvas_print(page->canvas, row, x + 14 + used, 24 - used, ROLE_DIM, "%s", argument);
    canvas_print(page->canvas, row, x + 39, end - x - 39, ROLE_TEXT, "%s", help);
}

static void draw_heading(Page *page, const char *words) {
    next_row(page);
    int row = next_row(page);
    if (row >= 0) canvas_print(page->canvas, row, page->inside.column, page->inside.n_columns, ROLE_BRAND, "%s", words);
}

// Whether an earlier binding has shown this command already, with all of its keys.
static bool was_shown(const App *app, const View *view, size_t index) {
    const Binding *b = keys_at(&app->keys, index), *earlier;
    for (size_t i = 0; i < index && (earlier = keys_at(&app->keys, i)); i++)
        if (strcmp(earlier->command, b->command) == 0 && (!earlier->view || strcmp(earlier->view, view->name) == 0))
            return true;
    return false;
}

static void draw_keys(const App *app, Page *page, const View *view) {
    const Binding *b;
    for (size_t i = 0; (b = keys_at(&app->keys, i)); i++) {
        char keys[48], name[32] = "";
        keys_label(&app->keys, view, b->command, 3, keys, sizeof keys);
        bool is_tab = strncmp(b->command, "view ", 5) == 0 && b->command[5] > '9'; // they stand above
        if (!keys[0] || is_tab || was_shown(app, view, i)) continue;
        const char *shown = strncmp(b->command, "line ", 5) == 0 ? b->command + 5 : b->command; // ":" is opened with this
        sscanf(shown, "%31s", name);
        const Command *command = command_find(name);
        draw_line(page, keys, shown, NULL, command ? command->help : "");
    }
}

static void draw_page(const App *app, Page *page) {
    const View *view = app->view_before ? app->view_before : &VIEW_MAIN;
    char heading[64];
    for (size_t i = 0; i < sizeof ABOUT / sizeof *ABOUT; i++) {
        int row = next_row(page);
        if (row >= 0)
            canvas_print(page->canvas, row, page->inside.column, page->inside.n_columns, ROLE_TEXT, "%s", ABOUT[i]);
    }
    draw_heading(page, "Views");
    for (int i = 0; i < N_TABS; i++) {
        char key[12];
        snprintf(key, sizeof key, "%d", i + 1);
        draw_line(page, key, VIEWS[i]->name, NULL, VIEWS[i]->help);
    }
    snprintf(heading, sizeof heading, "Keys in the view %s", view->name);
    draw_heading(page, heading);
    draw_keys(app, page, view);
    draw_heading(page, "Commands, after : or for -c; a beginning is enough");
    for (size_t i = 0; i < N_COMMANDS; i++) draw_line(page, "", COMMANDS[i].name, COMMANDS[i].argument, COMMANDS[i].help);
}

static void title(const App *app, char *title, size_t size) {
    (void)app;
    snprintf(title, size, "help");
}

static void draw(const App *app, Canvas *canvas, Rect inside) {
    Page page = {.inside = inside};
    draw_page(app, &page);
    int most = page.line > inside.n_rows ? page.line - inside.n_rows : 0;
    page = (Page){.canvas = canvas, .inside = inside, .first = app->scroll < most ? app->scroll : most};
    draw_page(app, &page);
    if (page.first < most)
        canvas_print_right(canvas, inside.row + inside.n_rows, inside.column + inside.n_columns, ROLE_DIM, " more below ");
}

const View VIEW_HELP = {
    .name = "help",
    .help = "views, keys and commands",
    .title = title,
    .draw = draw,
    .hints = {{{"scroll -1", "scroll +1"}, "line"}, {{"scroll -10", "scroll +10"}, "page"}, {{"close"}, "close"}}};
