// Text to token ids and back: against an independent encoder's ids (tests/reference/make_tokenizer.py), and
// by rules that hold for any text and any tokenizer that loads.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/file.h"
#include "tests/core/tokenizer_support.h"

#define GOLDEN "tests/golden/tokenizer"
#define TEXT(literal) ((Text){"" literal, sizeof(literal) - 1})

static Tokenizer *load(const char *folder) {
    Tokenizer *tokenizer;
    Error err;
    if (!tokenizer_load(&tokenizer, folder, N_VOCAB, &err)) fail_msg("%s", err.text);
    assert_non_null(tokenizer);
    return tokenizer;
}

static Tokenizer *load_parts(TokenizerParts parts) {
    char *folder = folder_new();
    write_parts(folder, parts);
    Tokenizer *tokenizer = load(folder);
    folder_remove(folder);
    return tokenizer;
}

static TokenIds encode(const Tokenizer *tokenizer, Text text) {
    TokenIds ids;
    Error err;
    if (!tokenizer_encode_prompt(tokenizer, text, &ids, &err)) fail_msg("%s", err.text);
    return ids;
}

static void assert_ids(const Tokenizer *tokenizer, Text text, const int *expected, int n) {
    TokenIds ids = encode(tokenizer, text);
    assert_int_equal(ids.n, n);
    for (int i = 0; i < n; i++) assert_int_equal(ids.ids[i], expected[i]);
    free(ids.ids);
}

static void assert_encode_fails(const Tokenizer *tokenizer, Text text, const char *message) {
    TokenIds ids;
    Error err;
    assert_false(tokenizer_encode_prompt(tokenizer, text, &ids, &err));
    assert_null(ids.ids);
    assert_says(err.text, message);
}

// The ids' bytes, from `first` on, are the text's.
static void assert_round_trip(const Tokenizer *tokenizer, Text text, int first) {
    TokenIds ids = encode(tokenizer, text);
    size_t at = 0;
    for (int i = first; i < ids.n; i++) {
        Text token = tokenizer_text(tokenizer, ids.ids[i]);
        assert_true(token.n_bytes > 0 && token.n_bytes <= text.n_bytes - at);
        assert_memory_equal(text.bytes + at, token.bytes, token.n_bytes);
        at += token.n_bytes;
    }
    assert_int_equal(at, text.n_bytes);
    free(ids.ids);
}

static size_t from_hex(char *out, const char *hex) {
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (char)strtoul(digits, NULL, 16);
    }
    return n;
}

// One case of expected.json. The golden tokenizer puts <|endoftext|>, 0, before a text that does not start
// with it.
static void check_case(const Tokenizer *tokenizer, const cJSON *item) {
    char bytes[2048];
    int expected[2048], n = 0;
    const cJSON *id, *ids = cJSON_GetObjectItem(item, "ids");
    Text text = {bytes, from_hex(bytes, cJSON_GetObjectItem(item, "text_hex")->valuestring)};
    if (!ids->child || ids->child->valueint != 0) expected[n++] = 0;
    cJSON_ArrayForEach(id, ids) expected[n++] = id->valueint;
    print_message("  %s\n", cJSON_GetObjectItem(item, "name")->valuestring);
    assert_ids(tokenizer, text, expected, n);
    assert_round_trip(tokenizer, text, 1);
}

static void ids_match_an_independent_encoder(void **state) {
    (void)state;
    Error err;
    cJSON *cases;
    const cJSON *item;
    Tokenizer *tokenizer = load(GOLDEN);
    if (!json_load(&cases, GOLDEN "/expected.json", 1 << 20, &err)) fail_msg("%s", err.text);
    assert_true(cJSON_GetArraySize(cases) > 20);
    cJSON_ArrayForEach(item, cases) check_case(tokenizer, item);
    cJSON_Delete(cases);
    tokenizer_free(tokenizer);
}

static void any_bytes_survive_encoding_and_decoding(void **state) {
    (void)state;
    Tokenizer *tokenizer = load(GOLDEN);
    unsigned random = 1;
    char bytes[64];
    for (int round = 0; round < 3000; round++) {
        size_t n = 1 + (size_t)round % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            random = random * 1664525u + 1013904223u;
            bytes[i] = (char)(random >> 24 & (round % 2 ? 0xFF : 0x7F));
        }
        assert_round_trip(tokenizer, (Text){bytes, n}, 1);
    }
    assert_round_trip(tokenizer, TEXT("\xff\xfe\xc3"), 1);
    assert_round_trip(tokenizer, TEXT("a\xe2\x82 b\xf0\x9f\xa6"), 1);
    tokenizer_free(tokenizer);
}

