// The safetensors file format: 8 bytes of header length (little-endian), a JSON header, the tensors' bytes.
//
//     | n: u64 | {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...} | bytes ... |
//     |<- 8 -->|<------------------------------ n -------------------------------------->|
//
// Opening checks all that the header claims: its length; each type; each shape against its byte range; that
// ranges lie within the file, do not overlap and leave no gap; that names are unique. The format is defined
// in the README of the safetensors project.
#ifndef KVSTEP_SAFETENSORS_H
#define KVSTEP_SAFETENSORS_H

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/math/tensor.h"

typedef struct Safetensors {
    Mapping mapping;
    char *path;
    Tensor *tensors; // [n_tensors], sorted by name; they point into the mapping
    int n_tensors;
} Safetensors;

// Maps the file. After success close it with safetensors_close(), which makes all of its Tensors invalid.
bool safetensors_open(Safetensors *file, const char *path, Error *err);
void safetensors_close(Safetensors *file);

// The tensor of that name; NULL when there is none.
const Tensor *safetensors_find(const Safetensors *file, const char *name);

#endif
