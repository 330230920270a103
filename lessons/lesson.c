#include "lessons/lesson.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/array.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "lessons/markdown.h"
#include "lessons/question_read.h"
#include "lessons/value.h"

enum { MAX_LESSON_BYTES = 1 << 20, MAX_NAME_BYTES = 100, MAX_QUESTIONS = 100, MAX_COMMANDS = 512 };

// ---- the title block ----------------------------------------------------------------------------

static void read_minutes(Lesson *lesson, const char *value, int line, Problems *problems) {
    double minutes;
    if (number_read(value, &minutes) && minutes >= 1 && minutes <= 600 && minutes == (int)minutes)
        lesson->minutes = (int)minutes;
    else
        problems_add(problems, line, "minutes is a whole number, not \"%s\"", value);
}

static void read_entry(Lesson *lesson, char *line, int number, Problems *problems) {
    struct {
        const char *name;
        char **value;
    } entries[] = {{"title", &lesson->title},
                   {"model", &lesson->model},
                   {"prompt", &lesson->prompt},
                   {"source", &lesson->source},
                   {"needs", &lesson->needs}};
    char *value = strchr(line, ':');
    if (!value) {
        problems_add(problems, number, "the title block has `name: value` on each line, not \"%.60s\"", line);
        return;
    }
    *value++ = '\0';
    value += strspn(value, " \t");
    for (size_t n = strlen(value); n > 0 && isspace((unsigned char)value[n - 1]);) value[--n] = '\0';
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (strcmp(entries[i].name, line) == 0) {
            free(*entries[i].value);
            *entries[i].value = strdup(value);
            return;
        }
    if (strcmp(line, "minutes") == 0)
        read_minutes(lesson, value, number, problems);
    else if (strcmp(line, "skip") == 0 && strcmp(value, "no") == 0)
        lesson->may_skip = false;
    else if (strcmp(line, "skip") != 0 || strcmp(value, "yes") != 0)
        problems_add(problems, number,
                     "what is \"%s: %s\"? There are title, minutes, model, prompt, source, needs, skip: no",
                     line, value);
}

// Returns the text after the block, and sets its line; NULL when there is no block.
static char *read_title_block(Lesson *lesson, char *text, int *line_number, Problems *problems) {
    char *rest = text, *line = strsep(&rest, "\n");
    *line_number = 2;
    if (strcmp(line, "---") != 0) {
        problems_add(problems, 1, "a lesson begins with a title block between two lines ---");
        return NULL;
    }
    for (; (line = strsep(&rest, "\n")); ++*line_number) {
        if (strcmp(line, "---") == 0) break;
        if (line[strspn(line, " \t")]) read_entry(lesson, line, *line_number, problems);
    }
    ++*line_number;
    if (!line || !rest) {
        problems_add(problems, *line_number, "the title block has no --- at its end");
        return NULL;
    }
    if (!lesson->title) problems_add(problems, 1, "the title block has no title");
    if (!lesson->model) problems_add(problems, 1, "the title block has no model");
    if (!lesson->minutes) problems_add(problems, 1, "the title block does not say how many minutes it takes");
    return rest;
}

// ---- pages --------------------------------------------------------------------------------------

typedef struct PageReader {
    Lesson *lesson;
    Problems *problems;
} PageReader;

static bool add_page(Lesson *lesson, const Block *block) {
    if (!array_grow((void **)&lesson->pages, lesson->n_pages, sizeof *lesson->pages)) return false;
    Page *page = &lesson->pages[lesson->n_pages];
    page->line = block->line;
    page->title = strdup(block->text);
    return page->title && ++lesson->n_pages;
}

