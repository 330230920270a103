#include "lessons/lesson_progress.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/array.h"
#include "core/base/file.h"
#include "core/base/output.h"

enum { MAX_BYTES = 1 << 20 };
static const char HEAD[] = "kvstep lessons 1";
static const char *const WORDS[] = {[QUESTION_SOLVED] = "solved", [QUESTION_SKIPPED] = "skipped"};

// Writes the path of the file.
static bool progress_path(char *path, size_t size, Error *err) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    bool has_state = state && *state == '/'; // a relative one is to be ignored
    if (!has_state && !(home && *home))
        return error_set(err, "progress needs a folder: neither XDG_STATE_HOME nor HOME is set");
    int n = snprintf(path, size, "%s%s/kvstep/lessons", has_state ? state : home,
                     has_state ? "" : "/.local/state");
    return n < (int)size || error_set(err, "the path of the progress file is longer than %zu bytes", size);
}

static bool add_line(LessonProgress *progress, const char *line) {
    if (!array_grow((void **)&progress->lines, progress->n, sizeof *progress->lines)) return false;
    progress->lines[progress->n] = strdup(line);
    return progress->lines[progress->n] && ++progress->n;
}

bool lesson_progress_read(LessonProgress *progress, Error *err) {
    char path[PATH_MAX], *text, *rest;
    Mapping mapping;
    *progress = (LessonProgress){0};
    if (!progress_path(path, sizeof path, err) || !file_exists(path)) return true; // nothing could be kept
    if (!mapping_open(&mapping, path, err)) return false;
    if (mapping.n_bytes > MAX_BYTES || memchr(mapping.bytes, 0, mapping.n_bytes)) {
        mapping_close(&mapping);
        return error_set(err, "%s is not a file of progress: it is too large, or no text; move it away",
                         path);
    }
    rest = text = strndup((const char *)mapping.bytes, mapping.n_bytes);
    mapping_close(&mapping);
    if (!text) return error_no_memory(err, "the progress", 0);
    const char *head = strsep(&rest, "\n");
    bool ok = strcmp(head, HEAD) == 0 ||
              error_set(err, "%s is not a file of progress: its first line is not \"%s\"; move it away", path,
                        HEAD);
    for (const char *line; ok && (line = strsep(&rest, "\n"));)
        if (*line) ok = add_line(progress, line) || error_no_memory(err, "the progress", 0);
    free(text);
    if (!ok) lesson_progress_done(progress);
    return ok;
}

static bool make_folders(char *path, Error *err) {
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        bool ok = mkdir(path, 0700) == 0 || errno == EEXIST;
        if (!ok) error_set(err, "the folder %s cannot be made: %s", path, strerror(errno));
        *slash = '/';
        if (!ok) return false;
    }
    return true;
}

bool lesson_progress_write(const LessonProgress *progress, Error *err) {
    char path[PATH_MAX];
    Output output;
    if (!progress_path(path, sizeof path, err) || !make_folders(path, err) ||
        !output_open(&output, path, err))
        return false;
    output_write(&output, HEAD, strlen(HEAD));
    output_write(&output, "\n", 1);
    for (int i = 0; i < progress->n; i++) {
        output_write(&output, progress->lines[i], strlen(progress->lines[i]));
        output_write(&output, "\n", 1);
    }
    return output_commit(&output, err);
}

void lesson_progress_done(LessonProgress *progress) {
    for (int i = 0; i < progress->n; i++) free(progress->lines[i]);
    free(progress->lines);
    *progress = (LessonProgress){0};
}

// ---- lines --------------------------------------------------------------------------------------

typedef struct Entry {
    char word[16], lesson[128], id[128];
    int number;
} Entry;

