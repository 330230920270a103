// The kernels against sums in double precision, on every instruction set that this processor has, and the
// pool of threads.
//
// BOUND: a float sum of n terms in any order is off by at most n · 2^-24 times the sum of the terms' sizes,
// and in practice by far less; a forgotten term, a wrong row or a wrong number type is off by a term's size.
#include "tests/support.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/threads.h"
#include "core/math/attention.h"
#include "core/math/kernels.h"
#include "core/math/ops.h"

#define BOUND 1e-6 // times the sum of the terms' sizes

// Sizes around the kernels' steps: their lanes, their ends, fewer rows than streams.
static const int WIDTHS[] = {1, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 192, 257};
static const int HEIGHTS[] = {1, 2, 3, 4, 5, 7, 8, 9, 33};
enum { N_WIDTHS = sizeof WIDTHS / sizeof *WIDTHS, N_HEIGHTS = sizeof HEIGHTS / sizeof *HEIGHTS };

static uint32_t state = 1;

static uint32_t random_bits(void) {
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

static float random_float(void) {
    return (float)(random_bits() >> 8) * 0x1p-23f - 1;
}

static float *random_floats(size_t n) {
    float *floats = malloc(n * sizeof *floats);
    assert_non_null(floats);
    for (size_t i = 0; i < n; i++) floats[i] = random_float();
    return floats;
}

// n weights of a type, of size up to about 1, on the heap; *as_floats are the same as floats.
static void *random_weights(size_t n, DType dtype, float **as_floats) {
    size_t size = dtype_size(dtype);
    unsigned char *weights = malloc(n * size);
    *as_floats = malloc(n * sizeof(float));
    assert_non_null(weights);
    assert_non_null(*as_floats);
    for (size_t i = 0; i < n; i++) {
        float number = random_float();
        uint32_t bits = random_bits();
        uint16_t half =
            (uint16_t)((bits & 0x83FF) | (bits >> 16) % 16 << 10); // F16 below 2, with subnormal ones
        memcpy(&bits, &number, sizeof bits);
        if (dtype == DTYPE_BF16) half = (uint16_t)(bits >> 16);
        memcpy(weights + i * size, dtype == DTYPE_F32 ? (const void *)&number : &half, size);
    }
    tensor_to_float(*as_floats, weights, dtype, (int64_t)n);
    return weights;
}

static void check_sum(const char *what, float found, const float *a, const float *b, int b_stride, int n) {
    double sum = 0, size = 0;
    for (int i = 0; i < n; i++) {
        double term = (double)a[i] * (double)b[(size_t)i * b_stride];
        sum += term;
        size += fabs(term);
    }
    if (!(fabs((double)found - sum) <= BOUND * size))
        fail_msg("%s: %.9g instead of %.9g (n = %d)", what, found, sum, n);
}

static void check_multiply(const Kernels *k, DType dtype, int n_in, int n_out) {
    float *floats, *x = random_floats(n_in), *out = random_floats(n_out);
    void *weights = random_weights((size_t)n_in * n_out, dtype, &floats);
    k->multiply[dtype](out, weights, x, n_in, n_out);
    for (int o = 0; o < n_out; o++) check_sum(k->name, out[o], x, floats + (size_t)o * n_in, 1, n_in);
    free(floats);
    free(weights);
    free(x);
    free(out);
}

static void every_instruction_set_multiplies_rows_of_every_type_and_size(void **unused) {
    (void)unused;
    for (int k = 0; k < N_KERNELS; k++)
        for (int dtype = 0; KERNELS[k]->supported() && dtype < WEIGHT_DTYPES; dtype++)
            for (int i = 0; i < N_WIDTHS; i++)
                for (int j = 0; j < N_HEIGHTS; j++)
                    check_multiply(KERNELS[k], (DType)dtype, WIDTHS[i], HEIGHTS[j]);
}

static void the_result_of_a_row_does_not_depend_on_its_place_in_the_matrix(void **unused) {
    (void)unused;
    enum { N_IN = 100, N_OUT = 11 };
    for (int k = 0; k < N_KERNELS; k++)
        for (int dtype = 0; KERNELS[k]->supported() && dtype < WEIGHT_DTYPES; dtype++) {
            float *floats, *x = random_floats(N_IN), whole[N_OUT], one;
            char *weights = random_weights((size_t)N_IN * N_OUT, (DType)dtype, &floats);
            KERNELS[k]->multiply[dtype](whole, weights, x, N_IN, N_OUT);
            for (int o = 0; o < N_OUT; o++) {
                KERNELS[k]->multiply[dtype](&one, weights + o * N_IN * dtype_size((DType)dtype), x, N_IN, 1);
                assert_memory_equal(&one, &whole[o], sizeof one);
            }
            free(floats);
            free(weights);
            free(x);
        }
}

static void every_instruction_set_adds_rows(void **unused) {
    (void)unused;
    for (int k = 0; k < N_KERNELS; k++)
        for (int i = 0; KERNELS[k]->supported() && i < N_WIDTHS; i++)
            for (int j = 0; j < N_HEIGHTS; j++) {
                int n = WIDTHS[i], n_rows = HEIGHTS[j], stride = n + 3;
                float *rows = random_floats((size_t)stride * n_rows), *factors = random_floats(n_rows),
                      *out = calloc(n, 4);
                KERNELS[k]->add_rows(out, factors, rows, stride, n_rows, n);
                for (int c = 0; c < n; c++)
                    check_sum(KERNELS[k]->name, out[c], factors, rows + c, stride, n_rows);
                free(rows);
                free(factors);
                free(out);
            }
}

static void widening_is_exact_on_every_instruction_set(void **unused) {
    (void)unused;
    for (int k = 0; k < N_KERNELS; k++)
        for (int dtype = 0; KERNELS[k]->supported() && dtype < WEIGHT_DTYPES; dtype++)
            for (int n = 1; n < 70; n++) {
                float *expected, *found = malloc(n * sizeof *found);
                void *weights = random_weights(n, (DType)dtype, &expected);
                KERNELS[k]->widen[dtype](found, weights, n);
                assert_memory_equal(found, expected, n * sizeof *found);
                free(expected);
                free(found);
                free(weights);
            }
}

static void check_linear(DType dtype, int n_in, int n_out, int n_rows, bool with_bias) {
    Cost cost = {0};
    float *floats, *x = random_floats((size_t)n_rows * n_in), *bias = random_floats(n_out);
    float *out = random_floats((size_t)n_rows * n_out);
    void *weights = random_weights((size_t)n_in * n_out, dtype, &floats);
    if (!with_bias) memset(bias, 0, n_out * sizeof *bias);
    Linear linear = {
        .weight = weights, .bias = with_bias ? bias : NULL, .n_in = n_in, .n_out = n_out, .dtype = dtype};
    ops_linear(out, x, &linear, n_rows, &cost);
    for (int row = 0; row < n_rows; row++)
        for (int o = 0; o < n_out; o++)
            check_sum("linear", out[(size_t)row * n_out + o] - bias[o], x + (size_t)row * n_in,
                      floats + (size_t)o * n_in, 1, n_in);
    assert_int_equal(cost.flops, 2LL * n_rows * n_in * n_out);
    assert_int_equal(cost.weight_bytes,
                     (int64_t)dtype_size(dtype) * n_in * n_out + (with_bias ? 4 * n_out : 0));
    free(floats);
    free(weights);
    free(bias);
    free(x);
    free(out);
}

// From one row to many, from small to large: every way that a product can take.
static void a_linear_layer_matches_its_formula_on_every_code_path(void **unused) {
    (void)unused;
    for (int n_threads = 1; n_threads <= 3; n_threads++)
        for (int k = 0; k < N_KERNELS; k++) {
            if (!KERNELS[k]->supported()) continue;
            threads_set(n_threads);
            kernels_use(KERNELS[k]);
            for (int dtype = 0; dtype < WEIGHT_DTYPES; dtype++) {
                check_linear((DType)dtype, 33, 50, 1, true);
                check_linear((DType)dtype, 33, 50, 5, false);
                check_linear((DType)dtype, 500, 1001, 1, true);
                check_linear((DType)dtype, 500, 1001, 5, false);
                check_linear((DType)dtype, 500, 1001, 20, true);
            }
        }
    kernels_use(NULL);
    threads_set(0);
}

// Attention over random numbers, with its keys in two spans that do not touch, and every row after all keys
// but the last n_rows: the rows of a decode or a prefill.
typedef struct Sample {
    Attention attention;
    Mask mask;
    KvSpan spans[2][8][2]; // [keys and values, n_kv_heads, 2]
    Place *places;         // [n_keys]
    float *q, *keys, *values;
} Sample;

enum { GAP = 5 }; // slots between the two spans

static void cut_in_two(KvSpan spans[2], const float *data, int n_keys, int d_head) {
    int n = (n_keys + 1) / 2;
    spans[0] = (KvSpan){data, DTYPE_F32, 0, n};
    spans[1] = (KvSpan){data + (size_t)(n + GAP) * d_head, DTYPE_F32, n + GAP, n_keys - n};
}

static Sample *sample_new(int n_rows, int n_keys, int n_heads, int n_kv_heads, int d_head) {
    Sample *s = calloc(1, sizeof *s);
    size_t head = (size_t)(n_keys + GAP) * d_head, row = (size_t)n_heads * d_head;
    assert_non_null(s);
    s->q = random_floats(n_rows * row);
    s->keys = random_floats(n_kv_heads * head);
    s->values = random_floats(n_kv_heads * head);
    s->places = calloc((size_t)n_keys, sizeof *s->places);
    for (int i = 0; i < n_keys; i++) s->places[i] = (Place){.token = i, .position = i};
    for (int kv_head = 0; kv_head < n_kv_heads; kv_head++) {
        cut_in_two(s->spans[0][kv_head], s->keys + kv_head * head, n_keys, d_head);
        cut_in_two(s->spans[1][kv_head], s->values + kv_head * head, n_keys, d_head);
    }
    s->mask = (Mask){.n_groups = 1,
                     .n_rows = n_rows,
                     .n_keys = n_keys,
                     .rows = s->places + n_keys - n_rows,
                     .keys = s->places,
                     .visible = calloc((size_t)n_rows, sizeof(MaskRow))};
    s->attention = (Attention){.n_rows = n_rows,
                               .n_keys = n_keys,
                               .n_heads = n_heads,
                               .n_kv_heads = n_kv_heads,
                               .d_head = d_head,
                               .scale = 0.25f,
                               .mask = &s->mask,
                               .keys = {s->spans[0][0], 2},
                               .values = {s->spans[1][0], 2},
                               .q = s->q,
                               .q_stride = (int)row,
                               .scores = random_floats((size_t)n_heads * n_rows * n_keys),
                               .out = random_floats(n_rows * row)};
    return s;
}

static void sample_free(Sample *s) {
    free(s->q);
    free(s->keys);
    free(s->values);
    free(s->places);
    free(s->mask.visible);
    free(s->attention.scores);
    free(s->attention.out);
    free(s);
}

static const float *key_of(const Sample *s, const float *numbers, int kv_head, int key) {
    const Attention *a = &s->attention;
    int slot = key < (a->n_keys + 1) / 2 ? key : key + GAP;
    return numbers + ((size_t)kv_head * (a->n_keys + GAP) + slot) * a->d_head;
}

static void check_attention(int n_rows, int n_keys, int n_heads, int n_kv_heads, int d_head) {
    Sample *s = sample_new(n_rows, n_keys, n_heads, n_kv_heads, d_head);
    const Attention *a = &s->attention;
    Cost cost = {0};
    float *column = random_floats((size_t)n_keys);
    attention_scores(a, &cost);
    attention_weighted_values(a, &cost);
    assert_int_equal(cost.flops, 4LL * n_rows * n_keys * n_heads * d_head);
    for (int head = 0; head < n_heads; head++)
        for (int row = 0; row < n_rows; row++) {
            int kv_head = head / (n_heads / n_kv_heads);
            size_t at = ((size_t)row * n_heads + head) * d_head;
            const float *scores = a->scores + ((size_t)head * n_rows + row) * n_keys;
            for (int key = 0; key < n_keys; key++)
                check_sum("scores", 4 * scores[key], a->q + at, key_of(s, s->keys, kv_head, key), 1, d_head);
            for (int i = 0; i < d_head; i++) {
                for (int key = 0; key < n_keys; key++) column[key] = key_of(s, s->values, kv_head, key)[i];
                check_sum("weighted values", a->out[at + i], scores, column, 1, n_keys);
            }
        }
    free(column);
    sample_free(s);
}

static void assert_close(const char *what, const float *found, const float *expected, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(found[i] - expected[i]) <= 2e-6f))
            fail_msg("%s, number %zu: %.9g, plainly %.9g", what, i, (double)found[i], (double)expected[i]);
}

