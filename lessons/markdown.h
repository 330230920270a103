// Splits Markdown into blocks, by md4c.
#ifndef KVSTEP_MARKDOWN_H
#define KVSTEP_MARKDOWN_H

#include <stddef.h>

#include "lessons/lesson.h"

typedef struct Block {
    ItemKind kind;
    int heading; // 1 ... 6 of ITEM_HEADING
    int depth;   // as in Item
    int number;  // as in Item
    char *info;  // the text after a fence; "" for other code
    char *text;  // with marks; that of code without
    int line;    // of the file, where the text begins
} Block;

// Calls `take` with each block in order; the block is valid during the call. `first_line` is the line of the
// file at which the text begins. Returns false when there is no memory, or when `take` has returned false.
bool markdown_read(const char *text, size_t n, int first_line,
                   bool (*take)(void *context, const Block *block), void *context);

#endif
