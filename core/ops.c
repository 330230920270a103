// Elementwise operations. Loops are written so that the compiler can run several lanes at once without changing the
// order of any sum: sums are kept in LANES partial sums that are added in a fixed order.
#include "ops.h"

#include <math.h>
#include <string.h>

#include "threads.h"

enum {
    LANES = 16,
    SHARED_NUMBERS = 1 << 16, // softmax and GELU of fewer stay on the caller: below some tens of microseconds
    CHUNK_NUMBERS = 1 << 14,  // in a thread's chunk, about
};

// Compiled once for each of these instruction sets; the loader takes the best that the processor has. All give the same
// bits: the operations and their order are those of the C code, only more lanes run at a time.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define EACH_INSTRUCTION_SET __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EACH_INSTRUCTION_SET
#endif

static void count_weights(Cost *cost, int64_t n_numbers) {
    cost->weight_bytes += n_numbers * (int64_t)sizeof(float);
}

void ops_embed(float *out, const Model *model, const int *ids, int n_rows, int first_position, Cost *cost) {
    int d_model = model->config.d_model;
    DType dtype = model->head.dtype;
    size_t row_bytes = (size_t)d_model * dtype_size(dtype);
    for (int row = 0; row < n_rows; row++, out += d_model) {
        const float *position = model->position_embedding + (size_t)(first_position + row) * d_model;
        tensor_to_float(out, (const unsigned char *)model->token_embedding + ids[row] * row_bytes, dtype, d_model);
        for (int i = 0; i < d_model; i++) out[i] += position[i];
    }
    count_weights(cost, (int64_t)n_rows * d_model);
    cost->weight_bytes += n_rows * (int64_t)row_bytes;
}

static float sum_of(const float *x, int n) {
    float lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += x[i + lane];
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    for (; i < n; i++) sum += x[i];
    return sum;
}

static float sum_of_squares(const float *x, int n) {
    float lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += x[i + lane] * x[i + lane];
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    for (; i < n; i++) sum += x[i] * x[i];
    return sum;
}

void ops_layer_norm(float *out, const float *x, const Norm *norm, int n_rows, int d_model, float epsilon, Cost *cost) {
    for (int row = 0; row < n_rows; row++, x += d_model, out += d_model) {
        float mean = sum_of(x, d_model) / d_model;
        for (int i = 0; i < d_model; i++) out[i] = x[i] - mean;
        float scale = 1 / sqrtf(sum_of_squares(out, d_model) / d_model + epsilon);
        for (int i = 0; i < d_model; i++) out[i] = out[i] * scale * norm->gain[i] + norm->bias[i];
    }
    count_weights(cost, 2 * (int64_t)d_model);
}

void ops_causal_mask(float *scores, int n_rows, int n_src, int first_position) {
    for (int row = 0; row < n_rows; row++)
        for (int src = first_position + row + 1; src < n_src; src++) scores[(size_t)row * n_src + src] = -INFINITY;
}

// e^x for x in [-87, 88] to about 2 ulp, by x = n ln 2 + r and a polynomial for e^r (the usual range reduction; the
// coefficients are the Taylor series', whose first left-out term is below 1e-8 for |r| <= ln 2 / 2). The C library's
// expf is as exact, but a loop over it runs one number at a time. Below the range the result is 0.
static inline float exp_in_lanes(float x) {
    const float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f, round = 0x1.8p23f;
    float clamped = x > -87.0f ? (x < 88.0f ? x : 88.0f) : -87.0f;
    float n = (clamped * 0x1.715476p+0f + round) - round; // the nearest whole number of doublings
    float r = (clamped - n * ln2_high) - n * ln2_low;
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    float e = x < -87.0f ? 0.0f : p * power;
    return x == x ? e : x; // NaN stays NaN
}

EACH_INSTRUCTION_SET static void softmax_row(float *x, int n) {
    float lanes[LANES], max = -INFINITY;
    int i = 0;
    for (int lane = 0; lane < LANES; lane++) lanes[lane] = -INFINITY;
    for (; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
    for (int lane = 0; lane < LANES; lane++) max = lanes[lane] > max ? lanes[lane] : max;
    for (; i < n; i++) max = x[i] > max ? x[i] : max;
    for (i = 0; i < n; i++) x[i] = exp_in_lanes(x[i] - max);
    float scale = 1 / sum_of(x, n);
    for (i = 0; i < n; i++) x[i] *= scale;
}

// Rows of scores, some in each chunk.
typedef struct Rows {
    float *scores; // [n_rows, n_src]
    int n_rows, n_src, first_position, rows_in_chunk;
} Rows;

static void softmax_chunk(void *work, int chunk) {
    const Rows *rows = work;
    int first = chunk * rows->rows_in_chunk, end = first + rows->rows_in_chunk;
    for (int row = first; row < end && row < rows->n_rows; row++) {
        float *scores = rows->scores + (size_t)row * rows->n_src;
        int n_visible = rows->first_position + row + 1;
        softmax_row(scores, n_visible);
        memset(scores + n_visible, 0, (size_t)(rows->n_src - n_visible) * sizeof *scores);
    }
}

void ops_softmax(float *scores, int n_rows, int n_src, int first_position) {
    bool shared = (int64_t)n_rows * n_src >= SHARED_NUMBERS;
    Rows rows = {scores, n_rows, n_src, first_position, shared ? 1 + CHUNK_NUMBERS / n_src : n_rows};
    threads_run(softmax_chunk, &rows, (n_rows + rows.rows_in_chunk - 1) / rows.rows_in_chunk);
}

void ops_add(float *out, const float *a, const float *b, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

EACH_INSTRUCTION_SET static void gelu(float *out, const float *x, int64_t n) {
    const float linear = 1.5957691216057308f; // 2 √(2/π)
    for (int64_t i = 0; i < n; i++) {
        float twice_u = linear * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
        out[i] = x[i] / (1 + exp_in_lanes(-twice_u)); // (1 + tanh u) / 2 = 1 / (1 + e^(−2u))
    }
}

typedef struct Numbers {
    float *out;
    const float *x;
    int64_t n;
} Numbers;

static void gelu_chunk(void *work, int chunk) {
    const Numbers *numbers = work;
    int64_t first = (int64_t)chunk * CHUNK_NUMBERS, left = numbers->n - first;
    gelu(numbers->out + first, numbers->x + first, left < CHUNK_NUMBERS ? left : CHUNK_NUMBERS);
}

void ops_gelu(float *out, const float *x, int64_t n) {
    Numbers numbers = {out, x, n};
    if (n >= SHARED_NUMBERS)
        threads_run(gelu_chunk, &numbers, (int)((n + CHUNK_NUMBERS - 1) / CHUNK_NUMBERS));
    else
        gelu(out, x, n);
}

EACH_INSTRUCTION_SET double ops_exponentials(float *out, const float *x, int n, float best, float temperature) {
    double lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i < n; i++) out[i] = exp_in_lanes((x[i] - best) / temperature);
    for (i = 0; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += (double)out[i + lane];
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    for (; i < n; i++) sum += (double)out[i];
    return sum;
}
