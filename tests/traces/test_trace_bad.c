// Traces that were cut off, edited or made to do harm are refused, with a message that says where and what.
//
// Each bad trace is the good one of tests/golden/trace with a single thing changed.
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traces/trace_read.h"
#include "traces/trace_write.h"

#define GOOD_FOLDER "tests/golden/trace"

typedef struct Bad {
    const char *old, *new; // the first `old` becomes `new`
    const char *says;
} Bad;

static char *folder, *good;
static char path[512];

static int set_up(void **state) {
    (void)state;
    folder = folder_new();
    good = file_read(GOOD_FOLDER, "tiny.json", NULL);
    snprintf(path, sizeof path, "%s/bad.json", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    folder_remove(folder);
    free(good);
    return 0;
}

// The good trace with its first `old` replaced, on the heap.
static char *changed(const char *old, const char *new) {
    const char *at = strstr(good, old);
    if (!at) fail_msg("the good trace has no %s", old);
    char *text = malloc(strlen(good) + strlen(new) + 1);
    sprintf(text, "%.*s%s%s", (int)(at - good), good, new, at + strlen(old));
    return text;
}

static void assert_refused(const char *text, size_t n_bytes, const char *says) {
    Timeline *timeline;
    Error err = {""};
    file_write(folder, "bad.json", text, n_bytes);
    if (trace_read(&timeline, path, &err)) fail_msg("taken, but should have been refused: %s", says);
    assert_null(timeline);
    assert_says(err.text, "bad.json");
    assert_says(err.text, says);
}

static void assert_all_refused(const Bad *bad, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char *text = changed(bad[i].old, bad[i].new);
        assert_refused(text, strlen(text), bad[i].says);
        free(text);
    }
}

static void the_golden_trace_is_read_and_written_back_byte_for_byte(void **state) {
    (void)state;
    Timeline *timeline;
    Error err = {""};
    if (!trace_read(&timeline, GOOD_FOLDER "/tiny.json", &err)) fail_msg("%s", err.text);
    assert_true(trace_write_all(path, timeline, &err));
    char *text = file_read(folder, "bad.json", NULL);
    assert_string_equal(text, good);
    free(text);
    trace_free(timeline);
}

static void a_trace_cut_off_anywhere_is_refused(void **state) {
    (void)state;
    size_t end = strlen(good) - 2; // the closing bracket and the newline after it
    for (size_t n = 1; n <= end; n += n + 97 <= end ? 97 : 1) assert_refused(good, n, "cut off");
}

static void wrong_types_are_refused(void **state) {
    (void)state;
    static const Bad BAD[] = {
        {"\"kvstep-trace\"", "\"other\"", "format: expected \"kvstep-trace\", found \"other\""},
        {"\"format\": \"kvstep-trace\",", "", "format: expected \"kvstep-trace\", found nothing"},
        {"\"n_layers\": 1", "\"n_layers\": \"1\"", "model.n_layers: expected a whole number"},
        {"\"n_layers\": 1", "\"n_layers\": 1.5", "found 1.5"},
        {"\"n_layers\": 1", "\"n_layers\": null", "found null"},
        {"\"n_layers\": 1,", "", "model.n_layers: expected a whole number from 1 to 1024, found nothing"},
        {"\"steps\": [", "\"steps\": 5, \"x\": [", "steps: expected an array"},
        {"\"steps\": [", "\"stops\": [", "steps: expected an array, found nothing"},
        {"\"tokens\": [", "\"tokens\": {}, \"x\": [", "tokens: expected an array"},
        {"\"cost\": {", "\"cost\": 0, \"x\": {", "steps[0].cost: expected an object, found 0"},
        {"\"comparison\": {", "\"comparison\": [], \"x\": {",
         "steps[0].comparison: expected an object, found an array of 0"},
        {"\"events\": {", "\"events\": null, \"x\": {", "steps[0].events: expected an object, found null"},
        {"\"threads\": 2", "\"threads\": \"2\"", "machine.threads: expected a whole number"},
        {"\"counted\": true", "\"counted\": \"counted\"", "cost.cached.counted: expected true or false"},
        {"\"positions\": [0, 1], \"slots\"", "\"positions\": [0, null], \"slots\"",
         "steps[0].keys.positions[1]: expected a whole number"},
        {"\"same_choice\": true", "\"same_choice\": 1", "same_choice: expected true or false, found 1"},
        {"\"text\": \" cat\"", "\"text\": 7", "text: expected a string, found 7"},
        {"\"text\": \" cat\"", "\"text\": \"\xff\"", "UTF-8"},
        {"\"text\": \" cat\"", "\"text\": \"\\u0000\"", "NUL"},
        {"[32,240,159]", "[32,256]", "bytes[1]: expected a whole number from 0 to 255, found 256"},
        {"[32,240,159]", "\"x\"", "bytes: expected an array"},
        {"\"f32\",\n    \"norm", "\"i64\",\n    \"norm", "model.weights_dtype: expected a type"},
        {"0.0910347179", "NaN", "line 60: expected a JSON value"},
        {"0.0910347179", "1e39", "steps[0].attention[0][0][1][0]: expected a number within"},
        {"0.0910347179", "1.5", "steps[0].attention: expected weights from 0 to 1"},
        {"0.0910347179", "-0.1", "steps[0].attention: expected weights from 0 to 1"},
        {"0.0910347179", "null", "steps[0].attention[0][0][1][0]: expected a number"},
        {"0.0910347179", "\"a\"", "steps[0].attention[0][0][1][0]: expected a number"},
        {"1.88207245", "null", "steps[0].sites.k[0][0][0][0]: expected a number"},
    };
    assert_all_refused(BAD, sizeof BAD / sizeof *BAD);
}

