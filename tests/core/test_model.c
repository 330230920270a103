// Loading a model's folder: what is found in it, and what is said about one that is not right.
//
// Most tests write a GPT-2 of one layer and 4 numbers wide, with one thing wrong.
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/model/model.h"
#include "core/model/safetensors.h"

enum { WIDTH = 4, N_VOCAB = 5, N_CTX = 3, N_FF = 16, MAX_FLOATS = 512 };

static const char *const CONFIG =
    "{\"model_type\":\"gpt2\",\"n_layer\":1,\"n_head\":2,\"n_embd\":4,\"n_positions\":3,"
    "\"vocab_size\":5,\"bos_token_id\":4,\"eos_token_id\":50256%s}";

// How a small model is written, and what is wrong with it.
typedef struct Small {
    const char *prefix;
    DType dtype;
    bool unaligned;         // a tensor of one byte comes first
    const char *missing;    // this tensor is left out
    const char *misshapen;  // this one has a row too many
    const char *not_finite; // this one's last number is an infinity
    const char *integer;    // this one is of type I16 or I32
} Small;

static const struct {
    const char *name;
    int n_rows, n_columns; // n_columns 0: a vector
} SHAPES[] = {
    {"wte.weight", N_VOCAB, WIDTH},
    {"wpe.weight", N_CTX, WIDTH},
    {"h.0.ln_1.weight", WIDTH, 0},
    {"h.0.ln_1.bias", WIDTH, 0},
    {"h.0.attn.c_attn.weight", WIDTH, 3 * WIDTH},
    {"h.0.attn.c_attn.bias", 3 * WIDTH, 0},
    {"h.0.attn.c_proj.weight", WIDTH, WIDTH},
    {"h.0.attn.c_proj.bias", WIDTH, 0},
    {"h.0.ln_2.weight", WIDTH, 0},
    {"h.0.ln_2.bias", WIDTH, 0},
    {"h.0.mlp.c_fc.weight", WIDTH, N_FF},
    {"h.0.mlp.c_fc.bias", N_FF, 0},
    {"h.0.mlp.c_proj.weight", N_FF, WIDTH},
    {"h.0.mlp.c_proj.bias", WIDTH, 0},
    {"ln_f.weight", WIDTH, 0},
    {"ln_f.bias", WIDTH, 0},
    {"lm_head.weight", N_VOCAB, WIDTH},
};
enum { N_SHAPES = sizeof SHAPES / sizeof SHAPES[0] };

static bool names(const char *chosen, const char *name) {
    return chosen && strcmp(chosen, name) == 0;
}

// The number at `index` of all weights: exact in every type.
static float weight_at(int index) {
    return (float)(index % 128 - 64) / 8;
}

static size_t put_number(char *out, DType dtype, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t exponent = bits >> 23 & 0xFF;
    uint16_t half = (uint16_t)(bits >> 16);
    if (dtype == DTYPE_F16) {
        half = (uint16_t)((bits >> 16 & 0x8000) | (bits >> 13 & 0x3FF));
        if (exponent) half = (uint16_t)(half | (exponent == 0xFF ? 0x1F : exponent - 112) << 10);
    }
    memcpy(out, dtype == DTYPE_F32 ? (void *)&bits : (void *)&half, dtype_size(dtype));
    return dtype_size(dtype);
}

static void write_small(const char *folder, Small small) {
    static const char *const TYPES[] = {[DTYPE_F32] = "F32", [DTYPE_F16] = "F16", [DTYPE_BF16] = "BF16"};
    char bytes[16384], data[8192], *header = bytes + 8;
    size_t n_header = 0, n_data = 0;
    int index = 0;
    n_header += (size_t)sprintf(header, "{\"__metadata__\":{}");
    if (small.unaligned) {
        n_header += (size_t)sprintf(header + n_header,
                                    ",\"mask\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}");
        data[n_data++] = 1;
    }
    for (int i = 0; i < N_SHAPES; i++) {
        const char *name = SHAPES[i].name, *type = TYPES[small.dtype];
        int n_rows = SHAPES[i].n_rows + names(small.misshapen, name), n_columns = SHAPES[i].n_columns;
        size_t begin = n_data;
        if (names(small.missing, name)) continue;
        if (names(small.integer, name)) type = small.dtype == DTYPE_F32 ? "I32" : "I16";
        for (int n = n_rows * (n_columns ? n_columns : 1); n > 0; n--, index++) {
            float value = n == 1 && names(small.not_finite, name) ? INFINITY : weight_at(index);
            n_data += put_number(data + n_data, small.dtype, value);
        }
        n_header += (size_t)sprintf(header + n_header, ",\"%s%s\":{\"dtype\":\"%s\",\"shape\":[%d",
                                    small.prefix ? small.prefix : "", name, type, n_rows);
        if (n_columns) n_header += (size_t)sprintf(header + n_header, ",%d", n_columns);
        n_header += (size_t)sprintf(header + n_header, "],\"data_offsets\":[%zu,%zu]}", begin, n_data);
    }
    n_header += (size_t)sprintf(header + n_header, "}");
    while (n_header % 8) header[n_header++] = ' ';
    memcpy(bytes, &(uint64_t){n_header}, 8);
    memcpy(header + n_header, data, n_data);
    file_write(folder, "model.safetensors", bytes, 8 + n_header + n_data);
}

