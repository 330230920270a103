// Tokenizer files that are damaged or hostile, or ask for what is not built: each is refused with a message
// that says so.
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "tests/core/tokenizer_support.h"

static void assert_load_fails(const char *folder, const char *message) {
    Tokenizer *tokenizer;
    Error err;
    assert_false(tokenizer_load(&tokenizer, folder, N_VOCAB, &err));
    assert_null(tokenizer);
    assert_says(err.text, "tokenizer");
    assert_says(err.text, message);
}

static void assert_parts_fail(TokenizerParts parts, const char *message) {
    char *folder = folder_new();
    write_parts(folder, parts);
    assert_load_fails(folder, message);
    folder_remove(folder);
}

static void assert_json_fails(const char *json, const char *message) {
    char *folder = folder_new();
    file_write_text(folder, "tokenizer.json", json);
    assert_load_fails(folder, message);
    folder_remove(folder);
}

static void a_pattern_that_is_no_regular_expression_is_refused(void **state) {
    (void)state;
    const char *patterns[] = {"(", "\\\\p{Nope}", "[z-a]", "\\\\C", "(a{65535}){65535}", "\xff"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        char buffer[512];
        assert_parts_fail(with_pattern(buffer, sizeof buffer, patterns[i]), "is not a regular expression");
    }
}

static void unsupported_settings_are_refused_by_name(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.pre_tokenizer = "{\"type\":\"Whitespace\"}";
    assert_parts_fail(parts, "the pre_tokenizer is Whitespace");
    parts.pre_tokenizer = "{\"type\":\"Metaspace\",\"prepend_scheme\":\"last\"}";
    assert_parts_fail(parts, "prepend_scheme is last");
    parts.pre_tokenizer =
        "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"},{\"type\":\"ByteLevel\"}]}";
    assert_parts_fail(parts, "adds a space before each word");
    parts = SMALL;
    parts.more = ",\"continuing_subword_prefix\":\"##\"";
    assert_parts_fail(parts, "\"continuing_subword_prefix\"");
    assert_json_fails("{\"normalizer\":{\"type\":\"Lowercase\"},\"model\":{\"vocab\":{}}}",
                      "the normalizer is Lowercase");
    assert_json_fails("{\"model\":{\"type\":\"Unigram\",\"vocab\":{}}}", "the model is Unigram");
    assert_json_fails("{\"model\":{\"type\":\"BPE\",\"vocab\":[]}}", "has no \"vocab\"");
    assert_json_fails("[]", "has no \"vocab\"");
}

// With a vocabulary that would be the second fault, of a tokenizer that it makes look byte-level.
static void metaspace_in_a_sequence_is_refused_by_name(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.vocab = "\"▁\":0";
    parts.pre_tokenizer = "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Metaspace\"}]}";
    assert_parts_fail(parts, "is a Sequence with Metaspace in it");
}

static void without_a_config_the_error_for_a_large_id_does_not_name_one(void **state) {
    (void)state;
    Error err;
    Tokenizer *tokenizer;
    TokenizerParts parts = SMALL;
    char *folder = folder_new();
    const char *bad[] = {"\"a\":4194304", "\"a\":1e300", "\"a\":-1", "\"a\":0.5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        parts.vocab = bad[i];
        write_parts(folder, parts);
        assert_false(tokenizer_load(&tokenizer, folder, 0, &err));
        assert_says(err.text, "an id is a whole number from 0 to 4194303");
    }
    folder_remove(folder);
}

