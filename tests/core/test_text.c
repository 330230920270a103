// What reaches a terminal, and where a text can be cut.
#include "tests/support.h"

#include <string.h>

#include "core/base/text.h"

// Literals with their NUL bytes inside.
#define TEXT(literal) ((Text){"" literal, sizeof(literal) - 1})

static void assert_neutral(Text in, int style, const char *expected) {
    char out[256];
    assert_int_equal(text_neutralise(out, sizeof out, in, style), strlen(expected));
    assert_string_equal(out, expected);
}

static void printable_text_passes_as_it_is(void **state) {
    (void)state;
    assert_neutral(TEXT("Once upon a time"), TEXT_LINE, "Once upon a time");
    assert_neutral(TEXT("déjà 日本 🦙 שלום"), TEXT_LINE, "déjà 日本 🦙 שלום");
    assert_neutral(TEXT("e\u0301"), TEXT_LINE, "e\u0301");
    assert_neutral(TEXT(""), TEXT_LINE, "");
}

static void newlines_and_tabs_follow_the_style(void **state) {
    (void)state;
    assert_neutral(TEXT("a\nb\tc"), TEXT_LINE, "a↵b⇥c");
    assert_neutral(TEXT("a\nb\tc"), TEXT_LINE | TEXT_ASCII, "a\\nb\\tc");
    assert_neutral(TEXT("a\nb\tc"), TEXT_PROSE, "a\nb\tc");
    assert_neutral(TEXT("a\nb\tc"), TEXT_PROSE | TEXT_ASCII, "a\nb\tc");
}

static void control_characters_become_escapes(void **state) {
    (void)state;
    assert_neutral(TEXT("\x1b[31mred"), TEXT_LINE, "\\x1B[31mred");
    assert_neutral(TEXT("a\0b\x7f\r"), TEXT_PROSE, "a\\x00b\\x7F\\x0D");
    assert_neutral(TEXT("\xc2\x85\xc2\x9b"
                        "1m"),
                   TEXT_LINE, "\\u{0085}\\u{009B}1m");
}

static void characters_that_steer_the_terminal_become_escapes(void **state) {
    (void)state;
    assert_neutral(TEXT("\u202egnp\u2066\u200f"), TEXT_LINE, "\\u{202E}gnp\\u{2066}\\u{200F}");
    assert_neutral(TEXT("a\u200db\ufe0f\ufeff"), TEXT_LINE, "a\\u{200D}b\\u{FE0F}\\u{FEFF}");
    assert_neutral(TEXT("\u2028\u2029\U000E0041"), TEXT_PROSE, "\\u{2028}\\u{2029}\\u{E0041}");
    assert_neutral(TEXT("\uffff\U0010ffff"), TEXT_LINE, "\\u{FFFF}\\u{10FFFF}");
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state) {
    (void)state;
    assert_neutral(TEXT("a\xff\x80z"), TEXT_LINE, "a\ufffd\ufffdz");
    assert_neutral(TEXT("\xe2\x82"), TEXT_LINE, "\ufffd\ufffd");
    assert_neutral(TEXT("\xc0\x9b"), TEXT_LINE, "\ufffd\ufffd");                     // an overlong ESC
    assert_neutral(TEXT("\xed\xa0\x80"), TEXT_LINE, "\ufffd\ufffd\ufffd");           // a surrogate
    assert_neutral(TEXT("\xf4\x90\x80\x80"), TEXT_LINE, "\ufffd\ufffd\ufffd\ufffd"); // past U+10FFFF
    assert_neutral(TEXT("\xffz"), TEXT_ASCII, "?z");
}

static void the_ascii_style_writes_only_ascii(void **state) {
    (void)state;
    assert_neutral(TEXT("dé日"), TEXT_ASCII, "d??");
    assert_neutral(TEXT("\u202e"), TEXT_ASCII, "\\u{202E}");
}

