// A model: its sizes, its weights, its tokenizer. Const after loading; any number of Sessions may share one.
#ifndef KVSTEP_MODEL_H
#define KVSTEP_MODEL_H

#include "config.h"
#include "safetensors.h"
#include "tokenizer.h"

// y = x Wᵀ + b
typedef struct Linear {
    const void *weight; // [n_out, n_in] of `dtype`, rows one after the other
    const float *bias;  // [n_out], or NULL
    int n_in, n_out;
    DType dtype; // DTYPE_F32, DTYPE_F16 or DTYPE_BF16
} Linear;

typedef struct Norm {
    const float *gain; // [d_model]
    const float *bias; // [d_model]
} Norm;

typedef struct Layer {
    Norm ln_1;
    Linear qkv; // d_model -> 3 d_model: q, k and v beside each other in a row (GPT-2's fused c_attn)
    Linear attention_output;
    Norm ln_2;
    Linear mlp_up;
    Linear mlp_down;
} Layer;

typedef struct Model {
    Config config;
    Tokenizer *tokenizer;            // NULL when the folder has none
    const void *token_embedding;     // [n_vocab, d_model] of head.dtype
    const float *position_embedding; // [n_ctx, d_model]
    Layer *layers;                   // [n_layers]
    Norm final_norm;
    Linear head; // d_model -> n_vocab; in GPT-2 its weight is the token embedding
    Safetensors file;
    void *block; // all weights: matrices in the file's type, vectors as floats
} Model;

// Loads a Hugging Face folder: config.json, model.safetensors and, when it is there, tokenizer.json. Every weight is
// checked: it is there, has the shape that config.json asks for, and is a finite number.
bool model_load(Model *model, const char *folder, Error *err);
void model_free(Model *model);

#endif