// The four fast steps against attention_plain(), under a mask of any kind.
static void check_against_plain(int n_rows, int n_keys, int n_kv_heads, int window, bool shuffled) {
    Sample *s = sample_new(n_rows, n_keys, 8, n_kv_heads, 32);
    Attention *a = &s->attention;
    Place rows[64];
    Cost cost = {0};
    size_t n_scores = (size_t)8 * n_rows * n_keys, n_out = (size_t)n_rows * 8 * 32;
    float *weights = malloc(n_scores * sizeof *weights), *out = malloc(n_out * sizeof *out);
    memcpy(rows, s->mask.rows, (size_t)n_rows * sizeof *rows);
    s->mask.rows = rows;
    s->mask.window = window;
    for (int i = 0; shuffled && i < n_keys; i++) // columns in no order, every third of another sequence
        s->places[i] = (Place){.sequence = i % 3 == 1, .token = (i * 7) % n_keys, .position = i};
    mask_fill(&s->mask);
    attention_plain(a);
    memcpy(weights, a->scores, n_scores * sizeof *weights);
    memcpy(out, a->out, n_out * sizeof *out);
    attention_scores(a, &cost);
    attention_mask(a);
    attention_softmax(a);
    attention_weighted_values(a, &cost);
    assert_close("weights", a->scores, weights, n_scores);
    assert_close("weighted values", a->out, out, n_out);
    for (int i = 0; i < n_rows * n_keys; i++) // exactly 0 where the mask hides
        if (!mask_sees(&s->mask, 0, i / n_keys, i % n_keys)) assert_true(a->scores[i] == 0);
    free(weights);
    free(out);
    sample_free(s);
}

