// NFC, held to utf8proc's own, which is slower where many marks stand in the wrong order.
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>

#include "core/tokenizer/normalizer.h"

static Normalizer load(const char *text) {
    Error err;
    Normalizer normalizer;
    cJSON *json = cJSON_Parse(text);
    if (!normalizer_load(&normalizer, json, "tokenizer.json", &err)) fail_msg("%s", err.text);
    cJSON_Delete(json);
    return normalizer;
}

// What NFC makes of a text is what utf8proc makes of it.
static void assert_nfc(const Normalizer *normalizer, Text text) {
    Error err;
    Text found;
    char *owned;
    utf8proc_uint8_t *expected;
    assert_true(normalizer_apply(normalizer, text, true, &found, &owned, &err));
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text.bytes, (utf8proc_ssize_t)text.n_bytes,
                                      &expected, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    assert_int_equal(found.n_bytes, n);
    assert_memory_equal(found.bytes, expected, n);
    free(expected);
    free(owned);
}

// Marks of many classes, some that decompose themselves, and letters and Hangul to compose with.
static void nfc_matches_utf8proc(void **state) {
    (void)state;
    static const int SOME[] = {0x301,  0x323,  0x327,  0x344,  0x345,   0x340,  0x5B0,  0x5B1,   0xF71,
                               0xF72,  0xF73,  0xF75,  0xF81,  0x3099,  0x94D,  0x1DCE, 0x1D165, 'a',
                               'e',    0xE9,   0x1EAD, 0x212B, 0x1D15E, 0x95C,  0x1100, 0x1161,  0x11A8,
                               0xAC00, 0xAC01, ' ',    0x3B1,  0x1F80,  0x2126, 0x30AB, 0x20D0,  0};
    Normalizer normalizer = load("{\"type\":\"NFC\"}");
    unsigned random = 1;
    for (int round = 0; round < 20000; round++) {
        utf8proc_uint8_t bytes[4 * 24];
        size_t n = 0;
        for (int i = 0; i < 1 + round % 24; i++) {
            random = random * 1664525u + 1013904223u;
            unsigned pick = (random >> 16) % (sizeof SOME / sizeof SOME[0]);
            n += (size_t)utf8proc_encode_char(SOME[pick], bytes + n);
        }
        assert_nfc(&normalizer, (Text){(const char *)bytes, n});
    }
}

// Sorted by insertion these take most of a minute.
static void a_long_run_of_unsorted_combining_marks_takes_no_quadratic_time(void **state) {
    (void)state;
    enum { N = 50000 };
    Error err;
    Text found;
    char *owned, *text = malloc(4 * N), *at = text;
    for (int i = 0; i < N; i++, at += 4) memcpy(at, "\u0301\u0323", 4); // above (230), below (220)
    Normalizer normalizer = load("{\"type\":\"NFC\"}");
    clock_t start = clock();
    assert_true(normalizer_apply(&normalizer, (Text){text, 4 * N}, true, &found, &owned, &err));
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    assert_int_equal(found.n_bytes, 4 * N);
    for (int i = 0; i < 2 * N; i++) assert_memory_equal(found.bytes + 2 * i, i < N ? "\u0323" : "\u0301", 2);
    free(owned);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nfc_matches_utf8proc),
        cmocka_unit_test(a_long_run_of_unsorted_combining_marks_takes_no_quadratic_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
