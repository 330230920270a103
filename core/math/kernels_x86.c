// The kernels for x86-64: AVX-512 and AVX2. Both are compiled into every program; the processor decides which
// one runs.
//
// A product goes through the matrix in four streams, one from the start of each quarter:
//
//     row 0       ─────────────>  sum 0     one stream alone leaves half of the memory's speed unused
//     row n/4     ─────────────>  sum 1
//     row n/2     ─────────────>  sum 2
//     row 3n/4    ─────────────>  sum 3
//
// The sum of a row is kept in 32 lanes (16 with AVX2), which are added up in a fixed order. Half-size weights
// are widened in registers: F16 by its own instruction, BF16 by a shift.
#include "core/math/kernels.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,fma,f16c")))
#define AVX2 __attribute__((target("avx2,fma,f16c")))

enum { STREAMS = 4 };

// Each stream has n rows of the matrix. Where a stream goes past the end it repeats the last row, which
// computes the same number again.
typedef struct Streams {
    int n;
    int first[STREAMS]; // rows
} Streams;

INLINE Streams split(int n_rows) {
    int n = (n_rows + STREAMS - 1) / STREAMS;
    return (Streams){n, {0, n, 2 * n, 3 * n}};
}

INLINE int row_of(const Streams *streams, int stream, int i, int n_rows) {
    int row = streams->first[stream] + i;
    return row < n_rows ? row : n_rows - 1;
}

typedef struct Matrix {
    const char *weights; // [n_out, n_in] of dtype
    int n_in, n_out;
    DType dtype;
} Matrix;

// The dot products of x [n] with one row of each stream.
typedef void Dot4(float sums[STREAMS], const char *const rows[STREAMS], const float *x, int n, DType dtype);

// out [n_out] = W · x. Inlined where dot4 and dtype are constants, so that no call is left in the loop.
INLINE void multiply(Dot4 *dot4, float *out, Matrix w, const float *x) {
    Streams streams = split(w.n_out);
    size_t row_bytes = (size_t)w.n_in * (w.dtype == DTYPE_F32 ? 4 : 2);
    for (int i = 0; i < streams.n; i++) {
        const char *rows[STREAMS];
        float sums[STREAMS];
        for (int s = 0; s < STREAMS; s++) rows[s] = w.weights + row_of(&streams, s, i, w.n_out) * row_bytes;
        dot4(sums, rows, x, w.n_in, w.dtype);
        for (int s = 0; s < STREAMS; s++) out[row_of(&streams, s, i, w.n_out)] = sums[s];
    }
}

// ---- AVX-512 ------------------------------------------------------------------------------------

static bool has_avx512(void) { // F16C comes with every AVX2, and not every compiler knows how to ask for it
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}

// Weights i to i + 15 of a row as floats. Those that the mask leaves out are 0 and are not read.
AVX512 INLINE __m512 load_512(const char *row, int i, __mmask16 mask, DType dtype) {
    if (dtype == DTYPE_F32) return _mm512_maskz_loadu_ps(mask, (const float *)(const void *)row + i);
    __m256i half = _mm256_maskz_loadu_epi16(mask, row + 2 * (size_t)i);
    if (dtype == DTYPE_F16) return _mm512_cvtph_ps(half);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

// The sums of the lanes of four vectors.
AVX2 INLINE __m128 sum_lanes_256(__m256 a, __m256 b, __m256 c, __m256 d) {
    __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    return _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1));
}

AVX512 INLINE __m256 fold_512(__m512 lanes) {
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(lanes), 1));
    return _mm256_add_ps(_mm512_castps512_ps256(lanes), high);
}

