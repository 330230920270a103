// Elementwise operations. Loops are written so that the compiler can run several lanes at once without
// changing the order of any sum: sums are kept in LANES partial sums that are added in a fixed order.
#include "core/math/ops.h"

#include <math.h>
#include <string.h>

#include "core/base/threads.h"
#include "core/math/lanes.h"

enum {
    SHARED_NUMBERS = 1 << 16, // fewer stay on the caller: some tens of microseconds
    CHUNK_NUMBERS = 1 << 14,  // in a thread's chunk, about
};

static void count_weights(Cost *cost, int64_t n_numbers) {
    cost->weight_bytes += n_numbers * (int64_t)sizeof(float);
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

static void layer_norm_row(float *out, const float *x, const Norm *norm) {
    int n = norm->width;
    float mean = sum_of(x, n) / n;
    for (int i = 0; i < n; i++) out[i] = x[i] - mean;
    float scale = 1 / sqrtf(sum_of_squares(out, n) / n + norm->epsilon);
    for (int i = 0; i < n; i++) out[i] = out[i] * scale * norm->gain[i] + norm->bias[i];
}

static void rms_norm_row(float *out, const float *x, const Norm *norm) {
    int n = norm->width;
    float scale = 1 / sqrtf(sum_of_squares(x, n) / n + norm->epsilon);
    for (int i = 0; i < n; i++) out[i] = x[i] * scale * norm->gain[i];
}

void ops_norm(float *out, const float *x, const Norm *norm, int n_rows, Cost *cost) {
    for (int row = 0; row < n_rows; row++, x += norm->width, out += norm->width)
        if (norm->bias)
            layer_norm_row(out, x, norm);
        else
            rms_norm_row(out, x, norm);
    count_weights(cost, norm->bias ? 2 * (int64_t)norm->width : norm->width);
}

void ops_norm_heads(float *x, int stride, const Norm *norm, int n_rows, int n_heads, Cost *cost) {
    for (int row = 0; row < n_rows; row++, x += stride)
        for (int head = 0; head < n_heads; head++) {
            float *head_x = x + (size_t)head * norm->width;
            rms_norm_row(head_x, head_x, norm);
        }
    count_weights(cost, norm->width);
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
