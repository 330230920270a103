// RoPE, rotary positions (Su et al. 2021): each pair (x[i], x[i + d_head/2]) of q and k is rotated by the
// angle position · frequency[i]. frequency[i] = theta^(-2i / d_head), stretched as the scaling says for
// longer texts.
#ifndef KVSTEP_ROPE_H
#define KVSTEP_ROPE_H

#include "core/math/place.h"

typedef enum RopeScaling {
    ROPE_PLAIN,
    ROPE_LINEAR, // positions divided by factor (Chen et al. 2023)
    ROPE_LLAMA3, // long waves divided by factor, short ones kept, a ramp between (Llama 3.1's model code)
    ROPE_YARN,   // likewise, with the ramp over dimensions and scores made sharper (Peng et al. 2023)
} RopeScaling;

typedef struct Rope {
    RopeScaling scaling;
    float theta;
    float factor;
    float low_freq_factor, high_freq_factor; // ROPE_LLAMA3
    float beta_fast, beta_slow;              // ROPE_YARN
    bool truncate;                           // ROPE_YARN: the ramp's ends are whole dimensions
    float attention_factor;                  // on q and k both; 1 unless ROPE_YARN
    int original_ctx;                        // the length that the model was first trained for
} Rope;

// frequencies [d_head / 2], in radians a position.
void rope_frequencies(const Rope *rope, int d_head, float *frequencies);

// rotation [n_rows, d_head] for rows at these positions: the cosines [d_head / 2] of a row, then its sines,
// times attention_factor.
void rope_rotation(const Rope *rope, int d_head, const Place *rows, int n_rows, float *rotation);

// Turns every head of x [n_rows, n_heads, d_head], with `stride` floats from row to row, in place.
void rope_rotate(float *x, int stride, const float *rotation, int n_rows, int n_heads, int d_head);

#endif
