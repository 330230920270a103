// The types of numbers in files, and a tensor in a mapped file.
#ifndef KVSTEP_TENSOR_H
#define KVSTEP_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Weights are of the first three. A file may hold tensors of the other types too; kvstep does not use them.
typedef enum DType {
    DTYPE_F32,
    DTYPE_F16,
    DTYPE_BF16,
    DTYPE_I64,
    DTYPE_F64,
    DTYPE_I32,
    DTYPE_I16,
    DTYPE_I8,
    DTYPE_U64,
    DTYPE_U32,
    DTYPE_U16,
    DTYPE_U8,
    DTYPE_BOOL,
    DTYPE_F8_E4M3,
    DTYPE_F8_E5M2,
    DTYPE_COUNT
} DType;

enum { TENSOR_MAX_DIMS = 4 };

// The owner of the file owns name and bytes.
typedef struct Tensor {
    char *name;
    DType dtype;
    int n_dims;
    int64_t shape[TENSOR_MAX_DIMS]; // row-major
    const unsigned char *bytes;     // [n_items * dtype_size], not aligned
    int64_t n_items;
} Tensor;

size_t dtype_size(DType dtype);      // bytes
const char *dtype_name(DType dtype); // "f32", "f16", "bf16", "i64", ...

// Converts n numbers of type F32, F16 or BF16 to floats, exactly. `bytes` need not be aligned.
void tensor_to_float(float *out, const unsigned char *bytes, DType dtype, int64_t n);

// Whether a tensor of type F32, F16 or BF16 holds neither an infinity nor a NaN.
bool tensor_is_finite(const Tensor *tensor);

#endif