static void a_prompt_starts_with_one_beginning_of_text(void **state) {
    (void)state;
    Tokenizer *tokenizer = load(GOLDEN);
    assert_ids(tokenizer, TEXT(""), (int[]){0}, 1);
    assert_ids(tokenizer, TEXT("<|endoftext|>"), (int[]){0}, 1);
    assert_ids(tokenizer, TEXT("<|endoftext|>a"), (int[]){0, 65}, 2);
    assert_ids(tokenizer, TEXT("a<|endoftext|>"), (int[]){0, 65, 0}, 3);
    tokenizer_free(tokenizer);
}

static void no_token_goes_before_a_prompt_unless_the_files_ask_for_it(void **state) {
    (void)state;
    char *folder = folder_new();
    file_copy(GOLDEN, folder, "tokenizer.json");
    Tokenizer *tokenizer = load(folder);
    assert_ids(tokenizer, TEXT(""), NULL, 0);
    assert_ids(tokenizer, TEXT("a"), (int[]){65}, 1);
    tokenizer_free(tokenizer);
    file_write_text(folder, "tokenizer_config.json",
                    "{\"add_bos_token\":false,\"bos_token\":\"<|endoftext|>\"}");
    tokenizer = load(folder);
    assert_ids(tokenizer, TEXT("a"), (int[]){65}, 1);
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

static void a_beginning_of_text_may_be_written_as_an_object(void **state) {
    (void)state;
    char *folder = folder_new();
    write_parts(folder, SMALL);
    file_write_text(folder, "tokenizer_config.json",
                    "{\"add_bos_token\":true,\"bos_token\":{\"content\":\"<x>\"}}");
    Tokenizer *tokenizer = load(folder);
    assert_ids(tokenizer, TEXT("x"), (int[]){20, 4}, 2);
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

static void a_folder_without_a_tokenizer_is_no_error(void **state) {
    (void)state;
    Tokenizer *tokenizer;
    Error err;
    assert_true(tokenizer_load(&tokenizer, "tests/golden/gpt2", N_VOCAB, &err));
    assert_null(tokenizer);
    tokenizer_free(tokenizer);
}

static void ids_outside_the_vocabulary_have_no_text(void **state) {
    (void)state;
    Tokenizer *tokenizer = load_parts(SMALL);
    assert_null(tokenizer_text(tokenizer, -1).bytes);
    assert_null(tokenizer_text(tokenizer, N_VOCAB).bytes);
    assert_null(tokenizer_text(tokenizer, 15).bytes);
    assert_int_equal(tokenizer_text(tokenizer, 9).n_bytes, 2);
    assert_memory_equal(tokenizer_text(tokenizer, 9).bytes, " a", 2);
    assert_memory_equal(tokenizer_text(tokenizer, 22).bytes, "é ", 3);
    tokenizer_free(tokenizer);
}

static void merges_go_by_rank_and_then_from_the_left(void **state) {
    (void)state;
    Tokenizer *tokenizer = load_parts(SMALL);
    assert_ids(tokenizer, TEXT("ab"), (int[]){6}, 1);
    assert_ids(tokenizer, TEXT("abc"), (int[]){8}, 1); // "b c" comes before "a b"
    assert_ids(tokenizer, TEXT("aaa"), (int[]){10, 0}, 2);
    assert_ids(tokenizer, TEXT("aaaa"), (int[]){10, 10}, 2);
    assert_ids(tokenizer, TEXT("abcabx"), (int[]){8, 6, 4}, 3);
    assert_ids(tokenizer, TEXT("a a"), (int[]){0, 9}, 2);
    tokenizer_free(tokenizer);
}

static void the_longest_added_token_wins(void **state) {
    (void)state;
    Tokenizer *tokenizer = load_parts(SMALL);
    assert_ids(tokenizer, TEXT("a<x>a"), (int[]){0, 20, 0}, 3);
    assert_ids(tokenizer, TEXT("<x>y<x>x"), (int[]){21, 20, 4}, 3);
    assert_ids(tokenizer, TEXT("aé "), (int[]){0, 22}, 2);
    assert_encode_fails(tokenizer, TEXT("<x"), "the byte 0x3C");
    tokenizer_free(tokenizer);
}

static void a_byte_without_a_token_is_an_error(void **state) {
    (void)state;
    Tokenizer *tokenizer = load_parts(SMALL);
    assert_encode_fails(tokenizer, TEXT("abz"), "the byte 0x7A");
    assert_encode_fails(tokenizer, TEXT("a\0"), "the byte 0x00");
    tokenizer_free(tokenizer);
}

static void add_prefix_space_puts_a_space_before_the_text(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.pre_tokenizer = "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"use_regex\":true}";
    Tokenizer *tokenizer = load_parts(parts);
    assert_ids(tokenizer, TEXT("a"), (int[]){9}, 1);
    assert_ids(tokenizer, TEXT(" a"), (int[]){9}, 1);
    assert_ids(tokenizer, TEXT("a<x>a"), (int[]){9, 20, 9}, 3);
    assert_ids(tokenizer, TEXT(""), NULL, 0);
    tokenizer_free(tokenizer);
}

static void ignore_merges_takes_a_word_that_is_a_token_whole(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.merges = "\"a b\"";
    parts.more = ",\"ignore_merges\":true";
    Tokenizer *tokenizer = load_parts(parts);
    assert_ids(tokenizer, TEXT("abc"), (int[]){8}, 1);
    assert_ids(tokenizer, TEXT("abcx"), (int[]){6, 2, 4}, 3);
    tokenizer_free(tokenizer);
}

static void words_are_split_by_the_files_own_pattern(void **state) {
    (void)state;
    char buffer[512];
    Tokenizer *tokenizer = load_parts(with_pattern(buffer, sizeof buffer, "a"));
    assert_ids(tokenizer, TEXT("abcaa"), (int[]){0, 7, 0, 0}, 4); // what lies between matches is a word
    tokenizer_free(tokenizer);
    tokenizer = load_parts(with_pattern(buffer, sizeof buffer, "(?i:ABC)|x?"));
    assert_ids(tokenizer, TEXT("abcab"), (int[]){8, 0, 1}, 3); // an empty match cuts too
    tokenizer_free(tokenizer);
}

static void a_pattern_that_matches_nothing_still_ends(void **state) {
    (void)state;
    const char *patterns[] = {"", "q", "(?=a)", "$", "(?!)", "b*?"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        char buffer[512];
        Tokenizer *tokenizer = load_parts(with_pattern(buffer, sizeof buffer, patterns[i]));
        assert_round_trip(tokenizer, TEXT("aabcab xy"), 0);
        tokenizer_free(tokenizer);
    }
}

static void a_pattern_that_backtracks_for_ever_is_an_error(void **state) {
    (void)state;
    enum { N = 4000 };
    const char *patterns[] = {"(?:a|a)*[xy]", "(?:a+)+[xy]", "(a*)*\\\\1[xy]"};
    char buffer[512], *text = malloc(N);
    memset(text, 'a', N);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        Tokenizer *tokenizer = load_parts(with_pattern(buffer, sizeof buffer, patterns[i]));
        assert_encode_fails(tokenizer, (Text){text, N}, "pre-split pattern");
        tokenizer_free(tokenizer);
    }
    free(text);
}

static void an_added_token_may_stand_in_the_vocabulary_too(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.vocab = "\"a\":0,\"<|é|>\":1,\"日 \":2";
    parts.merges = "";
    parts.added = "{\"id\":1,\"content\":\"<|é|>\"},{\"id\":2,\"content\":\"日 \"}";
    Tokenizer *tokenizer = load_parts(parts);
    assert_ids(tokenizer, TEXT("a<|é|>日 a"), (int[]){0, 1, 2, 0}, 4);
    assert_round_trip(tokenizer, TEXT("a<|é|>日 a"), 0);
    tokenizer_free(tokenizer);
}

// A merge loop that looks at every pair again after each merge would take hours for this.
static void a_word_of_a_million_letters_takes_no_quadratic_time(void **state) {
    (void)state;
    enum { N = 1 << 20 };
    char *text = malloc(N);
    memset(text, 'a', N);
    Tokenizer *tokenizer = load_parts(SMALL);
    clock_t start = clock();
    TokenIds ids = encode(tokenizer, (Text){text, N});
    assert_int_equal(ids.n, N / 2);
    assert_true(clock() - start < 60 * CLOCKS_PER_SEC);
    free(ids.ids);
    assert_encode_fails(tokenizer, (Text){text, (size_t)17 << 20}, "at most 16 MB");
    tokenizer_free(tokenizer);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_match_an_independent_encoder),
        cmocka_unit_test(any_bytes_survive_encoding_and_decoding),
        cmocka_unit_test(a_prompt_starts_with_one_beginning_of_text),
        cmocka_unit_test(no_token_goes_before_a_prompt_unless_the_files_ask_for_it),
        cmocka_unit_test(a_beginning_of_text_may_be_written_as_an_object),
        cmocka_unit_test(a_folder_without_a_tokenizer_is_no_error),
        cmocka_unit_test(ids_outside_the_vocabulary_have_no_text),
        cmocka_unit_test(merges_go_by_rank_and_then_from_the_left),
        cmocka_unit_test(the_longest_added_token_wins),
        cmocka_unit_test(a_byte_without_a_token_is_an_error),
        cmocka_unit_test(add_prefix_space_puts_a_space_before_the_text),
        cmocka_unit_test(ignore_merges_takes_a_word_that_is_a_token_whole),
        cmocka_unit_test(words_are_split_by_the_files_own_pattern),
        cmocka_unit_test(a_pattern_that_matches_nothing_still_ends),
        cmocka_unit_test(a_pattern_that_backtracks_for_ever_is_an_error),
        cmocka_unit_test(an_added_token_may_stand_in_the_vocabulary_too),
        cmocka_unit_test(a_word_of_a_million_letters_takes_no_quadratic_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
