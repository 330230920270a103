#include "core/math/rope.h"

#include <math.h>

static const double TURN = 6.283185307179586;

// Wavelengths above original_ctx / low_freq_factor are stretched, those below original_ctx / high_freq_factor
// are kept.
static double llama3_frequency(const Rope *rope, double frequency) {
    double waves = rope->original_ctx * frequency / TURN; // that fit into the original context
    if (waves < rope->low_freq_factor) return frequency / rope->factor;
    if (waves > rope->high_freq_factor) return frequency;
    double kept = (waves - rope->low_freq_factor) / (rope->high_freq_factor - rope->low_freq_factor);
    return (1 - kept) * frequency / rope->factor + kept * frequency;
}

// The dimension whose angle makes `turns` turns within the original context.
static double yarn_dimension(const Rope *rope, int d_head, double turns) {
    return d_head * log(rope->original_ctx / (turns * TURN)) / (2 * log((double)rope->theta));
}

static double yarn_frequency(const Rope *rope, int d_head, int i, double frequency) {
    double low = yarn_dimension(rope, d_head, rope->beta_fast),
           high = yarn_dimension(rope, d_head, rope->beta_slow);
    if (rope->truncate) low = floor(low), high = ceil(high);
    low = fmax(low, 0), high = fmin(high, d_head - 1);
    if (low == high) high += 0.001;
    double stretched = fmin(fmax((i - low) / (high - low), 0), 1);
    return stretched * frequency / rope->factor + (1 - stretched) * frequency;
}

// Writes frequencies [d_head / 2], in radians per position.
static void write_frequencies(const Rope *rope, int d_head, float *frequencies) {
    for (int i = 0; i < d_head / 2; i++) {
        double frequency = pow(rope->theta, -2.0 * i / d_head);
        switch (rope->scaling) {
        case ROPE_PLAIN:
            break;
        case ROPE_LINEAR:
            frequency /= rope->factor;
            break;
        case ROPE_LLAMA3:
            frequency = llama3_frequency(rope, frequency);
            break;
        case ROPE_YARN:
            frequency = yarn_frequency(rope, d_head, i, frequency);
            break;
        }
        frequencies[i] = (float)frequency;
    }
}

// Angles are products of floats, as the models were trained with: at far positions their rounding is part of
// the model.
void rope_rotation(const Rope *rope, int d_head, const Place *rows, int n_rows, float *rotation) {
    int half = d_head / 2;
    write_frequencies(rope, d_head, rotation); // row 0 holds them until its own angles replace them, last
    for (int row = n_rows - 1; row >= 0; row--) {
        float *cosines = rotation + (long)row * d_head, *sines = cosines + half;
        for (int i = 0; i < half; i++) {
            float angle = (float)rows[row].position * rotation[i];
            cosines[i] = cosf(angle) * rope->attention_factor;
            sines[i] = sinf(angle) * rope->attention_factor;
        }
    }
}

void rope_rotate(float *x, int stride, const float *rotation, int n_rows, int n_heads, int d_head) {
    int half = d_head / 2;
    for (int row = 0; row < n_rows; row++) {
        const float *cosines = rotation + (long)row * d_head, *sines = cosines + half;
        for (int head = 0; head < n_heads; head++) {
            float *first = x + (long)row * stride + (long)head * d_head, *second = first + half;
            for (int i = 0; i < half; i++) {
                float a = first[i], b = second[i];
                first[i] = a * cosines[i] - b * sines[i];
                second[i] = b * cosines[i] + a * sines[i];
            }
        }
    }
}