static void fast_attention_is_the_plain_loops_under_every_mask(void **unused) {
    (void)unused;
    for (int n_kv_heads = 1; n_kv_heads <= 8; n_kv_heads *= 2)
        for (int window = 0; window <= 9; window += 3) {
            check_against_plain(1, 1, n_kv_heads, window, false);
            check_against_plain(1, 50, n_kv_heads, window, false);
            check_against_plain(3, 200, n_kv_heads, window, false);
            check_against_plain(40, 40, n_kv_heads, window, false);
            check_against_plain(33, 99, n_kv_heads, window, false);
            if (window == 0) check_against_plain(33, 100, n_kv_heads, window, true);
            if (window == 0) check_against_plain(2, 100, n_kv_heads, window, true);
        }
}

static void attention_matches_its_formula_with_and_without_grouped_heads(void **unused) {
    (void)unused;
    for (int n_threads = 1; n_threads <= 3; n_threads++)
        for (int k = 0; k < N_KERNELS; k++) {
            if (!KERNELS[k]->supported()) continue;
            threads_set(n_threads);
            kernels_use(KERNELS[k]);
            for (int n_kv_heads = 1; n_kv_heads <= 8; n_kv_heads *= 2) {
                check_attention(1, 1, 8, n_kv_heads, 16);
                check_attention(1, 37, 8, n_kv_heads, 20);
                check_attention(3, 300, 8, n_kv_heads, 32);
                check_attention(20, 40, 8, n_kv_heads, 16);
                check_attention(1, 2100, 8, n_kv_heads, 64);
            }
        }
    kernels_use(NULL);
    threads_set(0);
}

