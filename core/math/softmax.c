// The mask's −∞ and the softmax behind it.
#include <math.h>
#include <string.h>

#include "core/base/threads.h"
#include "core/math/attention.h"
#include "core/math/lanes.h"

enum {
    SHARED_NUMBERS = 1 << 16, // fewer stay on the caller: some tens of microseconds
    CHUNK_NUMBERS = 1 << 14,  // in a thread's chunk, about
};

// Rows of all heads lie one after the other.
static int group_of(const Attention *a, int row) {
    return a->mask->n_groups > 1 ? row / a->n_rows / (a->n_heads / a->n_kv_heads) : 0;
}

static MaskRow visible_to(const Attention *a, int row) {
    if (!a->mask) return (MaskRow){0, a->n_keys, false};
    return a->mask->visible[(long)group_of(a, row) * a->n_rows + row % a->n_rows];
}

static void fill(float *numbers, int first, int end, float number) {
    for (int i = first; i < end; i++) numbers[i] = number;
}

void attention_mask(const Attention *a) {
    float *scores = a->scores;
    for (int row = 0; a->mask && row < a->n_heads * a->n_rows; row++, scores += a->n_keys) {
        MaskRow visible = visible_to(a, row);
        fill(scores, 0, visible.first, -INFINITY);
        fill(scores, visible.end, a->n_keys, -INFINITY);
        for (int key = visible.first; visible.holes && key < visible.end; key++)
            if (!mask_sees(a->mask, group_of(a, row), row % a->n_rows, key)) scores[key] = -INFINITY;
    }
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

typedef struct SoftmaxRows {
    const Attention *attention;
    int n_rows, rows_in_chunk; // rows of all heads
} SoftmaxRows;

// Outside of what a row sees, 0 is written without computing it.
static void softmax_chunk(void *work, int chunk) {
    const SoftmaxRows *rows = work;
    const Attention *a = rows->attention;
    int row = chunk * rows->rows_in_chunk, last = row + rows->rows_in_chunk;
    for (; row < last && row < rows->n_rows; row++) {
        float *scores = a->scores + (long)row * a->n_keys;
        MaskRow visible = visible_to(a, row);
        fill(scores, 0, visible.first, 0);
        if (visible.end > visible.first) softmax_row(scores + visible.first, visible.end - visible.first);
        fill(scores, visible.end, a->n_keys, 0);
    }
}

void attention_softmax(const Attention *a) {
    int n_rows = a->n_heads * a->n_rows;
    bool shared = (int64_t)n_rows * a->n_keys >= SHARED_NUMBERS;
    SoftmaxRows rows = {a, n_rows, shared ? 1 + CHUNK_NUMBERS / a->n_keys : n_rows};
    threads_run(softmax_chunk, &rows, (n_rows + rows.rows_in_chunk - 1) / rows.rows_in_chunk);
}
