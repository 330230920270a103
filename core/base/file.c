// Files are opened with O_NONBLOCK, because opening a FIFO would block for ever, and only regular ones are
// read. JSON is scanned before cJSON parses it, for three things that cJSON does not report: a NUL, at which
// it would cut a string; nesting that is too deep for it; and more values than memory has room for (64 bytes
// for each "0,").
//
// Interface: file.h.
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JSON_MAX_DEPTH = 100, JSON_MAX_VALUES = 1 << 23 };

// Opens a regular file that is not empty. The caller closes *fd.
static bool open_regular(int *fd, size_t *n_bytes, const char *path, Error *err) {
    struct stat status;
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0)
        return error_set(err, "%s cannot be read: %s; check the path and its permissions", path,
                         strerror(errno));
    if (fstat(*fd, &status) != 0)
        error_set(err, "%s cannot be read: %s", path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        error_set(
            err,
            "%s is a folder, a pipe or a device, where a regular file was expected; give the path of a file",
            path);
    else if (status.st_size <= 0)
        error_set(err, "%s is empty; copy or download it again", path);
    else {
        *n_bytes = (size_t)status.st_size;
        return true;
    }
    close(*fd);
    return false;
}

bool mapping_open(Mapping *mapping, const char *path, Error *err) {
    int fd;
    size_t n_bytes = 0;
    *mapping = (Mapping){NULL, 0};
    if (!open_regular(&fd, &n_bytes, path, err)) return false;
    void *bytes = mmap(NULL, n_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    int reason = errno;
    close(fd);
    if (bytes == MAP_FAILED)
        return error_set(err, "%s (%.1f MB) cannot be mapped into memory: %s", path, (double)n_bytes / 1e6,
                         strerror(reason));
    *mapping = (Mapping){bytes, n_bytes};
    return true;
}

void mapping_close(Mapping *mapping) {
    if (mapping->bytes) munmap((void *)mapping->bytes, mapping->n_bytes);
    *mapping = (Mapping){NULL, 0};
}

bool file_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0;
}

bool file_exists_in(const char *folder, const char *name) {
    char *path = NULL;
    bool exists = asprintf(&path, "%s/%s", folder, name) >= 0 && file_exists(path);
    free(path);
    return exists;
}

// Reads n_bytes from fd. A file that has become shorter meanwhile is an error.
static bool read_all(int fd, char *out, size_t n_bytes, const char *path, Error *err) {
    for (size_t done = 0; done < n_bytes;) {
        ssize_t n = read(fd, out + done, n_bytes - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return error_set(err, "%s cannot be read: %s", path, strerror(errno));
        if (n == 0)
            return error_set(err, "%s became shorter while it was read; try again when nothing writes to it",
                             path);
        done += (size_t)n;
    }
    return true;
}

static int line_of(const char *text, const char *at) {
    int line = 1;
    for (; text < at; text++) line += *text == '\n';
    return line;
}

static bool json_scan(const char *text, size_t n_bytes, const char *path, Error *err) {
    int depth = 0, n_values = 0;
    bool in_string = false;
    for (size_t i = 0; i < n_bytes; i++) {
        bool escape = in_string && text[i] == '\\';
        if (text[i] == '\0' || (escape && n_bytes - i > 5 && memcmp(text + i, "\\u0000", 6) == 0))
            return error_set(err, "%s, line %d: contains a NUL character, which is not allowed here", path,
                             line_of(text, text + i));
        if (escape)
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (in_string)
            continue;
        else if (text[i] == '[' || text[i] == '{')
            depth++, n_values++;
        else if (text[i] == ']' || text[i] == '}')
            depth--;
        else if (text[i] == ',')
            n_values++;
        if (depth > JSON_MAX_DEPTH)
            return error_set(err, "%s, line %d: is nested deeper than the limit of %d levels", path,
                             line_of(text, text + i), JSON_MAX_DEPTH);
        if (n_values > JSON_MAX_VALUES)
            return error_set(err, "%s: contains more than %d values, the limit; download it again", path,
                             JSON_MAX_VALUES);
    }
    return true;
}

bool json_parse(cJSON **out, const char *text, size_t n_bytes, const char *path, Error *err) {
    const char *end = text, *text_end = text + n_bytes;
    *out = NULL;
    if (!json_scan(text, n_bytes, path, err)) return false;
    cJSON *json = cJSON_ParseWithLengthOpts(text, n_bytes, &end, false);
    if (!json)
        return error_set(err, "%s, line %d: is not valid JSON; restore the file, or download it again", path,
                         line_of(text, end));
    while (end < text_end && strchr(" \t\r\n", *end)) end++;
    if (end < text_end) {
        cJSON_Delete(json);
        return error_set(
            err, "%s, line %d: the JSON document ends here, but the file goes on; remove what follows", path,
            line_of(text, end));
    }
    *out = json;
    return true;
}

bool json_load(cJSON **out, const char *path, size_t max_bytes, Error *err) {
    int fd;
    size_t n_bytes = 0;
    bool ok = false;
    char *text = NULL;
    *out = NULL;
    if (!open_regular(&fd, &n_bytes, path, err)) return false;
    if (n_bytes > max_bytes)
        error_set(err, "%s has %.1f MB; the limit for this kind of file is %.1f MB", path,
                  (double)n_bytes / 1e6, (double)max_bytes / 1e6);
    else if (!(text = malloc(n_bytes)))
        error_no_memory(err, path, (double)n_bytes);
    else
        ok = read_all(fd, text, n_bytes, path, err) && json_parse(out, text, n_bytes, path, err);
    free(text);
    close(fd);
    return ok;
}
