// Tokenizers whose folder has no tokenizer.json: the older files, vocab.json and merges.txt.
#include "tests/core/tokenizer_support.h"

static void assert_folder_refused(const char *folder, const char *message) {
    Error err;
    Tokenizer *tokenizer;
    assert_false(tokenizer_load(&tokenizer, folder, 0, &err));
    assert_null(tokenizer);
    assert_says(err.text, message);
}

static void vocab_json_and_merges_txt_replace_tokenizer_json(void **state) {
    (void)state;
    char *folder = folder_new();
    file_write_text(folder, "vocab.json", "{\"a\":0,\"b\":1,\"ab\":2,\"Ġ\":3,\"<|endoftext|>\":4}");
    file_write_text(folder, "merges.txt", "#version: 0.2\na b\n");
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "ab ab<|endoftext|>", "2 3 2 4");
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

static void write_vocab_and_merges(const char *folder) {
    file_write_text(folder, "vocab.json", "{\"a\":0,\"b\":1,\"ab\":2,\"<\":3,\"m\":4,\">\":5}");
    file_write_text(folder, "merges.txt", "#version: 0.2\na b\n");
}

static void added_tokens_json_is_read_beside_vocab_json(void **state) {
    (void)state;
    char *folder = folder_new();
    write_vocab_and_merges(folder);
    file_write_text(folder, "added_tokens.json", "{\"<m>\": 6, \"<|endoftext|>\": 7}");
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "ab<m>b<|endoftext|>", "2 6 1 7");
    tokenizer_free(tokenizer);
    file_write_text(folder, "added_tokens.json", "{\"<m>\": 1}");
    assert_folder_refused(folder, "the id 1 stands for two tokens");
    file_write_text(folder, "added_tokens.json", "{\"<m>\": \"6\"}");
    assert_folder_refused(folder, "\"<m>\" has no number as its id");
    file_write_text(folder, "added_tokens.json", "[6]");
    assert_folder_refused(folder, "has no \"content\"");
    folder_remove(folder);
}

static void tokenizer_config_json_may_hold_the_added_tokens(void **state) {
    (void)state;
    char *folder = folder_new();
    write_vocab_and_merges(folder);
    file_write_text(folder, "added_tokens.json", "{\"ab\": 9}"); // counts no more
    file_write_text(folder, "tokenizer_config.json",
                    "{\"added_tokens_decoder\":{\"6\":{\"content\":\"<m>\",\"rstrip\":true}},"
                    "\"add_bos_token\":true,\"bos_token\":\"<m>\"}");
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "ab<m> b", "6 2 6 1");
    tokenizer_free(tokenizer);
    const char *bad[] = {"\"six\":{\"content\":\"<m>\"}", "\"6\":{}", "\"6\":\"<m>\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char config[128];
        snprintf(config, sizeof config, "{\"added_tokens_decoder\":{%s}}", bad[i]);
        file_write_text(folder, "tokenizer_config.json", config);
        assert_folder_refused(folder, i ? "has no \"content\"" : "has no number as its id");
    }
    folder_remove(folder);
}

// Both halves of a pair may be as long as they like.
static void a_merge_may_be_longer_than_any_buffer(void **state) {
    (void)state;
    enum { N = 4000 };
    char a[N + 1], vocab[3 * N + 100], merges[2 * N + 100];
    memset(a, 'a', N);
    a[N] = '\0';
    snprintf(vocab, sizeof vocab, "{\"b\":0,\"%s\":1,\"%sb\":2,\"a\":3,\"aa\":4}", a, a);
    snprintf(merges, sizeof merges, "#version: 0.2\r\n%s b\r\na a", a);
    char *folder = folder_new();
    file_write_text(folder, "vocab.json", vocab);
    file_write_text(folder, "merges.txt", merges);
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "aaa", "4 3");
    tokenizer_free(tokenizer);
    file_write_text(folder, "vocab.json", "{\"b\":0,\"a\":3,\"aa\":4}");
    assert_folder_refused(folder, "merge 0 does not join two tokens");
    folder_remove(folder);
}

static void only_the_first_line_of_merges_txt_may_name_a_version(void **state) {
    (void)state;
    char *folder = folder_new();
    file_write_text(folder, "vocab.json", "{\"a\":0,\"b\":1,\"ab\":2,\"#version\":3,\"#versiona\":4}");
    file_write_text(folder, "merges.txt", "#version: 0.2\n#version a\na b\n");
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "ab", "2");
    tokenizer_free(tokenizer);
    file_write_text(folder, "merges.txt",
                    "#version: 0.2\n#version b\na b\n"); // there is no token "#versionb"
    assert_folder_refused(folder, "merge 0 does not join two tokens");
    file_write(folder, "merges.txt", "a b\n\0a b\n", 9);
    assert_folder_refused(folder, "merges.txt holds a NUL character");
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vocab_json_and_merges_txt_replace_tokenizer_json),
        cmocka_unit_test(added_tokens_json_is_read_beside_vocab_json),
        cmocka_unit_test(tokenizer_config_json_may_hold_the_added_tokens),
        cmocka_unit_test(a_merge_may_be_longer_than_any_buffer),
        cmocka_unit_test(only_the_first_line_of_merges_txt_may_name_a_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