// Writes config.json with `extra` members: ", \"name\": value".
static void write_config(const char *folder, const char *extra) {
    char text[1024];
    snprintf(text, sizeof text, CONFIG, extra);
    file_write_text(folder, "config.json", text);
}

static void assert_load_fails(const char *folder, const char *message) {
    Model model;
    Error err;
    assert_false(model_load(&model, folder, NULL, &err));
    assert_says(err.text, message);
}

static void assert_small_fails(Small small, const char *message) {
    char *folder = folder_new();
    write_config(folder, "");
    write_small(folder, small);
    assert_load_fails(folder, message);
    folder_remove(folder);
}

// config.json as a whole.
static void assert_config_fails(const char *text, const char *message) {
    Config config, encoder;
    Error err;
    char *folder = folder_new();
    file_write_text(folder, "config.json", text);
    assert_false(config_load(&config, &encoder, folder, &err));
    assert_says(err.text, "config.json");
    assert_says(err.text, message);
    folder_remove(folder);
}

// config.json with one member more; the first of two members with one name counts, so `name` is taken out.
static void assert_setting_fails(const char *name, const char *value, const char *message) {
    char text[1024];
    snprintf(text, sizeof text, CONFIG, "");
    char *member = strstr(text, name);
    if (member) member[0] = '_';
    snprintf(text + strlen(text) - 1, 200, ",\"%s\":%s}", name, value);
    assert_config_fails(text, message);
}

static void the_golden_model_loads(void **state) {
    (void)state;
    Model model;
    Error err;
    assert_true(model_load(&model, "tests/golden/gpt2", NULL, &err));
    const Config *config = &model.config;
    assert_string_equal(config->name, "gpt2");
    assert_string_equal(config->architecture, "gpt2");
    assert_int_equal(config->n_layers, 3);
    assert_int_equal(config->n_heads, 4);
    assert_int_equal(config->n_kv_heads, 4);
    assert_int_equal(config->d_model, 32);
    assert_int_equal(config->d_head, 8);
    assert_int_equal(config->d_ff, 128);
    assert_int_equal(config->n_vocab, 96);
    assert_int_equal(config->n_ctx, 64);
    assert_true(config->norm_epsilon == 1e-5f);
    assert_int_equal(config->bos_id, -1); // 50256, outside this vocabulary
    assert_int_equal(config->n_eos, 0);
    assert_int_equal(config->weights_dtype, DTYPE_F32);
    assert_null(model.tokenizer);
    model_free(&model);
}

static void every_matrix_is_stored_row_by_output(void **state) {
    (void)state;
    Model model;
    Error err;
    Safetensors file;
    assert_true(model_load(&model, "tests/golden/gpt2", NULL, &err));
    assert_true(safetensors_open(&file, "tests/golden/gpt2/model.safetensors", &err));
    const Linear *qkv = &model.layers[1].qkv;
    const float *stored =
        (const float *)(const void *)safetensors_find(&file, "transformer.h.1.attn.c_attn.weight")->bytes;
    assert_int_equal(qkv->n_in, 32);
    assert_int_equal(qkv->n_out, 96);
    for (int out = 0; out < 96; out++)
        for (int in = 0; in < 32; in++)
            assert_true(((const float *)qkv->weight)[out * 32 + in] == stored[in * 96 + out]);
    assert_ptr_equal(model.head.weight, model.token_embedding);
    assert_int_equal(model.head.n_out, 96);
    assert_null(model.head.bias);
    safetensors_close(&file);
    model_free(&model);
}

static float number_at(const void *weights, DType dtype, int i) {
    float number;
    tensor_to_float(&number, (const unsigned char *)weights + (size_t)i * dtype_size(dtype), dtype, 1);
    return number;
}