AVX512 INLINE void dot4_512(float sums[STREAMS], const char *const rows[STREAMS], const float *x, int n,
                            DType dtype) {
    __m512 even[STREAMS], odd[STREAMS];
    int i = 0;
    for (int s = 0; s < STREAMS; s++) even[s] = odd[s] = _mm512_setzero_ps();
    for (; i + 32 <= n; i += 32) {
        __m512 x_even = _mm512_loadu_ps(x + i), x_odd = _mm512_loadu_ps(x + i + 16);
        for (int s = 0; s < STREAMS; s++) {
            even[s] = _mm512_fmadd_ps(load_512(rows[s], i, 0xFFFF, dtype), x_even, even[s]);
            odd[s] = _mm512_fmadd_ps(load_512(rows[s], i + 16, 0xFFFF, dtype), x_odd, odd[s]);
        }
    }
    for (; i < n; i += 16) {
        __mmask16 mask = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xFFFF;
        __m512 x_last = _mm512_maskz_loadu_ps(mask, x + i);
        for (int s = 0; s < STREAMS; s++)
            even[s] = _mm512_fmadd_ps(load_512(rows[s], i, mask, dtype), x_last, even[s]);
    }
    __m256 folded[STREAMS];
    for (int s = 0; s < STREAMS; s++) folded[s] = fold_512(_mm512_add_ps(even[s], odd[s]));
    _mm_storeu_ps(sums, sum_lanes_256(folded[0], folded[1], folded[2], folded[3]));
}

AVX512 static void multiply_512_f32(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(dot4_512, out, (Matrix){weights, n_in, n_out, DTYPE_F32}, x);
}

AVX512 static void multiply_512_f16(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(dot4_512, out, (Matrix){weights, n_in, n_out, DTYPE_F16}, x);
}

AVX512 static void multiply_512_bf16(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(dot4_512, out, (Matrix){weights, n_in, n_out, DTYPE_BF16}, x);
}

// Takes 64 columns at a time: each row is read in pieces of 256 bytes.
AVX512 static void add_rows_512(float *out, const float *factors, const float *rows, int stride, int n_rows,
                                int n) {
    for (int first = 0; first < n; first += 64) {
        __mmask16 masks[4];
        __m512 sums[4];
        for (int part = 0; part < 4; part++) {
            int left = n - first - 16 * part;
            masks[part] = left >= 16 ? 0xFFFF : left > 0 ? (__mmask16)((1u << left) - 1) : 0;
            sums[part] = _mm512_maskz_loadu_ps(masks[part], out + first + 16 * part);
        }
        const float *row = rows + first;
        for (int r = 0; r < n_rows; r++, row += stride) {
            __m512 factor = _mm512_set1_ps(factors[r]);
            for (int part = 0; part < 4; part++)
                sums[part] =
                    _mm512_fmadd_ps(factor, _mm512_maskz_loadu_ps(masks[part], row + 16 * part), sums[part]);
        }
        for (int part = 0; part < 4; part++)
            _mm512_mask_storeu_ps(out + first + 16 * part, masks[part], sums[part]);
    }
}

AVX512 INLINE void widen_512(float *out, const void *weights, int64_t n, DType dtype) {
    for (int64_t i = 0; i < n; i += 16) {
        __mmask16 mask = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xFFFF;
        size_t size = dtype == DTYPE_F32 ? 4 : 2;
        _mm512_mask_storeu_ps(out + i, mask,
                              load_512((const char *)weights + (size_t)i * size, 0, mask, dtype));
    }
}

AVX512 static void widen_512_f32(float *out, const void *weights, int64_t n) {
    widen_512(out, weights, n, DTYPE_F32);
}

AVX512 static void widen_512_f16(float *out, const void *weights, int64_t n) {
    widen_512(out, weights, n, DTYPE_F16);
}

AVX512 static void widen_512_bf16(float *out, const void *weights, int64_t n) {
    widen_512(out, weights, n, DTYPE_BF16);
}

const Kernels KERNELS_AVX512 = {
    .name = "avx512",
    .supported = has_avx512,
    .few_rows = 12,
    .multiply = {multiply_512_f32, multiply_512_f16, multiply_512_bf16},
    .add_rows = add_rows_512,
    .widen = {widen_512_f32, widen_512_f16, widen_512_bf16},
};

// ---- AVX2 ---------------------------------------------------------------------------------------

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

// Weights i to i + 7 of a row as floats.
AVX2 INLINE __m256 load_256(const char *row, int i, DType dtype) {
    if (dtype == DTYPE_F32) return _mm256_loadu_ps((const float *)(const void *)row + i);
    __m128i half = _mm_loadu_si128((const __m128i *)(const void *)(row + 2 * (size_t)i));
    if (dtype == DTYPE_F16) return _mm256_cvtph_ps(half);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}

