// utf8proc reads the bytes as UTF-8, one character at a time. A character that a terminal would act on, such
// as ESC, a C1 control or one that changes the direction of writing, becomes an escape; a byte that is not
// UTF-8 becomes U+FFFD. All others pass, combining marks and wide characters too.
//
// Interface: text.h.
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

// One piece of output: a character or its escape. The longest is \u{10FFFF}.
typedef struct Piece {
    char bytes[16];
    int n;
} Piece;

Text text_from(const char *string) {
    return (Text){string, string ? strlen(string) : 0};
}

// The character at the start of `in` and its length in bytes; -1 and length 1 for a byte that is not UTF-8.
static int next_character(Text in, size_t *n_bytes) {
    utf8proc_int32_t character;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)in.bytes, (utf8proc_ssize_t)in.n_bytes, &character);
    *n_bytes = n > 0 ? (size_t)n : 1;
    return n > 0 ? character : -1;
}

static bool is_variation_selector(int character) {
    return (character >= 0xFE00 && character <= 0xFE0F) || (character >= 0xE0100 && character <= 0xE01EF);
}

// Characters that terminals act on, or whose width they do not agree on.
static bool needs_escape(int character) {
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return is_variation_selector(character);
    }
}

static Piece piece_from(const char *string) {
    Piece piece = {.n = (int)strlen(string)};
    memcpy(piece.bytes, string, (size_t)piece.n);
    return piece;
}

// The newline and the tab, which the style decides about. Returns false for any other character.
static bool neutralise_blank(Piece *piece, int character, int style) {
    if (character != '\n' && character != '\t') return false;
    bool newline = character == '\n';
    if (style & TEXT_PROSE)
        *piece = piece_from(newline ? "\n" : "\t");
    else if (style & TEXT_ASCII)
        *piece = piece_from(newline ? "\\n" : "\\t");
    else
        *piece = piece_from(newline ? "↵" : "⇥");
    return true;
}

static Piece neutralise_character(int character, const char *bytes, size_t n_bytes, int style) {
    Piece piece = {.n = 0};
    if (neutralise_blank(&piece, character, style)) return piece;
    if (character < 0) return piece_from(style & TEXT_ASCII ? "?" : "\xEF\xBF\xBD");
    if (needs_escape(character)) {
        piece.n = snprintf(piece.bytes, sizeof piece.bytes, character < 0x80 ? "\\x%02X" : "\\u{%04X}",
                           (unsigned)character);
        return piece;
    }
    if (character >= 0x80 && style & TEXT_ASCII) return piece_from("?");
    memcpy(piece.bytes, bytes, n_bytes);
    piece.n = (int)n_bytes;
    return piece;
}

size_t text_neutralise(char *out, size_t size, Text in, int style) {
    size_t written = 0, n_bytes;
    if (size == 0) return 0;
    for (; in.n_bytes > 0; in.bytes += n_bytes, in.n_bytes -= n_bytes) {
        int character = next_character(in, &n_bytes);
        Piece piece = neutralise_character(character, in.bytes, n_bytes, style);
        if (written + (size_t)piece.n >= size) break;
        memcpy(out + written, piece.bytes, (size_t)piece.n);
        written += (size_t)piece.n;
    }
    out[written] = '\0';
    return written;
}

bool text_is_clean(Text in) {
    size_t n_bytes;
    for (; in.n_bytes > 0; in.bytes += n_bytes, in.n_bytes -= n_bytes)
        if (next_character(in, &n_bytes) <= 0) return false;
    return true;
}

// The length of the character that a first byte announces; 0 for a byte that starts none of several bytes.
static size_t announced_length(unsigned char first) {
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

// Whether the second byte may follow the first: not when the character would be overlong, a surrogate or past
// U+10FFFF.
static bool may_follow(unsigned char first, unsigned char second) {
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

size_t text_complete(Text in) {
    const unsigned char *bytes = (const unsigned char *)in.bytes;
    for (size_t back = 1; back <= 3 && back <= in.n_bytes; back++) {
        const unsigned char *tail = bytes + in.n_bytes - back;
        if ((tail[0] & 0xC0) == 0x80) continue;
        bool unfinished = announced_length(tail[0]) > back && (back == 1 || may_follow(tail[0], tail[1]));
        return unfinished ? in.n_bytes - back : in.n_bytes;
    }
    return in.n_bytes;
}

// ---- columns and lines --------------------------------------------------------------------------

int text_columns(Text text) {
    int columns = 0;
    for (size_t n; text.n_bytes > 0; text.bytes += n, text.n_bytes -= n) {
        int character = next_character(text, &n);
        columns += character >= 0 ? utf8proc_charwidth(character) : 1;
    }
    return columns;
}

static bool is_among(const char *characters, const char *one, size_t n_bytes) {
    for (; *characters; characters++)
        if (strncmp(characters, one, n_bytes) == 0) return true;
    return false;
}

// Whether a line may end between two neighbours that no blank parts.
static bool may_break(Text before, Text after) {
    if (text_columns(before) < 2 && text_columns(after) < 2) return false;
    return !is_among("（《「“([`", before.bytes, before.n_bytes) &&
           !is_among("，。；：、！？）》」”)].,;:`", after.bytes, after.n_bytes);
}

size_t text_piece(const char *text) {
    Text rest = text_from(text), before = {text, 0};
    while (rest.n_bytes > 0 && rest.bytes[0] != ' ') {
        Text next = {rest.bytes, 0};
        next_character(rest, &next.n_bytes);
        if (before.n_bytes > 0 && may_break(before, next)) break;
        before = next;
        rest.bytes += next.n_bytes, rest.n_bytes -= next.n_bytes;
    }
    return (size_t)(rest.bytes - text);
}

size_t text_line(const char *text, int columns) {
    size_t length = text_piece(text);
    while (text[length]) {
        size_t blank = text[length] == ' ', next = length + blank + text_piece(text + length + blank);
        if (next == length || text_columns((Text){text, next}) > columns) break;
        length = next;
    }
    return length;
}