static void the_number_of_threads_changes_no_bit(void **unused) {
    (void)unused;
    enum { N_IN = 700, N_OUT = 901 };
    Cost cost;
    float *floats, *x = random_floats(N_IN), *first = random_floats(N_OUT), *again = random_floats(N_OUT);
    void *weights = random_weights((size_t)N_IN * N_OUT, DTYPE_BF16, &floats);
    Linear linear = {.weight = weights, .n_in = N_IN, .n_out = N_OUT, .dtype = DTYPE_BF16};
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        threads_set(n_threads);
        ops_linear(n_threads == 1 ? first : again, x, &linear, 1, &cost);
        if (n_threads > 1) assert_memory_equal(first, again, N_OUT * sizeof *first);
        state = 7; // the same numbers for each
        Sample *s = sample_new(1, 3000, 4, 2, 64);
        attention_scores(&s->attention, &cost);
        attention_weighted_values(&s->attention, &cost);
        static float out[4 * 64];
        if (n_threads > 1) assert_memory_equal(out, s->attention.out, sizeof out);
        memcpy(out, s->attention.out, sizeof out);
        sample_free(s);
    }
    threads_set(0);
    free(floats);
    free(weights);
    free(x);
    free(first);
    free(again);
}

// ---- The pool -----------------------------------------------------------------------------------