static void lengths_that_do_not_match_the_sizes_are_refused(void **state) {
    (void)state;
    static const Bad BAD[] = {
        {"[0.0910347179,0.90896529]", "[0.0910347179]",
         "steps[0].attention[0][0][1]: expected an array of 2, found an array of 1"},
        {"[0.0910347179,0.90896529]", "[0.1,0.2,0.7]",
         "steps[0].attention[0][0][1]: expected an array of 2, found an array of 3"},
        {"[0.0910347179,0.90896529]", "0.1",
         "steps[0].attention[0][0][1]: expected an array of 2, found 0.1"},
        {"\"n_layers\": 1", "\"n_layers\": 2",
         "model.score_scale: expected an array of 2, found an array of 1"},
        {"\"n_heads\": 2", "\"n_heads\": 4", "steps[0].sites.masked_scores[0]: expected an array of 4"},
        {"\"n_heads\": 2", "\"n_heads\": 3", "model.n_kv_heads: expected a divisor of n_heads = 3"},
        {"\"n_rows\": 2", "\"n_rows\": 3", "steps[0].n_keys: expected a whole number from 3"},
        {"\"d_head\": 2", "\"d_head\": 3", "steps[0].sites.k[0][0][0]: expected an array of 3"},
        {"\"length\": 2", "\"length\": 3", "steps[0].cache.length"},
        {"\"n_keys\": 2", "\"n_keys\": 3",
         "steps[0].keys.tokens: expected an array of 3, found an array of 2"},
        {"\"slots\": [0, 1]", "\"slots\": [0]", "steps[0].keys.slots: expected an array of 2"},
        {"\"score_scale\": [0.707106769]", "\"score_scale\": []",
         "model.score_scale: expected an array of 1"},
        {"\"rope\": []", "\"rope\": [{}]", "model.rope: expected an array of 0"},
        {"\"capacity\": 8", "\"capacity\": 1", "steps[0].cache.capacity"},
        {"\"sites\": {", "\"sight\": {", "steps[0].sites.k: expected an array of 1, found nothing"},
        {"[\"k\", \"v\", \"masked_scores\"]", "[\"q\"]", "axes.q: expected an array of 4, found nothing"},
        {"[\"k\", \"v\", \"masked_scores\"]", "[\"x\"]", "run.record[0]: expected the name of a site"},
        {"[\"layer\", \"head\", \"row\", \"key\"]", "[\"layer\", \"head\", \"key\", \"row\"]",
         "axes.attention[2]: expected \"row\""},
        {"{\"index\": 0, \"id\"", "{\"index\": 1, \"id\"", "tokens[0].index"},
        {"{\"index\": 3, \"id\"",
         "{\"index\": 3, \"id\": 5, \"text\": null, \"generated\": true}, {\"index\": 4, \"id\"",
         "tokens: expected an array of 4"},
        {"\"generated\": false}", "\"generated\": true}", "tokens[1].generated: expected true"},
        {"\"generated\": true}", "\"generated\": false}", "tokens[2].generated: expected true"},
        {"\"id\": 2, \"text\": \" \uFFFD\uFFFD\"", "\"id\": 3, \"text\": \"\"",
         "tokens[3].id: expected 3, the choice of step 1"},
    };
    assert_all_refused(BAD, sizeof BAD / sizeof *BAD);
}

