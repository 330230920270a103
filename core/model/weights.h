// Finds the weights of a folder by name, checks them, and copies them into one block in the layout that
// products need.
//
// Request all weights first, in the order in which they shall lie in memory. weights_place() then fills the
// block and sets the pointers:
//
// * Matrices become [n_out, n_in] in the file's dtype; GPT-2's [n_in, n_out] are transposed. When a folder
//   mixes dtypes, all matrices become floats: a model has one dtype.
// * Vectors and learned positions become floats.
//
// Why copy: checking reads every byte anyway, and the block lies in huge pages, which a step reads up to
// twice as fast as a mapped file (`make bench`). The pages of the file are given back to the system.
#ifndef KVSTEP_WEIGHTS_H
#define KVSTEP_WEIGHTS_H

#include "core/base/control.h"
#include "core/base/error.h"
#include "core/model/safetensors.h"

// The shape of a weight in the file, and what becomes of it.
typedef enum WeightForm {
    WEIGHT_VECTOR,        // [n] -> floats
    WEIGHT_FLOATS,        // [n_out, n_in] -> floats
    WEIGHT_MATRIX,        // [n_out, n_in]
    WEIGHT_TRANSPOSED,    // [n_in, n_out] -> [n_out, n_in]
    WEIGHT_HEADS_OF_QKV,  // [n_out, n_in], rows by head: q, k, v of head 0, of head 1, ... -> all q, all k,
                          // all v
    WEIGHT_HEADS_OF_BIAS, // [n], likewise -> floats
} WeightForm;

typedef struct WeightRequest WeightRequest;

typedef struct Weights {
    Safetensors *files; // [n_files]
    int n_files;
    const char *folder;
    const char *prefix; // of every name that is requested
    WeightRequest *requests;
    int n_requests, capacity;
} Weights;

// Whether the folder has files for weights_open().
bool weights_exist(const char *folder);

// Opens them. `folder` is borrowed until weights_close(). weights_place()'s block stays valid after that.
bool weights_open(Weights *weights, const char *folder, Error *err);
void weights_close(Weights *weights);

// Whether a file holds a tensor of this name; the prefix is not added.
bool weights_has(const Weights *weights, const char *name);

typedef struct WeightShape {
    WeightForm form;
    int n_out, n_in; // n_in is 0 for a vector
    int d_head;      // for the WEIGHT_HEADS forms
    bool joined;     // directly after the weight before, as further rows of the same matrix
} WeightShape;

// Requests the weight with this name. `out` is the address of the pointer that weights_place() sets.
__attribute__((format(printf, 5, 6))) bool
weights_request(Weights *weights, const void *out, WeightShape shape, Error *err, const char *format, ...);

// Fills *block, which the caller frees with free(), and sets every pointer. *dtype is that of all matrices.
// `control` counts bytes.
bool weights_place(Weights *weights, void **block, DType *dtype, Control *control, Error *err);

#endif
