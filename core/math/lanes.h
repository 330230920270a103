// Loops that run in several lanes: what the elementwise operations share. For core/math alone.
//
// Sums are kept in LANES partial sums that are added in a fixed order. The compiler can then run several
// lanes at once without changing the order of any sum.
#ifndef KVSTEP_LANES_H
#define KVSTEP_LANES_H

#include <stdint.h>
#include <string.h>

enum { LANES = 16 };

// Compiled once for each of these instruction sets; the loader takes the best that the processor has. All
// give the same bits: the operations and their order are those of the C code, only more lanes run at a time.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define EACH_INSTRUCTION_SET __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EACH_INSTRUCTION_SET
#endif

static inline float sum_of(const float *x, int n) {
    float lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += x[i + lane];
    for (int lane = 0; lane < LANES; lane++) sum += lanes[lane];
    for (; i < n; i++) sum += x[i];
    return sum;
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

#endif