static void inconsistent_vocabularies_are_refused(void **state) {
    (void)state;
    const char *bad[][2] = {
        {"\"a\":400", "has the id 400, but config.json's vocabulary has the ids 0 to 399"},
        {"\"a\":-1", "has the id -1"},
        {"\"a\":1e300", "has the id 1e+300"},
        {"\"a\":0.5", "has the id 0.5"},
        {"\"a\":\"0\"", "has no number as its id"},
        {"\"a\":0,\"b\":0", "the id 0 stands for two tokens"},
        {"\"a\":0,\"a\":1", "stand for the same token"},
        {"\"\":0", "is empty"},
        {"\"a b\":0", "is not spelled in the byte-level alphabet"},
        {"\"日\":0", "is not spelled in the byte-level alphabet"},
        {"\"a\\u0000\":0", "NUL"},
        {"\"\xff\":0", "is not spelled in the byte-level alphabet"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        TokenizerParts parts = SMALL;
        parts.vocab = bad[i][0];
        parts.merges = parts.added = "";
        assert_parts_fail(parts, bad[i][1]);
    }
}

static void inconsistent_added_tokens_are_refused(void **state) {
    (void)state;
    const char *bad[][2] = {
        {"{\"id\":400,\"content\":\"<x>\"}", "has the id 400"},
        {"{\"id\":0,\"content\":\"<x>\"}", "the id 0 stands for two tokens"},
        {"{\"id\":20,\"content\":\"<x>\"},{\"id\":20,\"content\":\"<y>\"}",
         "the id 20 stands for two tokens"},
        {"{\"id\":20,\"content\":\"<x>\"},{\"id\":21,\"content\":\"<x>\"}", "an added token appears twice"},
        {"{\"id\":20,\"content\":\"<x>\"},{\"id\":20,\"content\":\"<x>\"}", "an added token appears twice"},
        {"{\"id\":20,\"content\":\"\"}", "has no \"content\""},
        {"{\"id\":20}", "has no \"content\""},
        {"{\"content\":\"<x>\"}", "has no number as its id"},
        {"7", "has no \"content\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        TokenizerParts parts = SMALL;
        parts.added = bad[i][0];
        assert_parts_fail(parts, bad[i][1]);
    }
}

static void an_added_token_may_not_take_another_pieces_id(void **state) {
    (void)state;
    TokenizerParts parts = SMALL;
    parts.pre_tokenizer = "{\"type\":\"Metaspace\"}";
    parts.vocab = "\"a\":0,\"▁\":1";
    parts.merges = "";
    parts.added = "{\"id\":0,\"content\":\"<m>\"}";
    assert_parts_fail(parts, "the id 0 stands for two tokens, one of them \"<m>\"");
    parts.added = "{\"id\":1,\"content\":\" \"}"; // ▁ stands for a space, but it is written otherwise
    assert_parts_fail(parts, "the id 1 stands for two tokens");
}

static void inconsistent_merges_are_refused(void **state) {
    (void)state;
    const char *bad[] = {"\"a c\"",   "\"a\"", "\"a  b\"", "\"a b c\"", "[\"a\"]",
                         "[\"a\",7]", "7",     "\" \"",    "\"日 a\"",  "\"z a\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        TokenizerParts parts = SMALL;
        char merges[64];
        snprintf(merges, sizeof merges, "\"b c\",%s", bad[i]);
        parts.merges = merges;
        assert_parts_fail(parts, "merge 1 does not join two tokens of the vocabulary");
    }
    TokenizerParts parts = SMALL;
    parts.merges = "\"b c\",\"a b\",[\"b\",\"c\"]";
    assert_parts_fail(parts, "the merges 0 and 2 join the same two tokens");
    assert_json_fails("{\"pre_tokenizer\":{\"type\":\"ByteLevel\"},\"model\":{\"vocab\":{}}}",
                      "no list of \"merges\"");
}

static void a_beginning_of_text_token_that_is_missing_is_refused(void **state) {
    (void)state;
    char *folder = folder_new();
    write_parts(folder, SMALL);
    file_write_text(folder, "tokenizer_config.json", "{\"add_bos_token\":true,\"bos_token\":\"<s>\"}");
    assert_load_fails(folder, "<s> is not among the added tokens");
    file_write_text(folder, "tokenizer_config.json", "{\"add_bos_token\":true,\"bos_token\":null}");
    assert_load_fails(folder, "there is no \"bos_token\"");
    file_write_text(folder, "tokenizer_config.json", "{");
    assert_load_fails(folder, "tokenizer_config.json, line 1: is not valid JSON");
    folder_remove(folder);
}

static void a_template_with_unknown_tokens_is_refused(void **state) {
    (void)state;
    const char *bad[][2] = {{"{\"id\":\"<s>\"}", "token <s> is not among"},
                            {"{}", "token without an \"id\" is not among"},
                            {"{\"id\":\"<x>\"}", "token <x> is not in the vocabulary"},
                            {"{\"id\":\"<y>\"}", "token <y> is not in the vocabulary"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char json[1024];
        snprintf(json, sizeof json,
                 "{\"pre_tokenizer\":{\"type\":\"ByteLevel\"},\"model\":{\"vocab\":{\"a\":0},\"merges\":[]},"
                 "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":%s}],"
                 "\"special_tokens\":{\"<x>\":{\"ids\":[0,399]},\"<y>\":{\"ids\":[400]}}}}",
                 bad[i][0]);
        assert_json_fails(json, bad[i][1]);
    }
}

static void damaged_json_is_refused(void **state) {
    (void)state;
    char *deep = malloc(100001);
    memset(deep, '[', 100000);
    deep[100000] = '\0';
    assert_json_fails(deep, "nested deeper");
    assert_json_fails("", "is empty");
    assert_json_fails("{\"model\":", "is not valid JSON");
    free(deep);
}

// Each stage cuts the words of the one before it, by a call within its call.
static void too_many_stages_of_splitting_are_refused(void **state) {
    (void)state;
    char list[1024] = "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"}";
    for (int i = 1; i < 17; i++) strcat(list, ",{\"type\":\"Digits\"}");
    strcat(list, "]}");
    TokenizerParts parts = SMALL;
    parts.pre_tokenizer = list;
    assert_parts_fail(parts, "the pre_tokenizer has more than 16 parts");
}

