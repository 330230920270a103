// Output: where a file may be written, and what becomes of what was there.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/output.h"

static char *path_in(const char *folder, const char *name) {
    char *path = malloc(strlen(folder) + strlen(name) + 2);
    sprintf(path, "%s/%s", folder, name);
    return path;
}

static bool write_hello(const char *path, Error *err) {
    Output output;
    if (!output_open(&output, path, err)) return false;
    output_write(&output, "hello", 5);
    return output_commit(&output, err);
}

static void assert_hello(const char *folder, const char *name) {
    char *text = file_read(folder, name, NULL);
    assert_string_equal(text, "hello");
    free(text);
}

static void a_new_file_has_the_mode_that_umask_leaves(void **state) {
    (void)state;
    char *folder = folder_new(), *path = path_in(folder, "new");
    Error err;
    mode_t before = umask(027);
    assert_true(write_hello(path, &err));
    umask(before);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_hello(folder, "new");
    free(path);
    folder_remove(folder);
}

static void a_replaced_file_keeps_its_mode(void **state) {
    (void)state;
    char *folder = folder_new(), *path = path_in(folder, "private");
    file_write_text(folder, "private", "old");
    chmod(path, 0600);
    Error err;
    assert_true(write_hello(path, &err));
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_hello(folder, "private");
    free(path);
    folder_remove(folder);
}

static void a_symbolic_link_stays_and_its_file_is_replaced(void **state) {
    (void)state;
    char *folder = folder_new(), *link = path_in(folder, "link");
    file_write_text(folder, "file", "old");
    assert_int_equal(symlink("file", link), 0);
    Error err;
    assert_true(write_hello(link, &err));
    struct stat status;
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_hello(folder, "file");
    free(link);
    folder_remove(folder);
}

static void the_longest_name_that_a_file_can_have_is_written(void **state) {
    (void)state;
    char name[256], *folder = folder_new();
    memset(name, 'n', 255);
    name[255] = '\0';
    char *path = path_in(folder, name);
    Error err;
    assert_true(write_hello(path, &err));
    assert_hello(folder, name);
    free(path);
    folder_remove(folder);
}

static void a_device_is_written_in_place_and_its_error_is_told(void **state) {
    (void)state;
    Error err;
    assert_true(write_hello("/dev/null", &err));
    struct stat status;
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_false(write_hello("/dev/full", &err));
    assert_says(err.text, "/dev/full: cannot be written: No space left");
    assert_says(err.text, "free some space");
}

static void a_pipe_is_written_in_place(void **state) {
    (void)state;
    int ends[2];
    char path[64], text[8] = "";
    Error err;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]); // what a shell gives for >(command)
    if (!write_hello(path, &err)) fail_msg("%s", err.text);
    assert_int_equal(read(ends[0], text, sizeof text - 1), 5);
    assert_string_equal(text, "hello");
    close(ends[0]);
    close(ends[1]);
}

static void a_stream_stays_open_and_its_error_is_told(void **state) {
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    Output output;
    Error err;
    assert_true(output_stream(&output, full, "standard output", &err));
    output_write(&output, "hello", 5);
    assert_false(output_commit(&output, &err));
    assert_says(err.text, "standard output: cannot be written: No space left");
    assert_int_not_equal(fileno(full), -1);
    fclose(full);
}

static void a_target_that_cannot_be_written_is_named(void **state) {
    (void)state;
    char *folder = folder_new(), *inside = path_in(folder, "missing/file"), *empty = path_in(folder, "");
    Error err;
    assert_false(write_hello(folder, &err));
    assert_says(err.text, folder);
    assert_says(err.text, "not of a folder");
    assert_false(write_hello(empty, &err));
    assert_false(write_hello(inside, &err));
    assert_says(err.text, inside);
    assert_says(err.text, "create it");
    assert_false(write_hello("", &err));
    free(inside);
    free(empty);
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_has_the_mode_that_umask_leaves),
        cmocka_unit_test(a_replaced_file_keeps_its_mode),
        cmocka_unit_test(a_symbolic_link_stays_and_its_file_is_replaced),
        cmocka_unit_test(the_longest_name_that_a_file_can_have_is_written),
        cmocka_unit_test(a_device_is_written_in_place_and_its_error_is_told),
        cmocka_unit_test(a_pipe_is_written_in_place),
        cmocka_unit_test(a_stream_stays_open_and_its_error_is_told),
        cmocka_unit_test(a_target_that_cannot_be_written_is_named),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
