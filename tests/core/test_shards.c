// Weights in several files: what is said about an index that does not lead to them.
#include "tests/support.h"

#include <stdio.h>

#include "core/model/model.h"

static const char GOLDEN[] = "tests/golden/llama_mqa_shards", INDEX[] = "model.safetensors.index.json";

static void assert_load_fails(const char *folder, const char *message) {
    Model model;
    Error err;
    assert_false(model_load(&model, folder, NULL, &err));
    assert_says(err.text, INDEX);
    assert_says(err.text, message);
}

static void assert_index_fails(const char *index, const char *message) {
    char *folder = folder_new();
    file_copy(GOLDEN, folder, "config.json");
    file_write_text(folder, INDEX, index);
    assert_load_fails(folder, message);
    folder_remove(folder);
}

static void a_shard_that_is_missing_is_named_with_the_index_that_names_it(void **state) {
    (void)state;
    char *folder = folder_new();
    file_copy(GOLDEN, folder, "config.json");
    file_copy(GOLDEN, folder, INDEX);
    file_copy(GOLDEN, folder, "model-00001-of-00002.safetensors");
    assert_load_fails(
        folder,
        "names the file model-00002-of-00002.safetensors, which is not in the folder; download it too");
    folder_remove(folder);
}

static void an_index_that_leads_out_of_its_folder_is_refused(void **state) {
    (void)state;
    const char *names[] = {
        "\"../../etc/passwd\"", "\"/etc/passwd\"", "\"shards/1\"", "\"\"", "7", "null", "[]"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char index[128];
        snprintf(index, sizeof index, "{\"weight_map\":{\"norm.weight\":%s}}", names[i]);
        assert_index_fails(index, "must name files in the same folder; download the index again");
    }
}

static void an_index_that_names_nothing_is_refused(void **state) {
    (void)state;
    const char *indexes[] = {
        "null", "[]", "{}", "{\"weight_map\":{}}", "{\"weight_map\":[\"a\"]}", "{\"weight_map\":7}"};
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++)
        assert_index_fails(indexes[i],
                           "there is no \"weight_map\" that names files; download the index again");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shard_that_is_missing_is_named_with_the_index_that_names_it),
        cmocka_unit_test(an_index_that_leads_out_of_its_folder_is_refused),
        cmocka_unit_test(an_index_that_names_nothing_is_refused),
    };
    return cmocka_run_group_tests_name("shards", tests, NULL, NULL);
}
