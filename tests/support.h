// What several test programs need: folders that go away again, and the reference outputs in tests/golden.
//
// Everything here fails the running test when it cannot do its work. What is returned on the heap is the
// caller's.
#ifndef KVSTEP_TESTS_SUPPORT_H
#define KVSTEP_TESTS_SUPPORT_H

// cmocka needs these four before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

// A new empty folder. Its path is on the heap: folder_remove() frees it, and removes the folder with what is
// in it.
char *folder_new(void);
void folder_remove(char *folder);

void file_write(const char *folder, const char *name, const void *bytes, size_t n_bytes);
void file_write_text(const char *folder, const char *name, const char *text);
// The whole file with a NUL after it. n_bytes may be NULL.
char *file_read(const char *folder, const char *name, size_t *n_bytes);
void file_copy(const char *from_folder, const char *to_folder, const char *name);

// A tensor of FOLDER/expected.safetensors: numbers of type F32, or of type I64. *n is how many; n may be
// NULL.
float *golden_floats(const char *folder, const char *name, int64_t *n);
int *golden_ints(const char *folder, const char *name, int64_t *n);

// That a message tells what it should: `text` contains `part`.
void assert_says(const char *text, const char *part);

#endif
