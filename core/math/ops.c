// Elementwise operations. Loops are written so that the compiler can run several lanes at once without
// changing the order of any sum: sums are kept in LANES partial sums that are added in a fixed order.
#include "core/math/ops.h"

#include <math.h>
#include <string.h>

#include "core/base/threads.h"

enum {
    LANES = 16,
    SHARED_NUMBERS =
        1 << 16, // softmax and the MLP's functions of fewer stay on the caller: some tens of microseconds
    CHUNK_NUMBERS = 1 << 14, // in a thread's chunk, about
};

// Compiled once for each of these instruction sets; the loader takes the best that the processor has. All
// give the same bits: the operations and their order are those of the C code, only more lanes run at a time.
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
    DType dtype = model->config.weights_dtype;
    size_t row_bytes = (size_t)d_model * dtype_size(dtype);
    for (int row = 0; row < n_rows; row++, out += d_model) {
        tensor_to_float(out, (const unsigned char *)model->token_embedding + ids[row] * row_bytes, dtype,
                        d_model);
        if (!model->position_embedding) continue;
        const float *position = model->position_embedding + (size_t)(first_position + row) * d_model;
        for (int i = 0; i < d_model; i++) out[i] += position[i];
    }
    if (model->position_embedding) count_weights(cost, (int64_t)n_rows * d_model);
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

static void layer_norm_row(float *out, const float *x, const Norm *norm, int n, float epsilon) {
    float mean = sum_of(x, n) / n;
    for (int i = 0; i < n; i++) out[i] = x[i] - mean;
    float scale = 1 / sqrtf(sum_of_squares(out, n) / n + epsilon);
    for (int i = 0; i < n; i++) out[i] = out[i] * scale * norm->gain[i] + norm->bias[i];
}

static void rms_norm_row(float *out, const float *x, const float *gain, int n, float epsilon) {
    float scale = 1 / sqrtf(sum_of_squares(x, n) / n + epsilon);
    for (int i = 0; i < n; i++) out[i] = x[i] * scale * gain[i];
}

void ops_norm(float *out, const float *x, const Norm *norm, int n_rows, int width, float epsilon,
              Cost *cost) {
    for (int row = 0; row < n_rows; row++, x += width, out += width)
        if (norm->bias)
            layer_norm_row(out, x, norm, width, epsilon);
        else
            rms_norm_row(out, x, norm->gain, width, epsilon);
    count_weights(cost, norm->bias ? 2 * (int64_t)width : width);
}

void ops_norm_heads(float *x, int stride, const Norm *norm, int n_rows, int n_heads, int d_head,
                    float epsilon, Cost *cost) {
    for (int row = 0; row < n_rows; row++, x += stride)
        for (int head = 0; head < n_heads; head++)
            rms_norm_row(x + (size_t)head * d_head, x + (size_t)head * d_head, norm->gain, d_head, epsilon);
    count_weights(cost, d_head);
}

// Rows of all heads lie one after the other. Where one of them stands in the text, and the first key that it
// may look at.
static int position_of(const MaskShape *mask, int row) {
    return mask->first_position + row % mask->n_rows;
}

static int first_visible(const MaskShape *mask, int row) {
    return config_first_visible(mask->window, position_of(mask, row));
}

void ops_mask(float *scores, const MaskShape *mask) {
    for (int row = 0; row < mask->n_heads * mask->n_rows; row++, scores += mask->n_src) {
        for (int src = 0; src < first_visible(mask, row); src++) scores[src] = -INFINITY;
        for (int src = position_of(mask, row) + 1; src < mask->n_src; src++) scores[src] = -INFINITY;
    }
}

// e^x for x in [-87, 88] to about 2 ulp, by x = n ln 2 + r and a polynomial for e^r (the usual range
// reduction; the coefficients are the Taylor series', whose first left-out term is below 1e-8 for |r| <= ln 2
// / 2). The C library's expf is as exact, but a loop over it runs one number at a time. Below the range the
// result is 0.
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
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
    for (int lane = 0; lane < LANES; lane++) max = lanes[lane] > max ? lanes[lane] : max;
    for (; i < n; i++) max = x[i] > max ? x[i] : max;
    for (i = 0; i < n; i++) x[i] = exp_in_lanes(x[i] - max);
    float scale = 1 / sum_of(x, n);
    for (i = 0; i < n; i++) x[i] *= scale;
}

// Rows of scores, some in each chunk.
typedef struct Rows {
    float *scores; // [n_rows, n_src], the rows of all heads
    const MaskShape *mask;
    int n_rows, rows_in_chunk;
} Rows;

