// The kinds of tokenizer that model families bring, each on a vocabulary of a few pieces.
// tests/test_tokenizers.sh holds real vocabularies to real ids, where they are.
#include "tests/core/tokenizer_support.h"

static const char PIECES[] =
    "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"▁\"},{"
    "\"type\":\"Replace\","
    "\"pattern\":{\"String\":\" \"},\"content\":\"▁\"}]},\"pre_tokenizer\":null,"
    "\"added_tokens\":[{\"id\":0,\"content\":\"<unk>\"},{\"id\":1,\"content\":\"<s>\"}],"
    "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\","
    "\"type_id\":0}},"
    "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},{\"SpecialToken\":{\"id\":\"<unk>\",\"type_id\":0}}],"
    "\"special_tokens\":{\"<s>\":{\"id\":\"<s>\",\"ids\":[1],\"tokens\":[\"<s>\"]}}},"
    "\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"fuse_unk\":true,\"byte_fallback\":true,"
    "\"vocab\":{\"<unk>\":0,\"<s>\":1,\"<0xC3>\":2,\"<0xA9>\":3,\"▁\":4,\"a\":5,\"b\":6,\"▁a\":7,\"▁ab\":8,"
    "\"▁▁\":9},"
    "\"merges\":[\"▁ a\",\"▁a b\",\"▁ ▁\"]}}";

static void pieces_mark_spaces_and_fall_back_to_bytes(void **state) {
    (void)state;
    Tokenizer *tokenizer = tokenizer_from_json(PIECES);
    assert_prompt(tokenizer, "ab ab", "1 8 8");
    assert_prompt(tokenizer, "a  b", "1 7 9 6"); // the space before "ab" that is not there
    assert_prompt(tokenizer, "é", "1 4 2 3");    // no piece of its own: its bytes
    assert_prompt(tokenizer, "aŁŁa", "1 7 0 5"); // no bytes either: one unknown for both
    Text text = tokenizer_text(tokenizer, 8), byte = tokenizer_text(tokenizer, 2);
    assert_true(text.n_bytes == 3 && memcmp(text.bytes, " ab", 3) == 0);
    assert_true(byte.n_bytes == 1 && byte.bytes[0] == '\xC3');
    tokenizer_free(tokenizer);
}

static void pieces_without_bytes_have_an_unknown_token(void **state) {
    (void)state;
    static const char *const EXPECTED[][2] = {{"true", "1 2 0 2 0 4 0 1"}, {"false", "1 2 0 0 2 0 4 0 1"}};
    for (int i = 0; i < 2; i++) {
        char json[1024];
        snprintf(json, sizeof json,
                 "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"▁\"},"
                 "\"model\":{\"type\":\"BPE\",\"unk_token\":\"?\",\"fuse_unk\":%s,"
                 "\"vocab\":{\"?\":0,\"ab\":1,\"▁\":2,\"a\":3,\"b\":4},\"merges\":[\"a b\"]}}",
                 EXPECTED[i][0]);
        Tokenizer *tokenizer = tokenizer_from_json(json);
        assert_prompt(tokenizer, "ab éŁ 1b?ab", EXPECTED[i][1]);
        assert_prompt(tokenizer, "é?é??é", "0 0 0 0 0 0"); // a "?" of the text is not unknown
        tokenizer_free(tokenizer);
    }
}

static void without_an_unknown_token_a_character_without_a_token_is_an_error(void **state) {
    (void)state;
    Error err;
    TokenIds ids;
    Tokenizer *tokenizer = tokenizer_from_json(
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"é\":0,\"a\":1,\"éa\":2},\"merges\":[\"é a\"]}}");
    assert_prompt(tokenizer, "éaaé", "2 1 0");
    assert_false(tokenizer_encode_prompt(tokenizer, text_from("éb"), &ids, &err));
    assert_says(err.text, "a character for which the model's vocabulary has no token");
    tokenizer_free(tokenizer);
}

static void a_piece_that_only_begins_like_a_byte_is_plain_text(void **state) {
    (void)state;
    Tokenizer *tokenizer =
        tokenizer_from_json("{\"model\":{\"type\":\"BPE\",\"byte_fallback\":true,\"merges\":[],\"vocab\":{"
                            "\"<0x41>\":0,\"<0x41)\":1,\"<0x 4>\":2,\"<0x0x>\":3,\"<0xaf>\":4}}}");
    static const char *const EXPECTED[] = {"A", "<0x41)", "<0x 4>", "<0x0x>", "\xAF"};
    for (int id = 0; id < 5; id++) {
        Text text = tokenizer_text(tokenizer, id);
        assert_int_equal(text.n_bytes, strlen(EXPECTED[id]));
        assert_memory_equal(text.bytes, EXPECTED[id], text.n_bytes);
    }
    tokenizer_free(tokenizer);
}

static void a_template_puts_its_token_before_a_prompt_and_nothing_after(void **state) {
    (void)state;
    Error err;
    TokenIds ids;
    Tokenizer *tokenizer = tokenizer_from_json(PIECES);
    assert_prompt(tokenizer, "ab", "1 8");
    assert_prompt(tokenizer, "<s>ab", "1 8"); // the text's own one is enough
    assert_true(tokenizer_encode(tokenizer, text_from("ab"), &ids, &err));
    assert_int_equal(ids.n, 1);
    free(ids.ids);
    tokenizer_free(tokenizer);
}

