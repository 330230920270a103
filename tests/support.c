#include "tests/support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/model/safetensors.h"

char *folder_new(void) {
    const char *base = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/kvstep-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
    return strdup(path);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status, (void)type, (void)where;
    return remove(path);
}

void folder_remove(char *folder) {
    assert_int_equal(nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(folder);
}

static FILE *open_in(const char *folder, const char *name, const char *mode) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, mode);
    if (!file) fail_msg("%s cannot be opened: run the tests from the repository's root", path);
    return file;
}

void file_write(const char *folder, const char *name, const void *bytes, size_t n_bytes) {
    FILE *file = open_in(folder, name, "wb");
    assert_int_equal(fwrite(bytes, 1, n_bytes, file), n_bytes);
    assert_int_equal(fclose(file), 0);
}

void file_write_text(const char *folder, const char *name, const char *text) {
    file_write(folder, name, text, strlen(text));
}

char *file_read(const char *folder, const char *name, size_t *n_bytes) {
    FILE *file = open_in(folder, name, "rb");
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t n = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(n + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, n, file), n);
    bytes[n] = '\0';
    fclose(file);
    if (n_bytes) *n_bytes = n;
    return bytes;
}

void file_copy(const char *from_folder, const char *to_folder, const char *name) {
    size_t n_bytes;
    char *bytes = file_read(from_folder, name, &n_bytes);
    file_write(to_folder, name, bytes, n_bytes);
    free(bytes);
}

// Copies a golden tensor's items to the heap.
static void *golden_items(const char *folder, const char *name, DType dtype, int64_t *n) {
    Safetensors file;
    Error err;
    char path[4096];
    snprintf(path, sizeof path, "%s/expected.safetensors", folder);
    if (!safetensors_open(&file, path, &err)) fail_msg("%s", err.text);
    const Tensor *tensor = safetensors_find(&file, name);
    if (!tensor) {
        fail_msg("%s has no tensor %s", path, name);
        return NULL;
    }
    assert_int_equal(tensor->dtype, dtype);
    size_t n_bytes = (size_t)tensor->n_items * dtype_size(dtype);
    void *items = malloc(n_bytes);
    assert_non_null(items);
    memcpy(items, tensor->bytes, n_bytes);
    if (n) *n = tensor->n_items;
    safetensors_close(&file);
    return items;
}

float *golden_floats(const char *folder, const char *name, int64_t *n) {
    return golden_items(folder, name, DTYPE_F32, n);
}

int *golden_ints(const char *folder, const char *name, int64_t *n) {
    int64_t n_items = 0;
    int64_t *wide = golden_items(folder, name, DTYPE_I64, &n_items);
    int *ints = calloc((size_t)n_items + 1, sizeof *ints);
    assert_non_null(ints);
    for (int64_t i = 0; i < n_items; i++) ints[i] = (int)wide[i];
    if (n) *n = n_items;
    free(wide);
    return ints;
}

void assert_says(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("“%s” should say “%s”", text, part);
}