static void numbers_out_of_range_are_refused(void **state) {
    (void)state;
    static const Bad BAD[] = {
        {"\"n_layers\": 1", "\"n_layers\": 0", "model.n_layers"},
        {"\"n_layers\": 1", "\"n_layers\": 1000000000", "model.n_layers"},
        {"\"n_layers\": 1", "\"n_layers\": -1e300", "model.n_layers"},
        {"\"d_ff\": 8", "\"d_ff\": 99999999999999999999", "model.d_ff"},
        {"\"n_ctx\": 8", "\"n_ctx\": 2",
         "steps[1].rows.tokens[0]: expected a whole number from 0 to 1, found 2"},
        {"\"bos_id\": 0", "\"bos_id\": 6", "model.bos_id"},
        {"\"seed\": 7", "\"seed\": 4294967296", "run.seed"},
        {"\"temperature\": 0.8", "\"temperature\": -0.1", "run.temperature"},
        {"\"top_p\": 1", "\"top_p\": 0", "run.top_p"},
        {"\"cache_policy\": \"full\"", "\"cache_policy\": \"window\"", "run.cache_policy: expected \"full\""},
        {"\"index\": 0", "\"index\": 1", "steps[0].index"},
        {"\"phase\": \"prefill\"", "\"phase\": \"warmup\"",
         "steps[0].phase: expected \"prefill\" or \"decode\""},
        {"\"tokens\": [2], \"positions\"", "\"tokens\": [3], \"positions\"",
         "steps[1].rows.tokens: expected token 2 among them"},
        {"\"rows\": {\"tokens\": [0, 1]", "\"rows\": {\"tokens\": [1, 0]", "tokens that follow each other"},
        {"\"keys\": {\"tokens\": [0, 1]", "\"keys\": {\"tokens\": [1, 1]",
         "steps[0].keys.tokens: expected each token once"},
        {"\"keys\": {\"tokens\": [0, 1, 2]", "\"keys\": {\"tokens\": [0, 1, 3]", "steps[1].keys.tokens[2]"},
        {"\"stored\": [0, 1]", "\"stored\": [1, 0]",
         "steps[0].events.stored[1]: expected a slot of keys.slots"},
        {"\"evicted\": []", "\"evicted\": [{\"slot\": 0}]", "steps[0].events.evicted[0].token"},
        {"\"flops\": 624", "\"flops\": -1", "steps[0].cost.cached.flops"},
        {"\"counted\": true", "\"counted\": false",
         "steps[0].cost.cached.nanoseconds: expected null, because"},
        {"\"recompute\": true", "\"recompute\": false", "expected null, because run.recompute is false"},
        {"\"max_abs_logit_difference\": 0", "\"max_abs_logit_difference\": null",
         "max_abs_logit_difference: expected a number"},
        {"{\"id\": 0,", "{\"id\": 6,", "candidates[0].id: expected a whole number from 0 to 5, found 6"},
        {"\"probability\": 0.475895405", "\"probability\": 1.5", "candidates[0].probability"},
        {"\"name\": \"tiny\"",
         "\"name\": \"a name that is much longer than any model's folder ought to be, and so is refused\"",
         "model.name"},
        {"\"architecture\": \"gpt2\"", "\"architecture\": \"a name that is too long for us\"",
         "model.architecture"},
    };
    assert_all_refused(BAD, sizeof BAD / sizeof *BAD);
}

