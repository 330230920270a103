// The causal mask and the softmax behind it.
#include <math.h>
#include <string.h>

#include "core/base/threads.h"
#include "core/math/attention.h"
#include "core/math/lanes.h"

enum {
    SHARED_NUMBERS = 1 << 16, // fewer stay on the caller: some tens of microseconds
    CHUNK_NUMBERS = 1 << 14,  // in a thread's chunk, about
};

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
