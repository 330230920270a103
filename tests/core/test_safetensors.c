// Reading safetensors files: good ones, and many that lie about themselves.
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/model/safetensors.h"

enum { DATA_BYTES = 64 };

static const unsigned char DATA[DATA_BYTES];

// Writes a file that gives `length` as its header's and has n_data bytes after it, and opens it.
static bool open_bytes(Safetensors *file, uint64_t length, const char *header, size_t n_data, Error *err) {
    char *folder = folder_new(), path[4096], bytes[4096];
    memcpy(bytes, &length, 8);
    size_t n = 8 + (size_t)snprintf(bytes + 8, sizeof bytes - 8 - DATA_BYTES, "%s", header);
    memcpy(bytes + n, DATA, n_data);
    file_write(folder, "model.safetensors", bytes, n + n_data);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    bool ok = safetensors_open(file, path, err);
    folder_remove(folder); // the mapping outlives the name
    return ok;
}

// A file with a true header length.
static bool open_header(Safetensors *file, const char *header, size_t n_data, Error *err) {
    return open_bytes(file, strlen(header), header, n_data, err);
}

static void assert_refused(const char *header, size_t n_data, const char *message) {
    Safetensors file;
    Error err;
    assert_false(open_header(&file, header, n_data, &err));
    assert_says(err.text, "model.safetensors");
    assert_says(err.text, message);
}

static void the_golden_model_opens(void **state) {
    (void)state;
    Safetensors file;
    Error err;
    assert_true(safetensors_open(&file, "tests/golden/gpt2/model.safetensors", &err));
    assert_int_equal(file.n_tensors, 3 * 12 + 4);
    const Tensor *tensor = safetensors_find(&file, "transformer.h.1.attn.c_attn.weight");
    assert_non_null(tensor);
    assert_int_equal(tensor->dtype, DTYPE_F32);
    assert_int_equal(tensor->n_dims, 2);
    assert_int_equal(tensor->shape[0], 32);
    assert_int_equal(tensor->shape[1], 96);
    assert_int_equal(tensor->n_items, 32 * 96);
    assert_null(safetensors_find(&file, "transformer.h.1"));
    safetensors_close(&file);
}

static void golden_tensors_can_be_read(void **state) {
    (void)state;
    int64_t n_tokens, n_logits;
    int *tokens = golden_ints("tests/golden/gpt2", "tokens", &n_tokens);
    float *logits = golden_floats("tests/golden/gpt2", "full_logits", &n_logits);
    assert_int_equal(n_logits, n_tokens * 96);
    for (int64_t i = 0; i < n_tokens; i++) assert_in_range(tokens[i], 0, 95);
    for (int64_t i = 0; i < n_logits; i++) assert_true(isfinite(logits[i]));
    free(tokens);
    free(logits);
}

static void every_type_of_the_format_is_known(void **state) {
    (void)state;
    const char *names[] = {"F64", "F32", "F16", "BF16", "I64",  "I32",     "I16",    "I8",
                           "U64", "U32", "U16", "U8",   "BOOL", "F8_E4M3", "F8_E5M2"};
    const int sizes[] = {8, 4, 2, 2, 8, 4, 2, 1, 8, 4, 2, 1, 1, 1, 1};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        Safetensors file;
        Error err;
        char header[200];
        snprintf(header, sizeof header, "{\"a\":{\"dtype\":\"%s\",\"shape\":[3],\"data_offsets\":[0,%d]}}",
                 names[i], 3 * sizes[i]);
        assert_true(open_header(&file, header, (size_t)(3 * sizes[i]), &err));
        assert_int_equal(dtype_size(file.tensors[0].dtype), sizes[i]);
        safetensors_close(&file);
    }
    assert_refused("{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1,
                   "has the dtype F4, which kvstep does not support");
}

static void scalars_empty_tensors_and_metadata_are_accepted(void **state) {
    (void)state;
    Safetensors file;
    Error err;
    const char *header = "{\"__metadata__\":{\"format\":\"pt\"},"
                         "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                         "\"a\":{\"dtype\":\"F16\",\"shape\":[2,0],\"data_offsets\":[4,4]},"
                         "\"c\":{\"dtype\":\"I8\",\"shape\":[1,1,1,2],\"data_offsets\":[4,6]}}   ";
    assert_true(open_header(&file, header, 6, &err));
    assert_int_equal(file.n_tensors, 3);
    assert_string_equal(file.tensors[0].name, "a");
    assert_int_equal(safetensors_find(&file, "a")->n_items, 0);
    assert_int_equal(safetensors_find(&file, "b")->n_items, 1);
    assert_ptr_equal(safetensors_find(&file, "c")->bytes, safetensors_find(&file, "b")->bytes + 4);
    safetensors_close(&file);
}

