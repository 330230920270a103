// Where added tokens are found: before or after the normalizer, beside words and white space. The expected
// ids follow the rules of Hugging Face's tokenizers.
#include "tests/core/tokenizer_support.h"

// Added tokens beside a vocabulary whose every other character is unknown, 0.
static Tokenizer *with_added(const char *normalizer, const char *added) {
    char json[2048];
    snprintf(
        json, sizeof json,
        "{\"normalizer\":%s,\"added_tokens\":[%s],\"model\":{\"type\":\"BPE\",\"unk_token\":\"?\",\"vocab\":"
        "{\"?\":0,\"a\":1,\" \":2,\"▁\":3,\"m\":4,\"é\":5,\"▁a\":6},\"merges\":[\"▁ a\"]}}",
        normalizer, added);
    return tokenizer_from_json(json);
}

static void a_normalized_token_is_found_in_the_normalised_text(void **state) {
    (void)state;
    Tokenizer *tokenizer =
        with_added("{\"type\":\"NFC\"}", "{\"id\":20,\"content\":\"<\u00E9>\",\"normalized\":true},"
                                         "{\"id\":21,\"content\":\"<e\u0301\u0301>\"},"
                                         "{\"id\":22,\"content\":\"(e\u0301)\",\"normalized\":true}");
    assert_prompt(tokenizer, "a<\u00E9>a", "1 20 1");
    assert_prompt(tokenizer, "a<e\u0301>a", "1 20 1");
    assert_prompt(tokenizer, "a<e\u0301\u0301>a", "1 21 1"); // found first, as it is written
    assert_prompt(tokenizer, "(\u00E9)(e\u0301)", "22 22");  // normalised itself
    Text text = tokenizer_text(tokenizer, 22);
    assert_int_equal(text.n_bytes, 5); // shown as it is written
    tokenizer_free(tokenizer);
}

// Llama 2's first conversions have <s> so: it becomes "▁<s>", and is found only after a space or at the
// beginning.
static void a_normalized_token_has_what_the_normalizer_prepends(void **state) {
    (void)state;
    static const char PREPEND[] =
        "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"▁\"},"
        "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"▁\"}]}";
    Tokenizer *tokenizer = with_added(PREPEND, "{\"id\":20,\"content\":\"<s>\",\"normalized\":true}");
    assert_prompt(tokenizer, "<s>a", "20 1");
    assert_prompt(tokenizer, "a <s>a", "6 20 1");
    assert_prompt(tokenizer, "a<s>", "6 0 0 0");
    tokenizer_free(tokenizer);
}

static void metaspace_comes_after_normalized_tokens(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.pre_tokenizer = "{\"type\":\"Metaspace\",\"prepend_scheme\":\"first\"}";
    parts.vocab = "\"a\":0,\"▁\":1,\"▁a\":2";
    parts.merges = "\"▁ a\"";
    parts.added = "{\"id\":20,\"content\":\" m \",\"normalized\":true}";
    char *folder = folder_new();
    write_parts(folder, parts);
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "a m a", "2 20 0");
    assert_prompt(tokenizer, " m a", "20 0");
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

static void a_beginning_of_text_may_be_a_normalized_token(void **state) {
    (void)state;
    char *folder = folder_new();
    TokenizerParts parts = SMALL;
    parts.added = "{\"id\":20,\"content\":\"<s>\",\"normalized\":true}";
    write_parts(folder, parts);
    file_write_text(folder, "tokenizer_config.json", "{\"add_bos_token\":true,\"bos_token\":\"<s>\"}");
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "a", "20 0");
    assert_prompt(tokenizer, "<s>a", "20 0");
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

static void normalized_tokens_that_cannot_be_told_apart_are_refused(void **state) {
    (void)state;
    static const char *const BAD[][2] = {
        {"{\"id\":20,\"content\":\"\u00E9\",\"normalized\":true},{\"id\":21,\"content\":\"e\u0301\","
         "\"normalized\":true}",
         "appears twice when it is normalised"},
        {"{\"id\":20,\"content\":\"m\",\"normalized\":true},{\"id\":21,\"content\":\"m\"}",
         "an added token appears twice, "},
        {"{\"id\":20,\"content\":\"#\",\"normalized\":true}",
         "nothing is left of the added token with the id 20"}};
    for (int i = 0; i < 3; i++) {
        Error err;
        Tokenizer *tokenizer;
        char json[1024], *folder = folder_new();
        snprintf(json, sizeof json,
                 "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":"
                 "\"Replace\","
                 "\"pattern\":{\"String\":\"#\"},\"content\":\"\"}]},"
                 "\"added_tokens\":[%s],\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}",
                 BAD[i][0]);
        file_write_text(folder, "tokenizer.json", json);
        assert_false(tokenizer_load(&tokenizer, folder, 0, &err));
        assert_says(err.text, BAD[i][1]);
        folder_remove(folder);
    }
}