AVX2 INLINE float load_1(const char *row, int i, DType dtype) {
    float value;
    tensor_to_float(&value, (const unsigned char *)row + (size_t)i * (dtype == DTYPE_F32 ? 4 : 2), dtype, 1);
    return value;
}

AVX2 INLINE void dot4_256(float sums[STREAMS], const char *const rows[STREAMS], const float *x, int n,
                          DType dtype) {
    __m256 even[STREAMS], odd[STREAMS];
    int i = 0;
    for (int s = 0; s < STREAMS; s++) even[s] = odd[s] = _mm256_setzero_ps();
    for (; i + 16 <= n; i += 16) {
        __m256 x_even = _mm256_loadu_ps(x + i), x_odd = _mm256_loadu_ps(x + i + 8);
        for (int s = 0; s < STREAMS; s++) {
            even[s] = _mm256_fmadd_ps(load_256(rows[s], i, dtype), x_even, even[s]);
            odd[s] = _mm256_fmadd_ps(load_256(rows[s], i + 8, dtype), x_odd, odd[s]);
        }
    }
    for (int s = 0; s < STREAMS; s++) even[s] = _mm256_add_ps(even[s], odd[s]);
    _mm_storeu_ps(sums, sum_lanes_256(even[0], even[1], even[2], even[3]));
    for (; i < n; i++)
        for (int s = 0; s < STREAMS; s++) sums[s] += load_1(rows[s], i, dtype) * x[i];
}

AVX2 static void multiply_256_f32(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(dot4_256, out, (Matrix){weights, n_in, n_out, DTYPE_F32}, x);
}

AVX2 static void multiply_256_f16(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(dot4_256, out, (Matrix){weights, n_in, n_out, DTYPE_F16}, x);
}

AVX2 static void multiply_256_bf16(float *out, const void *weights, const float *x, int n_in, int n_out) {
    multiply(dot4_256, out, (Matrix){weights, n_in, n_out, DTYPE_BF16}, x);
}

AVX2 static void add_rows_256(float *out, const float *factors, const float *rows, int stride, int n_rows,
                              int n) {
    int first = 0;
    for (; first + 32 <= n; first += 32) {
        __m256 sums[4];
        for (int part = 0; part < 4; part++) sums[part] = _mm256_loadu_ps(out + first + 8 * part);
        const float *row = rows + first;
        for (int r = 0; r < n_rows; r++, row += stride) {
            __m256 factor = _mm256_set1_ps(factors[r]);
            for (int part = 0; part < 4; part++)
                sums[part] = _mm256_fmadd_ps(factor, _mm256_loadu_ps(row + 8 * part), sums[part]);
        }
        for (int part = 0; part < 4; part++) _mm256_storeu_ps(out + first + 8 * part, sums[part]);
    }
    for (int r = 0; r < n_rows; r++)
        for (int i = first; i < n; i++) out[i] += factors[r] * rows[(size_t)r * stride + i];
}

AVX2 INLINE void widen_256(float *out, const void *weights, int64_t n, DType dtype) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) _mm256_storeu_ps(out + i, load_256((const char *)weights + 2 * i, 0, dtype));
    tensor_to_float(out + i, (const unsigned char *)weights + 2 * i, dtype, n - i);
}

static void widen_256_f32(float *out, const void *weights, int64_t n) {
    memcpy(out, weights, (size_t)n * sizeof *out);
}

AVX2 static void widen_256_f16(float *out, const void *weights, int64_t n) {
    widen_256(out, weights, n, DTYPE_F16);
}

AVX2 static void widen_256_bf16(float *out, const void *weights, int64_t n) {
    widen_256(out, weights, n, DTYPE_BF16);
}

const Kernels KERNELS_AVX2 = {
    .name = "avx2",
    .supported = has_avx2,
    .few_rows = 12,
    .multiply = {multiply_256_f32, multiply_256_f16, multiply_256_bf16},
    .add_rows = add_rows_256,
    .widen = {widen_256_f32, widen_256_f16, widen_256_bf16},
};

#else

typedef int kernels_x86_is_empty_elsewhere;

#endif
