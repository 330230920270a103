// A kill, a full disk or a crash must never harm the file that was there.
//
// The temporary file lies in the target's own folder, because rename() replaces a file in one step only
// within a file system. fsync() puts its bytes on the disk before the rename, and then the folder, with the
// rename.
//
// Interface: output.h.
#include "core/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    SUFFIX_LENGTH = 6,
    MAX_TRIES = 100,
    MAX_NAME = 200, // of the target's name in the temporary one: together they must stay below NAME_MAX
    BUFFER_BYTES = 1 << 16,
};

static const char *advice(int error) {
    switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
        return "choose a place that you may write to";
    case ENOENT:
    case ENOTDIR:
        return "its folder does not exist: create it, or choose another one";
    case EISDIR:
        return "give the name of a file, not of a folder";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "free some space, or choose another place";
    default:
        return "choose another place";
    }
}

static bool fail(const char *path, int error, Error *err) {
    return error_set(err, "%s: cannot be written: %s; %s", path, strerror(error), advice(error));
}

static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

// The letters need not be secret: O_EXCL makes sure that the file is a new one.
static void fill_suffix(char suffix[SUFFIX_LENGTH], int try) {
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    unsigned long long bits = (unsigned long long)now.tv_sec * 1000000007u + (unsigned long long)now.tv_nsec;
    bits += (unsigned long long)getpid() * 2654435761u + (unsigned long long)try * 40503u;
    for (int i = 0; i < SUFFIX_LENGTH; i++, bits /= sizeof LETTERS - 1)
        suffix[i] = LETTERS[bits % (sizeof LETTERS - 1)];
}

// Creates the temporary file with the mode that any new file gets, or with that of the file it will replace.
static int create_temporary(Output *output, const struct stat *old) {
    size_t folder = folder_length(output->target), size = strlen(output->target) + SUFFIX_LENGTH + 3;
    output->temporary = malloc(size);
    if (!output->temporary) return -1; // malloc has set errno
    for (int try = 0; try < MAX_TRIES; try++) {
        char suffix[SUFFIX_LENGTH + 1] = "";
        fill_suffix(suffix, try);
        snprintf(output->temporary, size, "%.*s.%.*s.%s", (int)folder, output->target, MAX_NAME,
                 output->target + folder, suffix);
        int file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno == EEXIST) continue;
        if (file >= 0 && old)
            (void)!fchmod(file, old->st_mode & 0777); // a file system without modes is no reason to stop
        return file;
    }
    return -1;
}

static void release(Output *output) {
    free(output->target);
    free(output->temporary);
    *output = (Output){0};
}

static bool open_file(Output *output, const char *path) {
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return false;
    }
    // rename() asks for a folder's permission alone; a file that is read-only is meant to stay.
    if (exists && access(path, W_OK) != 0) return false;
    bool in_place = exists && !S_ISREG(old.st_mode);
    // Through a symbolic link, the file that it points to is replaced and not the link.
    output->target = exists && !in_place ? realpath(path, NULL) : strdup(path);
    if (!output->target) return false;
    int file = in_place ? open(path, O_WRONLY | O_CLOEXEC) : create_temporary(output, exists ? &old : NULL);
    if (file < 0) return false;
    output->stream = fdopen(file, "w");
    if (!output->stream) {
        close(file);
        if (output->temporary) unlink(output->temporary);
        return false;
    }
    setvbuf(output->stream, NULL, _IOFBF, BUFFER_BYTES);
    return true;
}

bool output_open(Output *output, const char *path, Error *err) {
    *output = (Output){0};
    if (open_file(output, path)) return true;
    int error = errno;
    release(output);
    return fail(path, error, err);
}

bool output_stream(Output *output, FILE *stream, const char *name, Error *err) {
    *output = (Output){.stream = stream, .target = strdup(name), .borrowed = true};
    return output->target || error_no_memory(err, "the name of an output", (double)strlen(name));
}

void output_write(Output *output, const void *bytes, size_t n_bytes) {
    if (output->error || n_bytes == 0) return;
    errno = 0;
    if (fwrite(bytes, 1, n_bytes, output->stream) != n_bytes) output->error = errno ? errno : EIO;
}

static void note(Output *output, int result) {
    if (result != 0 && !output->error) output->error = errno ? errno : EIO;
}

// The rename itself is on the disk only when the folder is. Some file systems cannot do it: nothing is lost
// then.
static void sync_folder(const char *path) {
    char folder[PATH_MAX];
    size_t length = folder_length(path);
    if (length >= sizeof folder) return;
    snprintf(folder, sizeof folder, "%.*s", (int)length, path);
    int file = open(length ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    (void)!fsync(file);
    close(file);
}

bool output_commit(Output *output, Error *err) {
    note(output, fflush(output->stream));
    if (output->temporary) note(output, fsync(fileno(output->stream)));
    if (!output->borrowed) note(output, fclose(output->stream));
    if (output->temporary && !output->error) note(output, rename(output->temporary, output->target));
    if (output->temporary && output->error) unlink(output->temporary);
    if (output->temporary && !output->error) sync_folder(output->target);
    bool ok = output->error == 0 || fail(output->target, output->error, err);
    release(output);
    return ok;
}

void output_abandon(Output *output) {
    if (output->stream && !output->borrowed) fclose(output->stream);
    if (output->temporary) unlink(output->temporary);
    release(output);
}
