// Text in columns: widths in terminal cells, where printf would count bytes.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

void print_right(const char *text, int width) {
    int blank = width - text_columns(text_from(text));
    printf("%*s%s", blank > 0 ? blank : 0, "", text);
}

void print_left(const char *text, int width) {
    int blank = width - text_columns(text_from(text));
    printf("%s%*s", text, blank > 0 ? blank : 0, "");
}

void print_wrapped(const char *text, int indent, int width) {
    int column = 0, has_blank = 0;
    while (*text) {
        char word[256];
        size_t length = text_piece(text);
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        int columns = text_columns(text_from(word));
        if (column > 0 && column + has_blank + columns > width) column = (putchar('\n'), 0);
        column += column ? printf("%*s", has_blank, "") : printf("%*s", indent, "");
        fputs(word, stdout);
        column += columns;
        text += length;
        has_blank = *text == ' ';
        text += strspn(text, " ");
    }
    if (column > 0) putchar('\n');
}