static void a_header_longer_than_the_file_is_refused(void **state) {
    (void)state;
    Safetensors file;
    Error err;
    assert_false(open_bytes(&file, 5000, "{}", 0, &err));
    assert_says(err.text, "the header should have 5000 bytes, but the file ends after 2");
    assert_false(open_bytes(&file, 3, "{}", 0, &err));
    assert_false(open_bytes(&file, UINT64_MAX, "{}", 0, &err));
    assert_says(err.text, "limit of 100000000");
    assert_false(open_bytes(&file, (uint64_t)1 << 63, "{}", 0, &err));
    assert_says(err.text, "is not a safetensors file");
}

static void a_file_cut_short_is_refused_at_every_length(void **state) {
    (void)state;
    size_t n_bytes;
    Safetensors file;
    Error err;
    char *folder = folder_new(), path[4096];
    char *bytes = file_read("tests/golden/gpt2", "model.safetensors", &n_bytes);
    snprintf(path, sizeof path, "%s/cut", folder);
    for (size_t n = 0; n < n_bytes; n += n < 64 ? 1 : 4999) {
        file_write(folder, "cut", bytes, n);
        assert_false(safetensors_open(&file, path, &err));
        assert_says(err.text, "again");
    }
    free(bytes);
    folder_remove(folder);
}

static void a_header_that_is_not_json_is_refused(void **state) {
    (void)state;
    assert_refused("", 0, "is not valid JSON");
    assert_refused("{\"a\":", 0, "is not valid JSON");
    assert_refused("{\"a\n\n\" 1}", 0, "line 3: is not valid JSON");
    assert_refused("{}{}", 0, "the file goes on");
    assert_refused("[]", 0, "not a JSON object");
    assert_refused("7", 0, "not a JSON object");
    assert_refused("{\"a\\u0000b\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "NUL");
}

// A header that is one character again and again.
static void assert_repeated_is_refused(int character, size_t n, const char *message) {
    char *folder = folder_new(), path[4096], *bytes = malloc(8 + n);
    uint64_t length = n;
    Safetensors file;
    Error err;
    memcpy(bytes, &length, 8);
    memset(bytes + 8, character, n);
    file_write(folder, "repeated", bytes, 8 + n);
    snprintf(path, sizeof path, "%s/repeated", folder);
    assert_false(safetensors_open(&file, path, &err));
    assert_says(err.text, message);
    free(bytes);
    folder_remove(folder);
}

static void a_deeply_nested_header_is_refused(void **state) {
    (void)state;
    assert_repeated_is_refused('[', 100000, "nested deeper than the limit of 100 levels");
}

static void a_header_of_more_values_than_memory_has_room_for_is_refused(void **state) {
    (void)state;
    assert_repeated_is_refused(',', 9000000, "contains more than 8388608 values");
}

static void entries_with_missing_members_are_refused(void **state) {
    (void)state;
    assert_refused("{\"a\":1}", 0, "has no \"dtype\"");
    assert_refused("{\"a\":{\"dtype\":4}}", 0, "has no \"dtype\"");
    assert_refused("{\"a\":{\"dtype\":\"F32\"}}", 0, "has no \"shape\"");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "has no \"data_offsets\"");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4,
                   "has no \"data_offsets\"");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4,
                   "has no \"data_offsets\"");
    assert_refused("{\"a\":{\"dtype\":\"I8\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,1]}}", 1,
                   "more than 4 dimensions");
}

static void sizes_that_are_not_whole_numbers_are_refused(void **state) {
    (void)state;
    const char *bad[] = {
        "-1", "0.5", "1e300", "1e999", "-1e999", "null", "\"1\"", "[1]", "9007199254740993000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char header[200];
        snprintf(header, sizeof header, "{\"a\":{\"dtype\":\"I8\",\"shape\":[%s],\"data_offsets\":[0,1]}}",
                 bad[i]);
        assert_refused(header, 1, "is not a list of sizes");
        snprintf(header, sizeof header, "{\"a\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,%s]}}",
                 bad[i]);
        assert_refused(header, 1, "has no \"data_offsets\"");
    }
}

static void a_shape_that_does_not_fill_its_bytes_is_refused(void **state) {
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8,
                   "do not fill its 8 bytes");
    assert_refused("{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
                   "2 numbers of type F16");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,8]}}", 8, "do not fill");
}

static void products_past_64_bits_are_refused(void **state) {
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"I8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0,
                   "list of sizes");
    assert_refused("{\"a\":{\"dtype\":\"I64\",\"shape\":[2147483648,1073741824],\"data_offsets\":[0,0]}}", 0,
                   "do not fill");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775804,"
                   "9223372036854775808]}}",
                   4, "data_offsets");
}

static void offsets_outside_the_data_are_refused(void **state) {
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4,
                   "but the data has 4 bytes");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4,
                   "lies at bytes 4 to 0");
    assert_refused(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9007199254740988,9007199254740992]}}", 4,
        "but the data has 4 bytes");
}