// Takes a line apart. Returns false for an unknown one.
static bool entry_read(const char *line, Entry *entry) {
    *entry = (Entry){.number = 0};
    if (sscanf(line, "%15s %127s", entry->word, entry->lesson) != 2) return false;
    if (strcmp(entry->word, "at") == 0) return sscanf(line, "%*s %*s %9d", &entry->number) == 1;
    bool is_state =
        strcmp(entry->word, WORDS[QUESTION_SOLVED]) == 0 || strcmp(entry->word, WORDS[QUESTION_SKIPPED]) == 0;
    return is_state && sscanf(line, "%*s %*s %127s %9d", entry->id, &entry->number) == 2;
}

// The index of the line of a question, or of the lesson's page (id ""); -1 when there is none.
static int find(const LessonProgress *progress, const char *lesson, const char *id, Entry *entry) {
    for (int i = 0; i < progress->n; i++)
        if (entry_read(progress->lines[i], entry) && strcmp(entry->lesson, lesson) == 0 &&
            strcmp(entry->id, id) == 0)
            return i;
    return -1;
}

int lesson_progress_page(const LessonProgress *progress, const char *lesson) {
    Entry entry;
    return find(progress, lesson, "", &entry) >= 0 && entry.number > 0 ? entry.number - 1 : 0;
}

bool lesson_progress_has(const LessonProgress *progress, const char *lesson) {
    Entry entry;
    for (int i = 0; i < progress->n; i++)
        if (entry_read(progress->lines[i], &entry) && strcmp(entry.lesson, lesson) == 0) return true;
    return false;
}

QuestionState lesson_progress_state(const LessonProgress *progress, const char *lesson, const char *id,
                                    int *n_tries) {
    Entry entry;
    *n_tries = 0;
    if (find(progress, lesson, id, &entry) < 0) return QUESTION_OPEN;
    *n_tries = entry.number;
    return strcmp(entry.word, WORDS[QUESTION_SOLVED]) == 0 ? QUESTION_SOLVED : QUESTION_SKIPPED;
}

static bool set_line(LessonProgress *progress, int index, const char *line) {
    if (index < 0) return add_line(progress, line);
    char *copy = strdup(line);
    if (!copy) return false;
    free(progress->lines[index]);
    progress->lines[index] = copy;
    return true;
}

bool lesson_progress_set_page(LessonProgress *progress, const char *lesson, int page) {
    char line[256];
    Entry entry;
    snprintf(line, sizeof line, "at %.120s %d", lesson, page + 1);
    return set_line(progress, find(progress, lesson, "", &entry), line);
}

bool lesson_progress_set(LessonProgress *progress, const char *lesson, const char *id, QuestionState state,
                         int n_tries) {
    char line[320];
    Entry entry;
    snprintf(line, sizeof line, "%s %.120s %.120s %d", WORDS[state], lesson, id, n_tries);
    return set_line(progress, find(progress, lesson, id, &entry), line);
}

void lesson_progress_load(const LessonProgress *progress, Lesson *lesson) {
    Question *q;
    for (int i = 0; (q = lesson_question(lesson, i)); i++)
        if (q->state == QUESTION_OPEN)
            q->state = lesson_progress_state(progress, lesson->name, q->id, &q->n_tries);
}

bool lesson_progress_store(LessonProgress *progress, const Lesson *lesson, int page) {
    const Question *q;
    bool ok = lesson_progress_set_page(progress, lesson->name, page);
    for (int i = 0; ok && (q = lesson_question(lesson, i)); i++)
        if (q->state != QUESTION_OPEN)
            ok = lesson_progress_set(progress, lesson->name, q->id, q->state, q->n_tries);
    return ok;
}

void lesson_progress_reset(LessonProgress *progress, const char *lesson) {
    Entry entry;
    int n = 0;
    for (int i = 0; i < progress->n; i++) {
        bool goes = entry_read(progress->lines[i], &entry) && (!lesson || strcmp(entry.lesson, lesson) == 0);
        if (goes)
            free(progress->lines[i]);
        else
            progress->lines[n++] = progress->lines[i];
    }
    progress->n = n;
}