static void text_that_is_no_json_is_refused(void **state) {
    (void)state;
    static const Bad BAD[] = {
        {"{\n", "[\n", "expected an object"},
        {"\"format\":", "format:", "a member's name in quotes"},
        {"\"format\":", "\"format\"", "\":\" after"},
        {"\"kvstep-trace\",", "\"kvstep-trace\"", "\",\" or a closing bracket"},
        {"\"kvstep-trace\"", "", "expected a value"},
        {"\"version\":", "\"format\": 1, \"version\":", "format: expected once, found twice"},
        {"\"version\":", "\"unknown\": nonsense, \"version\":", "line 3: expected a JSON value"},
        {"\"generated\": true}\n  ]\n}", "\"generated\": true}\n  ]\n} {}", "nothing after the last bracket"},
        {"    }\n  ],", "    }\n  },", "line 1"},
        {"\"index\": 1", "\"index\" 1", "line 97: expected a JSON value"},
        {"    },\n    {\n      \"index\"", "    } {\n      \"index\"", "\",\" or a closing bracket"},
    };
    assert_all_refused(BAD, sizeof BAD / sizeof *BAD);
    assert_refused("", 0, "empty");
    assert_refused("\0\0\0\0", 4, "expected an object");
    assert_refused("{}", 2, "format");
    assert_refused("{} ]", 4, "nothing after");
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    enum { DEPTH = 200000 };
    char *deep = malloc(2 * DEPTH + 1);
    memset(deep, '[', DEPTH);
    memset(deep + DEPTH, ']', DEPTH);
    deep[2 * DEPTH] = '\0';
    char *text = changed("[0.0910347179,0.90896529]", deep);
    assert_refused(text, strlen(text), "line 60: expected a JSON value");
    free(text);
    memset(deep, '[', 2 * DEPTH);
    assert_refused(deep, 2 * DEPTH, "expected an object");
    free(deep);
}

static void a_file_or_a_step_that_is_too_large_is_refused_before_it_is_parsed(void **state) {
    (void)state;
    enum { MANY = (1 << 25) + 1 };
    char *commas = malloc(MANY + 1);
    memset(commas, ',', MANY);
    commas[MANY] = '\0';
    char *text = changed("0.0910347179,", commas);
    assert_refused(text, strlen(text), "kvstep reads no more than 33554432 at once");
    free(text);
    free(commas);

    Timeline *timeline;
    Error err;
    assert_int_equal(truncate(path, (off_t)1 << 31), 0); // a hole: it takes no room on the disk
    assert_false(trace_read(&timeline, path, &err));
    assert_says(err.text, "bad.json: has 2147483648 bytes");
}

static void only_version_2_is_read_whatever_its_minor(void **state) {
    (void)state;
    static const Bad BAD[] = {
        {"\"2.0\"", "\"1.1\"", "version 1.1; this kvstep reads the versions 2.x"},
        {"\"2.0\"", "\"0.9\"", "version 0.9; this kvstep reads the versions 2.x"},
        {"\"2.0\"", "\"2\"", "version: expected a version such as"},
        {"\"2.0\"", "\"2.0.0\"", "version: expected a version such as"},
        {"\"2.0\"", "\"2.x\"", "version: expected a version such as"},
        {"\"2.0\"", "2.0", "version: expected a string"},
    };
    assert_all_refused(BAD, sizeof BAD / sizeof *BAD);
    char *newer = changed("\"2.0\"", "\"2.7\", \"weather\": {\"sunny\": [1, 2]}");
    Timeline *timeline;
    Error err = {""};
    file_write_text(folder, "newer.json", newer);
    snprintf(path, sizeof path, "%s/newer.json", folder);
    if (!trace_read(&timeline, path, &err)) fail_msg("%s", err.text);
    assert_int_equal(timeline->n_steps, 2);
    trace_free(timeline);
    free(newer);
    snprintf(path, sizeof path, "%s/bad.json", folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_trace_is_read_and_written_back_byte_for_byte),
        cmocka_unit_test(a_trace_cut_off_anywhere_is_refused),
        cmocka_unit_test(wrong_types_are_refused),
        cmocka_unit_test(lengths_that_do_not_match_the_sizes_are_refused),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(text_that_is_no_json_is_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_file_or_a_step_that_is_too_large_is_refused_before_it_is_parsed),
        cmocka_unit_test(only_version_2_is_read_whatever_its_minor),
    };
    return cmocka_run_group_tests_name("bad traces", tests, set_up, tear_down);
}