static bool add_fence(PageReader *r, Item *item, const Block *block) {
    char word[32] = "", id[64] = "";
    sscanf(block->info, "%31s %63s", word, id);
    bool is_question = strcmp(word, "choose") == 0 || strcmp(word, "predict") == 0 || strcmp(word, "do") == 0;
    if (strcmp(word, "commands") == 0) {
        item->kind = ITEM_COMMANDS;
        return commands_read(&item->commands, block->text, block->line);
    }
    if (is_question) {
        item->kind = ITEM_QUESTION;
        item->question = question_read(word, id, block->text, block->line, r->problems);
        return item->question;
    }
    return (item->prose.text = strdup(block->text));
}

static bool take_block(void *context, const Block *block) {
    PageReader *r = context;
    Lesson *lesson = r->lesson;
    if (block->kind == ITEM_HEADING && block->heading == 2) return add_page(lesson, block);
    if (lesson->n_pages == 0) {
        if (block->kind != ITEM_HEADING)
            problems_add(r->problems, block->line,
                         "a page begins with a ## heading; this stands before the first");
        return true;
    }
    Page *page = &lesson->pages[lesson->n_pages - 1];
    if (!array_grow((void **)&page->items, page->n_items, sizeof *page->items)) return false;
    Item *item = &page->items[page->n_items++];
    *item = (Item){.kind = block->kind, .line = block->line, .depth = block->depth, .number = block->number};
    item->prose.line = block->line;
    if (block->kind == ITEM_CODE) return add_fence(r, item, block);
    return (item->prose.text = strdup(block->text));
}

static int count_commands(const Lesson *lesson) {
    int n = 0;
    for (int i = 0; i < lesson->n_pages; i++)
        for (int j = 0; j < lesson->pages[i].n_items; j++) {
            const Item *item = &lesson->pages[i].items[j];
            n += item->commands.n +
                 (item->question ? item->question->after.n + item->question->solution.n : 0);
        }
    return n;
}

static void check_size(const Lesson *lesson, Problems *problems) {
    int n_commands = count_commands(lesson), n_questions = lesson_n_questions(lesson);
    if (lesson->n_pages == 0)
        problems_add(problems, 1, "the lesson has no page: each begins with a ## heading");
    if (n_commands > MAX_COMMANDS)
        problems_add(problems, 1, "a lesson runs at most %d commands, and this one has %d", MAX_COMMANDS,
                     n_commands);
    if (n_questions > MAX_QUESTIONS)
        problems_add(problems, 1, "a lesson has at most %d questions, and this one %d", MAX_QUESTIONS,
                     n_questions);
}

static void check_ids(const Lesson *lesson, Problems *problems) {
    const Question *a, *b;
    for (int i = 0; (a = lesson_question(lesson, i)); i++)
        for (int j = 0; j < i && (b = lesson_question(lesson, j)); j++)
            if (strcmp(a->id, b->id) == 0)
                problems_add(problems, a->line, "the id %s is taken: line %d has it too", a->id, b->line);
}

// ---- the file -----------------------------------------------------------------------------------

// The file's name without its number and .md, made one word for the progress file.
static char *copy_name(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name), n_digits = strspn(name, "0123456789");
    if (n > 3 && strcmp(name + n - 3, ".md") == 0) n -= 3;
    if (n_digits < n) name += n_digits, n -= n_digits;
    if (n > 1 && *name == '-') name++, n--;
    char *copy = strndup(name, n < MAX_NAME_BYTES ? n : MAX_NAME_BYTES);
    for (char *c = copy; c && *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7F) *c = '-';
    return copy;
}

