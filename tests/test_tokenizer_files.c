// Tokenizers whose folder has no tokenizer.json: the older files, vocab.json and merges.txt.
#include "tests/tokenizer_parts.h"

static void vocab_json_and_merges_txt_do_without_tokenizer_json(void **state) {
    (void)state;
    char *folder = folder_new();
    file_write_text(folder, "vocab.json", "{\"a\":0,\"b\":1,\"ab\":2,\"Ġ\":3,\"<|endoftext|>\":4}");
    file_write_text(folder, "merges.txt", "#version: 0.2\na b\n");
    Tokenizer *tokenizer = tokenizer_from_folder(folder);
    assert_prompt(tokenizer, "ab ab<|endoftext|>", "2 3 2 4");
    tokenizer_free(tokenizer);
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vocab_json_and_merges_txt_do_without_tokenizer_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
