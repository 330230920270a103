// Fuzzes the reader of lessons: any bytes are refused or read. Every text and expression of what was read is
// evaluated in a small document.
//
// The bytes go through a file in memory, because the reader takes a path.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lessons/expression.h"
#include "lessons/lesson.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static void fill(const Prose *prose, const cJSON *document) {
    Error err;
    if (prose->text) free(expression_fill(prose->text, document, &err));
}

static void evaluate(const Question *q, const cJSON *document) {
    Value value;
    Error err;
    for (int i = 0; i < q->n_text; i++) fill(&q->text[i], document);
    for (int i = 0; i < q->n_options; i++)
        fill(&q->options[i].text, document), fill(&q->options[i].reason, document);
    for (int i = 0; i < q->until.n; i++) expression_value(q->until.lines[i], document, &value, &err);
    if (q->answer && expression_value(q->answer, document, &value, &err))
        value_matches(&value, (Tolerance){0, 0}, q->answer);
    if (q->within) value_matches(&value, (Tolerance){0, 0.1}, q->within);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    char path[64];
    Lesson lesson;
    Problems report = {0};
    int file = memfd_create("lesson", MFD_CLOEXEC);
    if (file < 0 || write(file, bytes, n_bytes) != (ssize_t)n_bytes) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    lesson_read(&lesson, path, &report);
    close(file);
    cJSON *document =
        cJSON_Parse("{\"a\":[1,2,null],\"b\":{\"c\":\"x\"},\"tokens\":[{\"text\":\" y\"}],\"t\":true}");
    for (int i = 0; i < lesson.n_pages; i++)
        for (int j = 0; j < lesson.pages[i].n_items; j++) {
            const Item *item = &lesson.pages[i].items[j];
            fill(&item->prose, document);
            if (item->question) evaluate(item->question, document);
        }
    cJSON_Delete(document);
    problems_done(&report);
    lesson_done(&lesson);
    return 0;
}
