#include "cli/lesson_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "tui/app/draw.h"
#include "tui/lesson/lesson_run.h"

enum { SCREEN_ROWS = 30, SCREEN_COLUMNS = 100 };

typedef struct Screens {
    char **texts; // [n_pages]; NULL where the page runs no commands
    const Lesson *lesson;
} Screens;

static bool has_commands(const Page *page) {
    for (int i = 0; i < page->n_items; i++) {
        const Item *item = &page->items[i];
        if (item->commands.n > 0 ||
            (item->question && (item->question->after.n > 0 || item->question->solution.n > 0)))
            return true;
    }
    return false;
}

static void take_screen(void *context, const App *app, int page) {
    Screens *screens = context;
    Canvas canvas = {0};
    if (!has_commands(&screens->lesson->pages[page])) return;
    if (canvas_resize(&canvas, SCREEN_ROWS, SCREEN_COLUMNS)) {
        app_draw(app, &canvas);
        screens->texts[page] = canvas_to_text(&canvas, false);
    }
    canvas_done(&canvas);
}

// Prints a text with Markdown in the place of its marks.
static void print_prose_as(const Prose *prose, bool is_cell) {
    static const char *const SIGNS[] = {[MARK_STRONG] = "**", [MARK_EMPHASIS] = "*", [MARK_CODE] = "`"};
    int open[8], n_open = 0;
    for (const char *c = prose_text(prose); *c; c++) {
        if (*c >= MARK_STRONG && *c <= MARK_CODE && n_open < 8)
            fputs(SIGNS[open[n_open++] = (unsigned char)*c], stdout);
        else if (*c == MARK_END && n_open > 0)
            fputs(SIGNS[open[--n_open]], stdout);
        else if (*c == MARK_CELL)
            fputs(" | ", stdout);
        else
            printf(*c == '|' && is_cell ? "\\%c" : "%c", *c);
    }
}

static void print_prose(const Prose *prose) {
    print_prose_as(prose, false);
}

static void print_question(const Question *q, int number) {
    printf("**%d.** ", number);
    for (int i = 0; i < q->n_text; i++) {
        if (i > 0) puts("\n");
        print_prose(&q->text[i]);
    }
    puts("\n");
    for (int i = 0; i < q->n_options; i++) {
        printf("- [ ] ");
        print_prose(&q->options[i].text);
        puts(i + 1 == q->n_options ? "\n" : "");
    }
}

static void print_answer(const Question *q, int number) {
    printf("%d. ", number);
    for (int i = 0; i < q->n_options; i++)
        if (q->options[i].is_right) print_prose(&q->options[i].text);
    if (q->answer_text) printf("%s", q->answer_text);
    for (int i = 0; i < q->solution.n; i++) printf("%s`%s`", i > 0 ? ", " : "", q->solution.lines[i]);
    printf(". ");
    if (q->because.text) print_prose(&q->because);
    puts("");
}

static void print_row(const Item *item, bool is_head) {
    int n_cells = 1;
    printf("| ");
    print_prose_as(&item->prose, true);
    puts(" |");
    for (const char *c = item->prose.text; *c; c++) n_cells += *c == MARK_CELL;
    for (int i = 0; is_head && i < n_cells; i++) printf("|---%s", i + 1 == n_cells ? "|\n" : "");
}

static void print_item(const Page *page, int index, int *n_questions) {
    const Item *item = &page->items[index];
    bool ends = index + 1 == page->n_items || page->items[index + 1].kind != item->kind;
    bool is_text = item->kind == ITEM_PARAGRAPH || item->kind == ITEM_HEADING || item->kind == ITEM_QUOTE;
    if (item->kind == ITEM_HEADING) printf("### ");
    if (item->kind == ITEM_QUOTE) printf("> ");
    if (item->kind == ITEM_LIST && item->number > 0) printf("%*s%d. ", 3 * item->depth, "", item->number);
    if (item->kind == ITEM_LIST && item->number == 0) printf("%*s- ", 2 * item->depth, "");
    if (item->kind == ITEM_LIST && item->number < 0) printf("%*s", 2 * item->depth + 2, "");
    if (is_text || item->kind == ITEM_LIST) print_prose(&item->prose);
    if (item->kind == ITEM_ROW) print_row(item, index == 0 || page->items[index - 1].kind != ITEM_ROW);
    if (item->kind == ITEM_CODE) printf("```\n%s```\n", prose_text(&item->prose));
    if (item->kind == ITEM_RULE) printf("---");
    if (item->kind == ITEM_QUESTION) print_question(item->question, ++*n_questions);
    if (is_text || item->kind == ITEM_RULE) puts("\n");
    if (item->kind == ITEM_LIST) puts(ends ? "\n" : "");
    if ((item->kind == ITEM_ROW || item->kind == ITEM_CODE) && ends) puts("");
}

static void print_all(const Lesson *lesson, char **screens) {
    int n_questions = 0;
    const Question *q;
    printf("# %s\n\n", lesson->title);
    for (int i = 0; i < lesson->n_pages; i++) {
        printf("## %s\n\n", lesson->pages[i].title);
        for (int j = 0; j < lesson->pages[i].n_items; j++) print_item(&lesson->pages[i], j, &n_questions);
        if (screens[i]) printf("```text\n%s```\n\n", screens[i]);
    }
    puts("---\n");
    for (int i = 0; (q = lesson_question(lesson, i)); i++) print_answer(q, i + 1);
}

bool lesson_print(const char *path, Problems *problems) {
    Lesson lesson;
    bool ok = lesson_read(&lesson, path, problems);
    Screens screens = {calloc((size_t)lesson.n_pages + 1, sizeof(char *)), &lesson};
    ok = ok && screens.texts && lesson_run(&lesson, &PROGRAM, problems, take_screen, &screens);
    if (ok) print_all(&lesson, screens.texts);
    for (int i = 0; screens.texts && i < lesson.n_pages; i++) free(screens.texts[i]);
    free(screens.texts);
    lesson_done(&lesson);
    return ok;
}