enum { MAX_CHUNKS = 200 };

typedef struct Tally {
    atomic_int done[MAX_CHUNKS];
    int plain[MAX_CHUNKS]; // without atomics: seen by the caller when the work is done
    int n_inner;           // chunks of work that each chunk calls for itself
} Tally;

static void count_inner(void *work, int chunk) {
    (void)chunk;
    atomic_fetch_add((atomic_int *)work, 1);
}

static void count_chunk(void *work, int chunk) {
    Tally *tally = work;
    atomic_int inner = 0;
    threads_run(count_inner, &inner, tally->n_inner);
    atomic_fetch_add(&tally->done[chunk], 1);
    tally->plain[chunk] = 1 + atomic_load(&inner);
}

static void run_tally(int n_chunks, int n_inner) {
    Tally *tally = calloc(1, sizeof *tally);
    assert_non_null(tally);
    tally->n_inner = n_inner;
    threads_run(count_chunk, tally, n_chunks);
    for (int i = 0; i < MAX_CHUNKS; i++) {
        assert_int_equal(atomic_load(&tally->done[i]), i < n_chunks);
        assert_int_equal(tally->plain[i], i < n_chunks ? 1 + n_inner : 0);
    }
    free(tally);
}

static void every_chunk_is_done_once_and_before_the_call_returns(void **unused) {
    (void)unused;
    for (int n_threads = 1; n_threads <= 5; n_threads++) {
        threads_set(n_threads);
        assert_int_equal(threads_count(), n_threads);
        for (int i = 0; i < 2000; i++) run_tally(i % MAX_CHUNKS, 0);
        run_tally(MAX_CHUNKS, 3);
        usleep(2000); // the threads have gone to sleep
        run_tally(7, 2);
    }
    threads_set(0);
    assert_true(threads_count() >= 1);
}

static void *tally_often(void *argument) {
    for (int i = 0; i < 1000; i++) run_tally(i % 20, 1);
    return argument;
}

static void concurrent_callers_all_get_their_work_done(void **unused) {
    (void)unused;
    pthread_t others[3];
    threads_set(3);
    for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&others[i], NULL, tally_often, NULL), 0);
    tally_often(NULL);
    for (int i = 0; i < 3; i++) pthread_join(others[i], NULL);
    threads_set(0);
}

static void a_forked_child_has_threads_of_its_own(void **unused) {
    (void)unused;
    threads_set(3);
    run_tally(50, 0);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 100; i++) run_tally(50, 0);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    run_tally(50, 0);
    threads_set(0);
}

static void a_threads_scratch_is_kept_and_grows(void **unused) {
    (void)unused;
    float *small = threads_scratch(100);
    assert_non_null(small);
    small[99] = 1;
    assert_ptr_equal(threads_scratch(50), small);
    float *large = threads_scratch(100000);
    assert_non_null(large);
    large[99999] = 1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction_set_multiplies_rows_of_every_type_and_size),
        cmocka_unit_test(the_result_of_a_row_does_not_depend_on_its_place_in_the_matrix),
        cmocka_unit_test(every_instruction_set_adds_rows),
        cmocka_unit_test(widening_is_exact_on_every_instruction_set),
        cmocka_unit_test(a_linear_layer_matches_its_formula_on_every_code_path),
        cmocka_unit_test(attention_matches_its_formula_with_and_without_grouped_heads),
        cmocka_unit_test(fast_attention_is_the_plain_loops_under_every_mask),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(every_chunk_is_done_once_and_before_the_call_returns),
        cmocka_unit_test(concurrent_callers_all_get_their_work_done),
        cmocka_unit_test(a_forked_child_has_threads_of_its_own),
        cmocka_unit_test(a_threads_scratch_is_kept_and_grows),
    };
    return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