// Seven parts that write 15 letters for one make 170 MB of a single one; eight make 2.5 GB.
static void a_text_that_the_normalizer_makes_too_large_is_refused(void **state) {
    (void)state;
    char json[2048] = "{\"model\":{\"vocab\":{\"b\":0},\"merges\":[]},\"pre_tokenizer\":null,"
                      "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[";
    char *folder = folder_new();
    Tokenizer *tokenizer;
    TokenIds ids;
    Error err;
    char *end = json + strlen(json);
    for (int i = 0; i < 7; i++)
        end += sprintf(
            end, "%s{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aaaaaaaaaaaaaaa\"}",
            i ? "," : "");
    strcpy(end, "]}}");
    file_write_text(folder, "tokenizer.json", json);
    if (!tokenizer_load(&tokenizer, folder, N_VOCAB, &err)) fail_msg("%s", err.text);
    assert_false(tokenizer_encode_prompt(tokenizer, text_from("a"), &ids, &err));
    assert_says(err.text, "makes more than 64 MB of this text; try a shorter text");
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_that_is_no_regular_expression_is_refused),
        cmocka_unit_test(unsupported_settings_are_refused_by_name),
        cmocka_unit_test(metaspace_in_a_sequence_is_refused_by_name),
        cmocka_unit_test(without_a_config_the_error_for_a_large_id_does_not_name_one),
        cmocka_unit_test(inconsistent_vocabularies_are_refused),
        cmocka_unit_test(inconsistent_added_tokens_are_refused),
        cmocka_unit_test(an_added_token_may_not_take_another_pieces_id),
        cmocka_unit_test(inconsistent_merges_are_refused),
        cmocka_unit_test(a_beginning_of_text_token_that_is_missing_is_refused),
        cmocka_unit_test(a_template_with_unknown_tokens_is_refused),
        cmocka_unit_test(damaged_json_is_refused),
        cmocka_unit_test(too_many_stages_of_splitting_are_refused),
        cmocka_unit_test(a_text_that_the_normalizer_makes_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
