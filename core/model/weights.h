// The weights of a folder: found by name, checked, and copied into one block in the layout that the products
// want.
//
// First everything that a model needs is asked for, in the order in which it shall lie in memory; each
// request notes where the pointer belongs. Then weights_place() fills the block:
//
// * matrices keep the file's type and lie [n_out, n_in]; those that GPT-2 stores [n_in, n_out] are
// transposed. When a file mixes
//   types, all of its matrices become floats, so that a model has one type;
// * vectors and learned positions become floats.
//
// Copying costs one reading of the file, which checking needs anyway, and buys huge pages: a step reads every
// weight, and reads huge pages up to twice as fast as a file's mapping (`make bench`). What has been copied
// is given back to the system.
#ifndef KVSTEP_WEIGHTS_H
#define KVSTEP_WEIGHTS_H

#include "core/base/control.h"
#include "core/base/error.h"
#include "core/model/safetensors.h"

typedef enum WeightForm {
    WEIGHT_VECTOR,        // [n], to floats
    WEIGHT_FLOATS,        // [n_out, n_in], to floats
    WEIGHT_MATRIX,        // [n_out, n_in]
    WEIGHT_TRANSPOSED,    // [n_in, n_out] in the file
    WEIGHT_HEADS_OF_QKV,  // [n_out, n_in], rows q, k, v of head 0, of head 1, ...: to all q, all k, all v
    WEIGHT_HEADS_OF_BIAS, // [n], likewise, to floats
} WeightForm;

typedef struct WeightRequest WeightRequest;

typedef struct Weights {
    Safetensors *files; // [n_files]
    int n_files;
    const char *folder;
    const char *prefix; // put before every name that is asked for
    WeightRequest *requests;
    int n_requests, capacity;
} Weights;

// Whether the folder has files that weights_open() would read.
bool weights_exist(const char *folder);
bool weights_open(Weights *weights, const char *folder, Error *err);
void weights_close(Weights *weights);

// Whether a file holds a tensor of that very name (without the prefix).
bool weights_has(const Weights *weights, const char *name);

typedef struct WeightShape {
    WeightForm form;
    int n_out, n_in; // a vector: n_in is 0
    int d_head;      // the WEIGHT_HEADS forms
    bool joined;     // right behind the one before, as further rows of the same matrix
} WeightShape;

// Asks for a weight; *out is set by weights_place().
__attribute__((format(printf, 5, 6))) bool
weights_request(Weights *weights, const void *out, WeightShape shape, Error *err, const char *format, ...);

// Fills *block, which the caller frees, and sets every pointer. *dtype is the type of all matrices.
bool weights_place(Weights *weights, void **block, DType *dtype, Control *control, Error *err);

#endif