// TWO
// A word's character right beside it, on either side, takes a single word's token away.
static void a_single_word_token_is_not_found_inside_a_word(void **state) {
    (void)state;
    static const char *const BESIDE[] = {"a",      "\u65E5", "\u0301", "\u0903", "7",     "\u0667",
                                         "\u2167", "_",      "\u203F", "\u200D", "\u24B6"};
    static const char *const APART[] = {"-",      " ",          "\u00B2", "\u25CC",
                                        "\u2581", "\U0001F600", "\u200B", "\xA9"};
    Tokenizer *tokenizer = with_added("null", "{\"id\":20,\"content\":\"m\",\"single_word\":true}");
    assert_prompt(tokenizer, "m", "20");
    for (size_t i = 0; i < sizeof BESIDE / sizeof *BESIDE + sizeof APART / sizeof *APART; i++) {
        bool apart = i >= sizeof BESIDE / sizeof *BESIDE;
        const char *beside = apart ? APART[i - sizeof BESIDE / sizeof *BESIDE] : BESIDE[i];
        for (int after = 0; after < 2; after++) {
            Error err;
            TokenIds ids;
            char text[32];
            snprintf(text, sizeof text, after ? "m%s" : "%sm", beside);
            assert_true(tokenizer_encode_prompt(tokenizer, text_from(text), &ids, &err));
            assert_int_equal(ids.ids[after ? 0 : ids.n - 1], apart ? 20 : 4);
            free(ids.ids);
        }
    }
    tokenizer_free(tokenizer);
}

static void a_single_word_token_inside_a_word_is_skipped_whole(void **state) {
    (void)state;
    Tokenizer *tokenizer = with_added("null", "{\"id\":20,\"content\":\"m m\",\"single_word\":true},"
                                              "{\"id\":21,\"content\":\" \"},{\"id\":22,\"content\":\"é\"}");
    assert_prompt(tokenizer, "m m m m", "20 21 20");
    assert_prompt(tokenizer, "am m m", "1 4 2 4 21 4"); // the space within is not looked at again
    assert_prompt(tokenizer, "ém m", "22 4 2 4");       // what was found before it counts too
    tokenizer_free(tokenizer);
}

static void white_space_stripped_beside_a_token_is_unicodes(void **state) {
    (void)state;
    Tokenizer *tokenizer = with_added("null", "{\"id\":20,\"content\":\"<l>\",\"lstrip\":true},"
                                              "{\"id\":21,\"content\":\"<r>\",\"rstrip\":true}");
    assert_prompt(tokenizer, "a \t\u00A0\u2003\u3000<l> a", "1 20 2 1");
    assert_prompt(tokenizer, "a <r> \n\xC2\x85\u1680\u2028\u202Fa", "1 2 21 1");
    assert_prompt(tokenizer, "\u200B<l><r>\u180Ea", "0 20 21 0 1"); // these are none
    assert_prompt(tokenizer, "<r> <l>", "21 20");                   // and none is taken twice
    tokenizer_free(tokenizer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_normalized_token_is_found_in_the_normalised_text),
        cmocka_unit_test(a_normalized_token_has_what_the_normalizer_prepends),
        cmocka_unit_test(metaspace_comes_after_normalized_tokens),
        cmocka_unit_test(a_beginning_of_text_may_be_a_normalized_token),
        cmocka_unit_test(normalized_tokens_that_cannot_be_told_apart_are_refused),
        cmocka_unit_test(a_single_word_token_is_not_found_inside_a_word),
        cmocka_unit_test(a_single_word_token_inside_a_word_is_skipped_whole),
        cmocka_unit_test(white_space_stripped_beside_a_token_is_unicodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