// Two templates: the second one's tokens go before the first one's.
static const char TEMPLATES[] = "{\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false},"
                                "\"added_tokens\":[{\"id\":1,\"content\":\"<s>\"},{\"id\":2,\"content\":\"<"
                                "en>\"},{\"id\":3,\"content\":\"<b>\"}],"
                                "\"post_processor\":{\"type\":\"Sequence\",\"processors\":["
                                "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>"
                                "\"}},{\"SpecialToken\":{\"id\":\"L\"}},"
                                "{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"<s>\"}}],"
                                "\"special_tokens\":{\"<s>\":{\"ids\":[1]},\"L\":{\"ids\":[2,2]}}},"
                                "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<b>"
                                "\"}},{\"Sequence\":{\"id\":\"A\"}}],"
                                "\"special_tokens\":{\"<b>\":{\"ids\":[3]}}}]},"
                                "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}}";

static void a_template_puts_all_its_tokens_before_a_prompt(void **state) {
    (void)state;
    Tokenizer *tokenizer = tokenizer_from_json(TEMPLATES);
    assert_prompt(tokenizer, "a", "3 1 2 2 0");
    assert_prompt(tokenizer, "", "3 1 2 2");
    assert_prompt(tokenizer, "<b><s><en><en>a", "3 1 2 2 0"); // the text's own ones are enough
    assert_prompt(tokenizer, "<b><s>a", "3 1 2 2 3 1 0");     // these are not all
    tokenizer_free(tokenizer);
}

static void add_bos_token_overrides_the_template(void **state) {
    (void)state;
    char *folder = folder_new();
    file_write_text(folder, "tokenizer.json", PIECES);
    file_write_text(folder, "tokenizer_config.json", "{\"add_bos_token\":false,\"bos_token\":\"<s>\"}");
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "ab", "8");
    tokenizer_free(tokenizer);
    file_write_text(folder, "tokenizer.json", TEMPLATES);
    file_write_text(folder, "tokenizer_config.json", "{\"add_bos_token\":true,\"bos_token\":\"<s>\"}");
    tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "a", "1 0");
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

static void metaspace_prepends_by_its_prepend_scheme(void **state) {
    (void)state;
    static const char *const EXPECTED[][3] = {{"always", "a<x>a", "7 20 7"},
                                              {"first", "a<x>a", "7 20 5"},
                                              {"never", "a<x>a", "5 20 5"},
                                              {"always", "a a", "7 7"}};
    for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) {
        char json[1024];
        snprintf(json, sizeof json,
                 "{\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"prepend_scheme\":\"%s\","
                 "\"split\":true},"
                 "\"added_tokens\":[{\"id\":20,\"content\":\"<x>\"}],\"model\":{\"type\":\"BPE\","
                 "\"vocab\":{\"▁\":4,\"a\":5,\"▁a\":7},\"merges\":[\"▁ a\"]}}",
                 EXPECTED[i][0]);
        Tokenizer *tokenizer = tokenizer_from_json(json);
        assert_prompt(tokenizer, EXPECTED[i][1], EXPECTED[i][2]);
        tokenizer_free(tokenizer);
    }
}

static void nfc_composes_before_anything_is_split(void **state) {
    (void)state;
    Tokenizer *tokenizer = tokenizer_from_json(
        "{\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":"
        "false},"
        "\"model\":{\"type\":\"BPE\",\"vocab\":{\"Ã\":0,\"©\":1,\"e\":2,\"Ì\":3,\"ģ\":4,\"Ã©\":5,\"ÿ\":6},"
        "\"merges\":[\"Ã ©\"]}}");
    assert_prompt(tokenizer, "e\xCC\x81", "5"); // e and a combining acute accent: é
    assert_prompt(tokenizer,
                  "\xFF"
                  "e\xCC\x81",
                  "6 5"); // bytes that are not UTF-8 stay
    tokenizer_free(tokenizer);
}

static void digits_stand_alone_before_words_are_split(void **state) {
    (void)state;
    Tokenizer *tokenizer = tokenizer_from_json(
        "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\",\"individual_"
        "digits\":true},"
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":true}]},\"model\":{\"type\":"
        "\"BPE\","
        "\"vocab\":{\"1\":1,\"2\":2,\"12\":3,\"Ġ\":4,\"Ġ1\":5,\"a\":6},\"merges\":[\"1 2\",\"Ġ 1\"]}}");
    assert_prompt(tokenizer, "a 12", "6 4 1 2");
    tokenizer_free(tokenizer);
}

static void an_added_token_takes_the_space_beside_it_when_it_says_so(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.added =
        "{\"id\":20,\"content\":\"<l>\",\"lstrip\":true},{\"id\":21,\"content\":\"<r>\",\"rstrip\":true}";
    char *folder = folder_new();
    write_parts(folder, parts);
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "a <l> a", "0 20 9");
    assert_prompt(tokenizer, "a <r> a", "0 3 21 0");
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_mark_spaces_and_fall_back_to_bytes),
        cmocka_unit_test(pieces_without_bytes_have_an_unknown_token),
        cmocka_unit_test(without_an_unknown_token_a_character_without_a_token_is_an_error),
        cmocka_unit_test(a_piece_that_only_begins_like_a_byte_is_plain_text),
        cmocka_unit_test(a_template_puts_its_token_before_a_prompt_and_nothing_after),
        cmocka_unit_test(a_template_puts_all_its_tokens_before_a_prompt),
        cmocka_unit_test(add_bos_token_overrides_the_template),
        cmocka_unit_test(metaspace_prepends_by_its_prepend_scheme),
        cmocka_unit_test(nfc_composes_before_anything_is_split),
        cmocka_unit_test(digits_stand_alone_before_words_are_split),
        cmocka_unit_test(an_added_token_takes_the_space_beside_it_when_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
