// Shared by the test programs: temporary folders, files, and the reference outputs in tests/golden.
//
// Each function fails the running test when it cannot do its work. The caller frees what is returned.
#ifndef KVSTEP_TESTS_SUPPORT_H
#define KVSTEP_TESTS_SUPPORT_H

// cmocka needs these four before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

// The path of a new empty folder. folder_remove() removes the folder with its files and frees the path.
char *folder_new(void);
void folder_remove(char *folder);

void file_write(const char *folder, const char *name, const void *bytes, size_t n_bytes);
void file_write_text(const char *folder, const char *name, const char *text);
// The whole file, with a NUL after it. n_bytes may be NULL.
char *file_read(const char *folder, const char *name, size_t *n_bytes);
void file_copy(const char *from_folder, const char *to_folder, const char *name);

// The *n numbers of a tensor in FOLDER/expected.safetensors, of type F32 or I64. n may be NULL.
float *golden_floats(const char *folder, const char *name, int64_t *n);
int *golden_ints(const char *folder, const char *name, int64_t *n);

// Asserts that `text` contains `part`.
void assert_says(const char *text, const char *part);

#endif