// Every byte pair, in every style: nothing below the space but \n and \t, and nothing that is not UTF-8,
// comes out.
static void no_pair_of_bytes_gets_past_the_escaping(void **state) {
    (void)state;
    const int styles[] = {TEXT_LINE, TEXT_PROSE, TEXT_LINE | TEXT_ASCII, TEXT_PROSE | TEXT_ASCII};
    for (int pair = 0; pair < 0x10000; pair++)
        for (int s = 0; s < 4; s++) {
            char in[2] = {(char)(pair >> 8), (char)(pair & 0xFF)}, out[64];
            size_t n = text_neutralise(out, sizeof out, (Text){in, 2}, styles[s]);
            assert_true(text_is_clean((Text){out, n}));
            for (size_t i = 0; i < n; i++) {
                bool blank = (styles[s] & TEXT_PROSE) && (out[i] == '\n' || out[i] == '\t');
                assert_true(blank || ((unsigned char)out[i] >= 0x20 && out[i] != 0x7F));
            }
            bool c1 = n == 2 && (unsigned char)out[0] == 0xC2 && (unsigned char)out[1] < 0xA0;
            assert_false(c1);
        }
}

static void what_does_not_fit_is_cut_between_characters(void **state) {
    (void)state;
    char out[8];
    assert_int_equal(text_neutralise(out, 4, TEXT("aé日"), TEXT_LINE), 3);
    assert_string_equal(out, "aé");
    assert_int_equal(text_neutralise(out, 4, TEXT("\x1b"), TEXT_LINE), 0);
    assert_string_equal(out, "");
    assert_int_equal(text_neutralise(out, 1, TEXT("abc"), TEXT_LINE), 0);
    assert_string_equal(out, "");
    assert_int_equal(text_neutralise(out, 0, TEXT("abc"), TEXT_LINE), 0);
}

static void a_text_is_clean_when_it_is_utf8_without_nul(void **state) {
    (void)state;
    assert_true(text_is_clean(TEXT("")));
    assert_true(text_is_clean(TEXT("日本\x1b")));
    assert_true(text_is_clean((Text){NULL, 0}));
    assert_false(text_is_clean(TEXT("a\0b")));
    assert_false(text_is_clean(TEXT("a\xff")));
    assert_false(text_is_clean(TEXT("\xf0\x9f\xa6")));
}

static void an_unfinished_character_is_held_back(void **state) {
    (void)state;
    assert_int_equal(text_complete(TEXT("a\xf0\x9f\xa6")), 1);
    assert_int_equal(text_complete(TEXT("a\xf0\x9f")), 1);
    assert_int_equal(text_complete(TEXT("a\xf0")), 1);
    assert_int_equal(text_complete(TEXT("é\xe2\x82")), 2);
    assert_int_equal(text_complete(TEXT("\xc3")), 0);
}

static void bytes_that_no_byte_can_complete_are_not_held_back(void **state) {
    (void)state;
    assert_int_equal(text_complete(TEXT("")), 0);
    assert_int_equal(text_complete(TEXT("a🦙")), 5);
    assert_int_equal(text_complete(TEXT("a\xff")), 2);
    assert_int_equal(text_complete(TEXT("a\xc0")), 2);
    assert_int_equal(text_complete(TEXT("\xed\xa0")), 2);
    assert_int_equal(text_complete(TEXT("\xe0\x80")), 2);
    assert_int_equal(text_complete(TEXT("\xf4\x90\x80")), 3);
    assert_int_equal(text_complete(TEXT("\x80\x80\x80\x80")), 4);
}

static void a_line_breaks_at_blanks_and_beside_chinese_characters(void **state) {
    (void)state;
    assert_int_equal(text_columns(TEXT("层 0：é")), 7);
    assert_int_equal(text_line("one two three", 9), 7);
    assert_int_equal(text_line("one two", 7), 7);
    assert_int_equal(text_line("longer than that", 3), 6);
    assert_int_equal(text_line("用缓存", 5), 6);
    assert_int_equal(text_line("有缓存，无缓存", 6), 6);     // a comma begins no line
    assert_int_equal(text_line("token 的（KV 头）", 10), 9); // nor does a bracket end one
    assert_int_equal(text_piece(""), 0);
    assert_int_equal(text_line("", 5), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printable_text_passes_as_it_is),
        cmocka_unit_test(newlines_and_tabs_follow_the_style),
        cmocka_unit_test(control_characters_become_escapes),
        cmocka_unit_test(characters_that_steer_the_terminal_become_escapes),
        cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
        cmocka_unit_test(the_ascii_style_writes_only_ascii),
        cmocka_unit_test(no_pair_of_bytes_gets_past_the_escaping),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(a_text_is_clean_when_it_is_utf8_without_nul),
        cmocka_unit_test(an_unfinished_character_is_held_back),
        cmocka_unit_test(bytes_that_no_byte_can_complete_are_not_held_back),
        cmocka_unit_test(a_line_breaks_at_blanks_and_beside_chinese_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
