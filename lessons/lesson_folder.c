// The data folder "lessons" (data_folder.h) has a folder for each language. In it 02-causal-mask.md is lesson
// 2, causal-mask.
#include "lessons/lesson_folder.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/data_folder.h"
#include "core/base/file.h"

static bool folder_of(int place, const char *language, char *folder, size_t size) {
    char path[PATH_MAX];
    return data_place(place, "lessons", path, sizeof path) &&
           snprintf(folder, size, "%s/%s", path, language) < (int)size;
}

static int is_lesson(const struct dirent *entry) {
    size_t n = strlen(entry->d_name);
    return isdigit((unsigned char)entry->d_name[0]) && n > 3 && strcmp(entry->d_name + n - 3, ".md") == 0;
}

static char **take_paths(const char *folder, struct dirent **entries, int n) {
    char **paths = calloc((size_t)n + 1, sizeof *paths);
    for (int i = 0; paths && i < n; i++)
        if (asprintf(&paths[i], "%s/%s", folder, entries[i]->d_name) < 0) paths[i] = NULL;
    return paths;
}

char **lesson_paths(const char *language) {
    char folder[PATH_MAX], **paths = NULL;
    struct dirent **entries;
    for (int place = 0; place < N_DATA_PLACES && !paths; place++) {
        int n = folder_of(place, language, folder, sizeof folder)
                    ? scandir(folder, &entries, is_lesson, alphasort)
                    : -1;
        if (n > 0) paths = take_paths(folder, entries, n);
        for (int i = 0; i < n; i++) free(entries[i]);
        if (n >= 0) free(entries);
    }
    return paths;
}

void lesson_paths_free(char **paths) {
    for (char **path = paths; path && *path; path++) free(*path);
    free(paths);
}

// Whether ".../02-causal-mask.md" is the lesson "causal-mask", "2" or "02-causal-mask".
static bool is_named(const char *path, const char *name) {
    const char *file = strrchr(path, '/') + 1, *word = file + strspn(file, "0123456789") + 1;
    char *end;
    long number = strtol(name, &end, 10);
    if (end != name && !*end) return number == strtol(file, NULL, 10);
    size_t n = strlen(name);
    return (strncmp(word, name, n) == 0 && strcmp(word + n, ".md") == 0) ||
           (strncmp(file, name, n) == 0 && strcmp(file + n, ".md") == 0);
}

bool find_lesson(const char *name, const char *language, char **path, Error *err) {
    size_t n = strlen(name);
    if (strchr(name, '/') || (n > 3 && strcmp(name + n - 3, ".md") == 0))
        return (*path = strdup(name)) || error_no_memory(err, "a path", n);
    for (int i = 0; i < 2; i++) {
        char **paths = lesson_paths(i == 0 ? language : "en");
        *path = NULL;
        for (char **p = paths; p && *p && !*path; p++)
            if (is_named(*p, name)) *path = strdup(*p);
        lesson_paths_free(paths);
        if (*path) return true;
    }
    return error_set(err, "there is no lesson %s: `kvstep lesson` lists them; a file's name ends in .md",
                     name);
}