// The numbers of each small model are the same, however they are stored.
static void every_dtype_and_alignment_gives_the_same_weights(void **state) {
    (void)state;
    for (int variant = 0; variant < 12; variant++) {
        Small small = {.prefix = variant % 2 ? "transformer." : "",
                       .dtype = (DType)(variant / 4),
                       .unaligned = variant / 2 % 2};
        char *folder = folder_new();
        Model model;
        Error err;
        write_config(folder, "");
        write_small(folder, small);
        if (!model_load(&model, folder, NULL, &err)) fail_msg("%s", err.text);
        assert_int_equal(model.config.weights_dtype, small.dtype);
        assert_int_equal(model.config.bos_id, 4);
        for (int i = 0; i < N_VOCAB * WIDTH; i++)
            assert_true(number_at(model.token_embedding, small.dtype, i) == weight_at(i));
        int at = N_VOCAB * WIDTH;
        for (int i = 0; i < N_CTX * WIDTH; i++) assert_true(model.position_embedding[i] == weight_at(at + i));
        at += N_CTX * WIDTH + 2 * WIDTH;
        for (int in = 0; in < WIDTH; in++)
            for (int out = 0; out < 3 * WIDTH; out++)
                assert_true(number_at(model.layers[0].qkv.weight, small.dtype, out * WIDTH + in) ==
                            weight_at(at + in * 3 * WIDTH + out));
        at += 3 * WIDTH * WIDTH;
        for (int i = 0; i < 3 * WIDTH; i++) assert_true(model.layers[0].qkv.bias[i] == weight_at(at + i));
        model_free(&model);
        folder_remove(folder);
    }
}

static void a_missing_tensor_is_named(void **state) {
    (void)state;
    for (int i = 0; i < N_SHAPES - 1; i++) {
        char message[128];
        snprintf(message, sizeof message, "there is no tensor \"%s\"", SHAPES[i].name);
        assert_small_fails((Small){.missing = SHAPES[i].name}, message);
    }
}

static void a_wrong_shape_is_named_with_the_right_one(void **state) {
    (void)state;
    for (int i = 0; i < N_SHAPES - 1; i++) {
        char message[128];
        snprintf(message, sizeof message, "\"%s\" has the shape [%d", SHAPES[i].name, SHAPES[i].n_rows + 1);
        assert_small_fails((Small){.misshapen = SHAPES[i].name}, message);
    }
    assert_small_fails((Small){.misshapen = "h.0.mlp.c_fc.weight"},
                       "has the shape [5, 16], but config.json asks for [4, 16]");
}

static void a_weight_that_is_not_finite_is_refused_in_every_dtype(void **state) {
    (void)state;
    for (int i = 0; i < N_SHAPES - 1; i++) {
        Small small = {.dtype = (DType)(i % 3), .unaligned = i % 2, .not_finite = SHAPES[i].name};
        char message[128];
        snprintf(message, sizeof message, "\"%s\" contains an infinity or NaN", SHAPES[i].name);
        assert_small_fails(small, message);
    }
}

static void weights_that_are_integers_are_refused(void **state) {
    (void)state;
    assert_small_fails((Small){.integer = "wpe.weight"}, "is of type i32; weights must be f32, f16 or bf16");
    assert_small_fails((Small){.dtype = DTYPE_F16, .integer = "ln_f.bias"}, "is of type i16");
}

static void a_folder_without_safetensors_is_refused_with_what_it_needs(void **state) {
    (void)state;
    char *folder = folder_new();
    assert_load_fails(folder, "config.json cannot be read");
    write_config(folder, "");
    assert_load_fails(folder, "there is no model.safetensors");
    file_write_text(folder, "pytorch_model.bin", "x");
    assert_load_fails(folder, "safe_serialization=True");
    file_write_text(folder, "model.safetensors.index.json", "{}");
    assert_load_fails(folder, "there is no \"weight_map\"");
    folder_remove(folder);
    assert_load_fails("no/such/folder", "there is no model folder no/such/folder");
}

static void a_folder_is_named_after_itself(void **state) {
    (void)state;
    Config config, encoder;
    Error err;
    char *here = getcwd(NULL, 0);
    assert_true(config_load(&config, &encoder, "tests/golden/gpt2/", &err));
    assert_string_equal(config.name, "gpt2");
    assert_int_equal(chdir("tests/golden/gpt2"), 0);
    assert_true(config_load(&config, &encoder, ".", &err));
    assert_string_equal(config.name, "gpt2");
    assert_int_equal(chdir(here), 0);
    free(here);
}

