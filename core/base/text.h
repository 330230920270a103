// Text from outside: tokens, names, prompts. It may hold any byte, NUL too.
//
// Interface:
// * text_neutralise() makes valid, printable UTF-8 of it. Text reaches a terminal in no other way.
// * text_is_clean() tells whether it can stand in a C string or in JSON as it is.
// * text_complete() finds where a streamed text can be cut without cutting a character.
// * text_columns(), text_piece() and text_line() lay out the program's own texts.
#ifndef KVSTEP_TEXT_H
#define KVSTEP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Text {
    const char *bytes; // [n_bytes], not ended by NUL
    size_t n_bytes;
} Text;

typedef enum TextStyle {
    TEXT_LINE = 0,  // one line: a newline becomes ↵ (\n in ASCII), a tab ⇥ (\t)
    TEXT_PROSE = 1, // newlines and tabs stay
    TEXT_ASCII = 4, // or it to one of the others: a character beyond ASCII becomes ?
} TextStyle;

// Borrows the string; NULL gives {NULL, 0}.
Text text_from(const char *string);

// Writes `in` as printable UTF-8 and a NUL into out[size]; what does not fit is cut off between characters.
// Control and format characters become \xNN or \u{NNNN}; each byte that is not UTF-8 becomes U+FFFD. Returns
// the number of bytes written, without the NUL.
size_t text_neutralise(char *out, size_t size, Text in, int style);

// Whether it is valid UTF-8 without NUL.
bool text_is_clean(Text in);

// The length of `in` without an unfinished character at its end, which more bytes may complete.
size_t text_complete(Text in);

// How many columns of a terminal the text takes.
int text_columns(Text text);

// The length of the first piece, in which a line may not break: up to a blank, or to a place beside a wide
// character, as in Chinese.
size_t text_piece(const char *text);

// The length of the first line: as many pieces, with the blanks between them, as fit into so many columns; at
// least one.
size_t text_line(const char *text, int columns);

#endif
