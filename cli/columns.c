// Text in columns: widths in terminal cells, where printf would count bytes.
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "cli.h"

int text_columns(const char *text) {
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    int columns = 0;
    while (*at) {
        utf8proc_int32_t code;
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &code);
        columns += n > 0 ? utf8proc_charwidth(code) : 1;
        at += n > 0 ? n : 1;
    }
    return columns;
}

void print_right(const char *text, int width) {
    int blank = width - text_columns(text);
    printf("%*s%s", blank > 0 ? blank : 0, "", text);
}

void print_left(const char *text, int width) {
    int blank = width - text_columns(text);
    printf("%s%*s", text, blank > 0 ? blank : 0, "");
}

void print_wrapped(const char *text, int indent, int width) {
    int column = 0;
    while (*text) {
        char word[256];
        size_t length = strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        int columns = text_columns(word);
        if (column > 0 && column + 1 + columns > width) column = (putchar('\n'), 0);
        column += column ? printf(" ") : printf("%*s", indent, "");
        fputs(word, stdout);
        column += columns;
        text += length;
        text += strspn(text, " ");
    }
    if (column > 0) putchar('\n');
}