// The whole file as a string on the heap, with \n as the only end of a line; NULL when there is a problem.
static char *read_text(const char *path, Problems *problems) {
    Mapping mapping;
    Error err;
    if (!mapping_open(&mapping, path, &err)) {
        problems_add(problems, 1, "%s", err.text);
        return NULL;
    }
    char *text = NULL;
    if (mapping.n_bytes > MAX_LESSON_BYTES)
        problems_add(problems, 1, "a lesson is text of at most %d bytes", MAX_LESSON_BYTES);
    else if (!text_is_clean((Text){(const char *)mapping.bytes, mapping.n_bytes}))
        problems_add(problems, 1, "this is not text in UTF-8");
    else
        text = strndup((const char *)mapping.bytes, mapping.n_bytes);
    mapping_close(&mapping);
    if (text && strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        memmove(text, text + 3, strlen(text + 3) + 1); // a byte order mark
    for (const char *c = text; c && *c; c++)
        if ((unsigned char)*c < ' ' && !strchr("\t\n\r", *c)) {
            problems_add(problems, 1, "a lesson is text, and this has the control character %d", *c);
            break;
        }
    char *out = text;
    for (const char *in = text; in && *in; in++)
        if (in[0] != '\r' || in[1] != '\n') *out++ = *in;
    if (text) *out = '\0';
    return text;
}

static bool read_lesson(Lesson *lesson, const char *path, bool has_pages, Problems *problems) {
    int n_before = problems->n, line;
    *lesson = (Lesson){.path = strdup(path), .name = copy_name(path), .may_skip = true};
    problems->path = lesson->path;
    char *text = read_text(path, problems),
         *pages = text ? read_title_block(lesson, text, &line, problems) : NULL;
    PageReader reader = {lesson, problems};
    if (pages && has_pages) {
        if (!markdown_read(pages, strlen(pages), line, take_block, &reader))
            problems_add(problems, line, "there is not enough memory");
        check_size(lesson, problems);
        if (problems->n == n_before) check_ids(lesson, problems);
    }
    free(text);
    return problems->n == n_before;
}

bool lesson_read(Lesson *lesson, const char *path, Problems *problems) {
    return read_lesson(lesson, path, true, problems);
}

bool lesson_read_title(Lesson *lesson, const char *path, Problems *problems) {
    return read_lesson(lesson, path, false, problems);
}

void lesson_done(Lesson *lesson) {
    for (int i = 0; i < lesson->n_pages; i++) {
        Page *page = &lesson->pages[i];
        for (int j = 0; j < page->n_items; j++) {
            free(page->items[j].prose.text);
            free(page->items[j].prose.filled);
            commands_done(&page->items[j].commands);
            question_done(page->items[j].question);
        }
        free(page->items);
        free(page->title);
    }
    free(lesson->pages);
    free(lesson->path);
    free(lesson->name);
    free(lesson->title);
    free(lesson->model);
    free(lesson->prompt);
    free(lesson->source);
    free(lesson->needs);
    *lesson = (Lesson){0};
}

const char *prose_text(const Prose *prose) {
    return prose->filled ? prose->filled : prose->text ? prose->text : "";
}

Tolerance question_tolerance(const Question *question) {
    Tolerance tolerance = {0, 0};
    Error err;
    if (question->within)
        tolerance_read(question->within, &tolerance, &err); // which was looked at when it was read
    return tolerance;
}

Question *lesson_question(const Lesson *lesson, int index) {
    for (int i = 0; i < lesson->n_pages; i++)
        for (int j = 0; j < lesson->pages[i].n_items; j++)
            if (lesson->pages[i].items[j].question && index-- == 0) return lesson->pages[i].items[j].question;
    return NULL;
}

void lesson_count(const Lesson *lesson, int *n_solved, int *n_skipped) {
    *n_solved = *n_skipped = 0;
    for (int i = 0; i < lesson->n_pages; i++)
        for (int j = 0; j < lesson->pages[i].n_items; j++) {
            const Question *q = lesson->pages[i].items[j].question;
            *n_solved += q && q->state == QUESTION_SOLVED;
            *n_skipped += q && q->state == QUESTION_SKIPPED;
        }
}

int lesson_n_questions(const Lesson *lesson) {
    int n = 0;
    for (int i = 0; i < lesson->n_pages; i++)
        for (int j = 0; j < lesson->pages[i].n_items; j++) n += lesson->pages[i].items[j].question != NULL;
    return n;
}
