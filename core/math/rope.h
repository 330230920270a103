// RoPE, rotary position embedding (Su et al. 2021): each pair (x[i], x[i + d_head / 2]) of a head of q or k
// is rotated by the angle position · frequency[i], where
//
//     frequency[i] = theta^(-2i / d_head)
//
// RopeScaling changes the frequencies, for texts longer than those of training.
#ifndef KVSTEP_ROPE_H
#define KVSTEP_ROPE_H

#include "core/math/place.h"

typedef enum RopeScaling {
    ROPE_PLAIN,
    ROPE_LINEAR, // all frequencies divided by factor (Chen et al. 2023)
    ROPE_LLAMA3, // low frequencies divided by factor, high ones kept, a ramp between (Llama 3.1's model code)
    ROPE_YARN,   // likewise, the ramp by dimension; q and k times attention_factor (Peng et al. 2023)
} RopeScaling;

typedef struct Rope {
    RopeScaling scaling;
    float theta;
    float factor;
    float low_freq_factor, high_freq_factor; // ROPE_LLAMA3
    float beta_fast, beta_slow;              // ROPE_YARN
    bool truncate;                           // ROPE_YARN: round the ramp's ends to whole dimensions
    float attention_factor;                  // of q and of k; 1 unless ROPE_YARN
    int original_ctx;                        // n_ctx of the training before the scaling
} Rope;

// rotation [n_rows, d_head] for rows at these positions: the cosines [d_head / 2] of a row, then its sines,
// times attention_factor.
void rope_rotation(const Rope *rope, int d_head, const Place *rows, int n_rows, float *rotation);

// Rotates every head of x [n_rows, n_heads, d_head] in place; `stride` floats from row to row.
void rope_rotate(float *x, int stride, const float *rotation, int n_rows, int n_heads, int d_head);

#endif