static void softmax_chunk(void *work, int chunk) {
    const Rows *rows = work;
    const MaskShape *mask = rows->mask;
    int row = chunk * rows->rows_in_chunk, last = row + rows->rows_in_chunk;
    for (; row < last && row < rows->n_rows; row++) {
        float *scores = rows->scores + (size_t)row * mask->n_src;
        int first = first_visible(mask, row), end = position_of(mask, row) + 1;
        memset(scores, 0, (size_t)first * sizeof *scores);
        softmax_row(scores + first, end - first);
        memset(scores + end, 0, (size_t)(mask->n_src - end) * sizeof *scores);
    }
}

void ops_softmax(float *scores, const MaskShape *mask) {
    int n_rows = mask->n_heads * mask->n_rows;
    bool shared = (int64_t)n_rows * mask->n_src >= SHARED_NUMBERS;
    Rows rows = {scores, mask, n_rows, shared ? 1 + CHUNK_NUMBERS / mask->n_src : n_rows};
    threads_run(softmax_chunk, &rows, (n_rows + rows.rows_in_chunk - 1) / rows.rows_in_chunk);
}

void ops_softmax_all(float *scores, int n_rows, int n_src) {
    for (int row = 0; row < n_rows; row++) softmax_row(scores + (size_t)row * n_src, n_src);
}

void ops_add(float *out, const float *a, const float *b, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

// A function of n numbers, or of rows, one after the other: in chunks.
typedef struct Numbers {
    float *out;
    const float *x;
    int64_t n;     // numbers, or rows
    int64_t chunk; // how many of them in a chunk
    int width;     // of a row of out
} Numbers;

static void run_chunks(ChunkFn *fn, Numbers *numbers, int64_t n_numbers) {
    if (n_numbers < SHARED_NUMBERS) numbers->chunk = numbers->n;
    threads_run(fn, numbers, (int)((numbers->n + numbers->chunk - 1) / numbers->chunk));
}

static int64_t in_chunk(const Numbers *numbers, int64_t first) {
    return numbers->n - first < numbers->chunk ? numbers->n - first : numbers->chunk;
}

EACH_INSTRUCTION_SET static void gelu_tanh(float *out, const float *x, int64_t n) {
    const float linear = 1.5957691216057308f; // 2 √(2/π)
    for (int64_t i = 0; i < n; i++) {
        float twice_u = linear * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
        out[i] = x[i] / (1 + exp_in_lanes(-twice_u)); // (1 + tanh u) / 2 = 1 / (1 + e^(−2u))
    }
}

static void gelu_tanh_chunk(void *work, int chunk) {
    const Numbers *numbers = work;
    int64_t first = chunk * numbers->chunk;
    gelu_tanh(numbers->out + first, numbers->x + first, in_chunk(numbers, first));
}

void ops_gelu_tanh(float *out, const float *x, int64_t n) {
    run_chunks(gelu_tanh_chunk, &(Numbers){.out = out, .x = x, .n = n, .chunk = CHUNK_NUMBERS}, n);
}

static void gelu_erf_chunk(void *work, int chunk) {
    const Numbers *numbers = work;
    int64_t first = chunk * numbers->chunk, end = first + in_chunk(numbers, first);
    for (int64_t i = first; i < end; i++) { // Φ(x) = (1 + erf(x / √2)) / 2
        float x = numbers->x[i];
        numbers->out[i] = x * 0.5f * (1 + erff(x * 0.70710678f));
    }
}

void ops_gelu_erf(float *out, const float *x, int64_t n) {
    run_chunks(gelu_erf_chunk, &(Numbers){.out = out, .x = x, .n = n, .chunk = CHUNK_NUMBERS}, n);
}

void ops_relu(float *out, const float *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = x[i] < 0 ? 0 : x[i]; // NaN stays NaN
}

EACH_INSTRUCTION_SET static void swiglu(float *out, const float *x, int64_t n_rows, int n) {
    for (int64_t row = 0; row < n_rows; row++, x += 2 * (size_t)n, out += n)
        for (int i = 0; i < n; i++) out[i] = x[i] / (1 + exp_in_lanes(-x[i])) * x[n + i];
}

static void swiglu_chunk(void *work, int chunk) {
    const Numbers *numbers = work;
    int64_t first = chunk * numbers->chunk, width = numbers->width;
    swiglu(numbers->out + first * width, numbers->x + 2 * first * width, in_chunk(numbers, first),
           numbers->width);
}

void ops_swiglu(float *out, const float *x, int n_rows, int n) {
    run_chunks(swiglu_chunk,
               &(Numbers){.out = out, .x = x, .n = n_rows, .chunk = 1 + CHUNK_NUMBERS / n, .width = n},
               (int64_t)n_rows * n);
}

EACH_INSTRUCTION_SET double ops_exponentials(float *out, const float *x, int n, float best,
                                             float temperature) {
    double lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i < n; i++) out[i] = exp_in_lanes((x[i] - best) / temperature);
    for (i = 0; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += (double)out[i + lane];
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    for (; i < n; i++) sum += (double)out[i];
    return sum;
}
