// Text from outside: bytes of tokens, names, prompts. Any byte can be in it, NUL too.
//
// Interface:
// * text_neutralise() is the one way such text reaches a terminal: what comes out is valid, printable UTF-8.
// * text_is_clean() tells whether bytes are valid UTF-8 without NUL, so that they can stand in a C string or
// in JSON.
// * text_complete() finds where a streamed text can be cut without cutting a character.
// * text_columns(), text_piece() and text_line() lay out what the program itself says.
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
    TEXT_ASCII = 4, // added to one of the others: a character beyond ASCII becomes ?
} TextStyle;

Text text_from(const char *string);

// Writes `in` as printable UTF-8 into out[size], always ended by NUL, cut between characters when it does not
// fit. Control and format characters become \xNN or \u{NNNN}; each byte that is not UTF-8 becomes U+FFFD.
// Returns the number of bytes written, without the NUL.
size_t text_neutralise(char *out, size_t size, Text in, int style);

bool text_is_clean(Text in);

// The length of the longest prefix of `in` that does not end in the middle of a character that more bytes may
// complete.
size_t text_complete(Text in);

// Columns of a terminal that it takes: printf counts bytes.
int text_columns(Text text);
// The length of what a line is not broken in: up to a blank, or to a place beside a wide character, as in
// Chinese.
size_t text_piece(const char *text);
// The length of as many pieces, with the blanks between them, as take no more than so many columns; at least
// one.
size_t text_line(const char *text, int columns);

#endif
