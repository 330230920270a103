// The sizes and names of the types, and the conversion of the half-size ones to floats.
//
//     F32   s eeeeeeee mmmmmmmmmmmmmmmmmmmmmmm     bias 127
//     BF16  s eeeeeeee mmmmmmm                     the upper half of an F32
//     F16   s eeeee mmmmmmmmmm                     bias 15
//
// The loops have no branches: compilers can turn them into vector code. In all three types an exponent of all
// ones means infinity or NaN.
#include "core/math/tensor.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} DTYPES[DTYPE_COUNT] = {
    [DTYPE_F32] = {"f32", 4},   [DTYPE_F16] = {"f16", 2},         [DTYPE_BF16] = {"bf16", 2},
    [DTYPE_I64] = {"i64", 8},   [DTYPE_F64] = {"f64", 8},         [DTYPE_I32] = {"i32", 4},
    [DTYPE_I16] = {"i16", 2},   [DTYPE_I8] = {"i8", 1},           [DTYPE_U64] = {"u64", 8},
    [DTYPE_U32] = {"u32", 4},   [DTYPE_U16] = {"u16", 2},         [DTYPE_U8] = {"u8", 1},
    [DTYPE_BOOL] = {"bool", 1}, [DTYPE_F8_E4M3] = {"f8_e4m3", 1}, [DTYPE_F8_E5M2] = {"f8_e5m2", 1},
};

size_t dtype_size(DType dtype) {
    return DTYPES[dtype].size;
}

const char *dtype_name(DType dtype) {
    return DTYPES[dtype].name;
}

static uint16_t load_u16(const unsigned char *bytes) {
    uint16_t bits;
    memcpy(&bits, bytes, sizeof bits);
    return bits;
}

static float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Shifting exponent and mantissa into their places in an F32 divides the number by 2^(127-15), subnormal ones
// too; a multiplication undoes it exactly. Infinity and NaN get F32's exponent of all ones.
static float float_from_f16(uint16_t half) {
    uint32_t bits, sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t special = 0x7F800000u * ((half & 0x7C00) == 0x7C00);
    float product = float_from_bits((uint32_t)(half & 0x7FFF) << 13) * 0x1p112f;
    memcpy(&bits, &product, sizeof bits);
    return float_from_bits(sign | special | bits);
}

void tensor_to_float(float *out, const unsigned char *bytes, DType dtype, int64_t n) {
    assert(dtype == DTYPE_F32 || dtype == DTYPE_F16 || dtype == DTYPE_BF16);
    if (dtype == DTYPE_F32)
        memcpy(out, bytes, (size_t)n * sizeof *out);
    else if (dtype == DTYPE_BF16)
        for (int64_t i = 0; i < n; i++) out[i] = float_from_bits((uint32_t)load_u16(bytes + 2 * i) << 16);
    else
        for (int64_t i = 0; i < n; i++) out[i] = float_from_f16(load_u16(bytes + 2 * i));
}

static bool all_finite_32(const unsigned char *bytes, int64_t n) {
    uint32_t found = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, bytes + 4 * i, sizeof bits);
        found |= (uint32_t)((bits & 0x7F800000u) == 0x7F800000u);
    }
    return !found;
}

static bool all_finite_16(const unsigned char *bytes, uint16_t exponent, int64_t n) {
    uint16_t found = 0;
    for (int64_t i = 0; i < n; i++) found |= (uint16_t)((load_u16(bytes + 2 * i) & exponent) == exponent);
    return !found;
}

bool tensor_is_finite(const Tensor *tensor) {
    switch (tensor->dtype) {
    case DTYPE_F32:
        return all_finite_32(tensor->bytes, tensor->n_items);
    case DTYPE_F16:
        return all_finite_16(tensor->bytes, 0x7C00, tensor->n_items);
    case DTYPE_BF16:
        return all_finite_16(tensor->bytes, 0x7F80, tensor->n_items);
    default:
        assert(!"a tensor of weights");
        return false;
    }
}
