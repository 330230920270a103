// The operations of a decoder on plain float rows. Each writes what it computes and nothing else; those that
// read weights add what they did to a Cost.
#ifndef KVSTEP_OPS_H
#define KVSTEP_OPS_H

#include "core/math/cost.h"
#include "core/math/linear.h"

// Each row by itself; x and out are [n_rows, width], and may be the same.
//     LayerNorm (Ba et al. 2016)          (x - mean) / sqrt(variance + epsilon) · gain + bias
//     RMSNorm (Zhang and Sennrich 2019)   x / sqrt(mean of x² + epsilon) · gain, when norm->bias is NULL
void ops_norm(float *out, const float *x, const Norm *norm, int n_rows, Cost *cost);

// RMSNorm of every head of x [n_rows, n_heads, width] by itself, in place; `stride` floats from row to row.
void ops_norm_heads(float *x, int stride, const Norm *norm, int n_rows, int n_heads, Cost *cost);

// out [n_rows, n_out] = x [n_rows, n_in] · Wᵀ + b
void ops_linear(float *out, const float *x, const Linear *linear, int n_rows, Cost *cost);

// out = a + b, n numbers each. out may be a.
void ops_add(float *out, const float *a, const float *b, int64_t n);

// GELU (Hendrycks and Gimpel 2016), n numbers: x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), GPT-2's, or the
// exact x Φ(x).
void ops_gelu_tanh(float *out, const float *x, int64_t n);
void ops_gelu_erf(float *out, const float *x, int64_t n);

// max(x, 0), n numbers.
void ops_relu(float *out, const float *x, int64_t n);

// SwiGLU (Shazeer 2020): out [n_rows, n] = SiLU(gate) · up, gate and up beside each other in a row of x
// [n_rows, 2, n]; SiLU(z) = z / (1 + e^(−z)).
void ops_swiglu(float *out, const float *x, int n_rows, int n);

// out = e^((x - best) / temperature), n numbers, for x not above best. Returns their sum.
double ops_exponentials(float *out, const float *x, int n, float best, float temperature);

#endif