static void a_hostile_folder_name_is_made_printable(void **state) {
    (void)state;
    Config config, encoder;
    Error err;
    char *folder = folder_new(), path[4096];
    snprintf(path, sizeof path, "%s/\x1b[31m\xff", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    file_copy("tests/golden/gpt2", path, "config.json");
    assert_true(config_load(&config, &encoder, path, &err));
    assert_string_equal(config.name, "\\x1B[31m\ufffd");
    folder_remove(folder);
}

static void an_unknown_family_is_refused_by_name(void **state) {
    (void)state;
    assert_config_fails("{\"model_type\":\"mamba\"}", "\"model_type\" is mamba, a family");
    assert_config_fails("{\"model_type\":\"mamba\"}",
                        "it knows: gpt2, gpt_bigcode, llama, mistral, qwen2, qwen3");
    assert_config_fails("{}", "\"model_type\" is missing or not a string");
    assert_config_fails("{\"model_type\":2}", "\"model_type\" is missing or not a string");
    assert_config_fails("[\"gpt2\"]", "\"model_type\" is missing or not a string");
}

static void settings_that_change_the_computation_are_refused_by_name(void **state) {
    (void)state;
    assert_setting_fails("scale_attn_weights", "1", "scale_attn_weights: expected true or false, found 1");
    assert_setting_fails("quantization_config", "{}", "the weights are quantised");
    assert_setting_fails(
        "activation_function", "\"tanh\"",
        "expected gelu_new (also called gelu_pytorch_tanh and gelu_fast), gelu or relu, found \"tanh\"");
    assert_setting_fails("activation_function", "7", "gelu or relu, found 7");
    assert_setting_fails("layer_norm_epsilon", "0",
                         "layer_norm_epsilon: expected a number from 1e-30 to 1, found 0");
    assert_setting_fails("layer_norm_epsilon", "1e-300", "layer_norm_epsilon: expected");
    assert_setting_fails("layer_norm_epsilon", "\"x\"", "layer_norm_epsilon: expected");
}

static void sizes_out_of_range_are_refused(void **state) {
    (void)state;
    const char *sizes[] = {"n_layer", "n_embd", "n_head", "n_inner", "n_positions", "vocab_size"};
    const char *bad[] = {"0",          "-1",    "1.5", "1e300", "1e999", "-1e999",
                         "4294967297", "\"4\"", "[4]", "{}",    "true"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++)
            assert_setting_fails(sizes[i], bad[j], sizes[i]);
    assert_setting_fails("n_layer", "null", "n_layer: expected a whole number from 1 to 1024, found null");
    assert_setting_fails("n_head", "3", "which 3 heads (\"n_head\") do not share equally");
    assert_setting_fails("n_head", "8", "a whole number from 1 to 4");
}

static void optional_settings_have_their_defaults(void **state) {
    (void)state;
    Config config, encoder;
    Error err;
    char *folder = folder_new();
    file_write_text(folder, "config.json",
                    "{\"model_type\":\"gpt2\",\"n_layer\":2,\"n_head\":3,\"n_embd\":12,\"n_ctx\":7,"
                    "\"vocab_size\":9,\"bos_token_id\":null,\"eos_token_id\":1.5,"
                    "\"activation_function\":\"gelu_pytorch_tanh\"}");
    assert_true(config_load(&config, &encoder, folder, &err));
    assert_int_equal(config.d_ff, 48);
    assert_int_equal(config.n_ctx, 7);
    assert_int_equal(config.bos_id, -1);
    assert_int_equal(config.n_eos, 0);
    assert_true(config.norm_epsilon == 1e-5f);
    folder_remove(folder);
}

static void damaged_json_is_refused_with_its_line(void **state) {
    (void)state;
    char *deep = malloc(100001);
    memset(deep, '[', 100000);
    deep[100000] = '\0';
    assert_config_fails("", "is empty");
    assert_config_fails("{\n\"model_type\": \"gpt2\",\n\"n_layer\" 3}", "line 3: is not valid JSON");
    assert_config_fails("{\"model_type\":\"gpt2\"}\n\nx", "line 3: the JSON document ends here");
    assert_config_fails("{\"model_type\":\"gp\\u0000t2\"}", "NUL");
    assert_config_fails(deep, "nested deeper than the limit of 100 levels");
    for (int i = 0; i < 100000; i++) deep[i] = "{\"a\":"[i % 5];
    assert_config_fails(deep, "nested deeper");
    free(deep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_model_loads),
        cmocka_unit_test(every_matrix_is_stored_row_by_output),
        cmocka_unit_test(every_dtype_and_alignment_gives_the_same_weights),
        cmocka_unit_test(a_missing_tensor_is_named),
        cmocka_unit_test(a_wrong_shape_is_named_with_the_right_one),
        cmocka_unit_test(a_weight_that_is_not_finite_is_refused_in_every_dtype),
        cmocka_unit_test(weights_that_are_integers_are_refused),
        cmocka_unit_test(a_folder_without_safetensors_is_refused_with_what_it_needs),
        cmocka_unit_test(a_folder_is_named_after_itself),
        cmocka_unit_test(a_hostile_folder_name_is_made_printable),
        cmocka_unit_test(an_unknown_family_is_refused_by_name),
        cmocka_unit_test(settings_that_change_the_computation_are_refused_by_name),
        cmocka_unit_test(sizes_out_of_range_are_refused),
        cmocka_unit_test(optional_settings_have_their_defaults),
        cmocka_unit_test(damaged_json_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