static void overlapping_ranges_gaps_and_trailing_bytes_are_refused(void **state) {
    (void)state;
    const char *two = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                      "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}";
    char header[256];
    snprintf(header, sizeof header, two, 4, 12);
    assert_refused(header, 12, "lies over the bytes of another one");
    snprintf(header, sizeof header, two, 0, 8);
    assert_refused(header, 8, "lies over the bytes of another one");
    snprintf(header, sizeof header, two, 12, 20);
    assert_refused(header, 20, "lies 4 bytes past the end");
    snprintf(header, sizeof header, two, 8, 16);
    assert_refused(header, 24, "the last 8 bytes belong to no tensor");
}

static void a_duplicate_name_is_refused(void **state) {
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                   "\"a\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
                   2, "\"a\" appears twice");
}

static void what_is_not_a_regular_file_is_refused(void **state) {
    (void)state;
    Safetensors file;
    Error err;
    char *folder = folder_new(), path[4096];
    assert_false(safetensors_open(&file, folder, &err));
    assert_says(err.text, "a regular file was expected");
    snprintf(path, sizeof path, "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(safetensors_open(&file, path, &err));
    assert_says(err.text, "a regular file was expected");
    assert_false(safetensors_open(&file, "/dev/zero", &err));
    snprintf(path, sizeof path, "%s/none", folder);
    assert_false(safetensors_open(&file, path, &err));
    assert_says(err.text, "No such file");
    folder_remove(folder);
}

static void half_floats_widen_exactly(void **state) {
    (void)state;
    for (int bits = 0; bits < 0x10000; bits++) {
        unsigned char bytes[2] = {(unsigned char)(bits & 0xFF), (unsigned char)(bits >> 8)};
        int exponent = bits >> 10 & 31, mantissa = bits & 0x3FF;
        double expected = exponent == 0 ? ldexp(mantissa, -24) : ldexp(0x400 + mantissa, exponent - 25);
        float value;
        if (exponent == 31) expected = mantissa ? NAN : INFINITY;
        if (bits & 0x8000) expected = -expected;
        tensor_to_float(&value, bytes, DTYPE_F16, 1);
        assert_true(isnan(expected) ? isnan(value)
                                    : value == expected && !signbit(value) == !(bits & 0x8000));
        Tensor tensor = {.dtype = DTYPE_F16, .bytes = bytes, .n_items = 1};
        assert_int_equal(tensor_is_finite(&tensor), exponent != 31);
    }
}

static void brain_floats_are_the_upper_halves_of_floats(void **state) {
    (void)state;
    const unsigned char bytes[] = {0x80, 0x3F, 0x49, 0xC0, 0x01, 0x00, 0x80, 0x7F};
    float values[4];
    tensor_to_float(values, bytes, DTYPE_BF16, 4);
    assert_true(values[0] == 1.0f && values[1] == -3.140625f && values[2] == 0x1p-133f && isinf(values[3]));
    Tensor tensor = {.dtype = DTYPE_BF16, .bytes = bytes, .n_items = 3};
    assert_true(tensor_is_finite(&tensor));
    tensor.n_items = 4;
    assert_false(tensor_is_finite(&tensor));
}

static void one_infinity_or_nan_among_many_floats_is_found(void **state) {
    (void)state;
    enum { N = 1000 };
    const float bad[] = {INFINITY, -INFINITY, NAN};
    float values[N];
    Tensor tensor = {.dtype = DTYPE_F32, .bytes = (const unsigned char *)values, .n_items = N};
    for (int i = 0; i < N; i++) values[i] = i % 2 ? -3.4e38f : 1e-45f;
    assert_true(tensor_is_finite(&tensor));
    for (int i = 0; i < N; i += 37) {
        float kept = values[i];
        values[i] = bad[i % 3];
        assert_false(tensor_is_finite(&tensor));
        values[i] = kept;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_model_opens),
        cmocka_unit_test(golden_tensors_can_be_read),
        cmocka_unit_test(every_type_of_the_format_is_known),
        cmocka_unit_test(scalars_empty_tensors_and_metadata_are_accepted),
        cmocka_unit_test(a_header_longer_than_the_file_is_refused),
        cmocka_unit_test(a_file_cut_short_is_refused_at_every_length),
        cmocka_unit_test(a_header_that_is_not_json_is_refused),
        cmocka_unit_test(a_deeply_nested_header_is_refused),
        cmocka_unit_test(a_header_of_more_values_than_memory_has_room_for_is_refused),
        cmocka_unit_test(entries_with_missing_members_are_refused),
        cmocka_unit_test(sizes_that_are_not_whole_numbers_are_refused),
        cmocka_unit_test(a_shape_that_does_not_fill_its_bytes_is_refused),
        cmocka_unit_test(products_past_64_bits_are_refused),
        cmocka_unit_test(offsets_outside_the_data_are_refused),
        cmocka_unit_test(overlapping_ranges_gaps_and_trailing_bytes_are_refused),
        cmocka_unit_test(a_duplicate_name_is_refused),
        cmocka_unit_test(what_is_not_a_regular_file_is_refused),
        cmocka_unit_test(half_floats_widen_exactly),
        cmocka_unit_test(brain_floats_are_the_upper_halves_of_floats),
        cmocka_unit_test(one_infinity_or_nan_among_many_floats_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
