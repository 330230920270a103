// A model: its sizes, weights and tokenizer. It does not change after loading; any number of Sessions may
// share it.
#ifndef KVSTEP_MODEL_H
#define KVSTEP_MODEL_H

#include "core/base/control.h"
#include "core/math/linear.h"
#include "core/model/config.h"
#include "core/tokenizer/tokenizer.h"

// Attention to an encoder's output, in the decoder of an encoder-decoder.
typedef struct CrossAttention {
    Norm norm;
    Linear q;  // d_model -> n_heads · d_head
    Linear kv; // of a row of the encoder's output, d_model -> 2 · n_heads · d_head: k, then v
    Linear output;
} CrossAttention;

typedef struct Layer {
    Norm ln_1;
    Linear qkv; // d_model -> (n_heads + 2 · n_kv_heads) · d_head: q, k, v one after the other in a row
    Norm q_norm, k_norm;     // [d_head]; gain NULL unless config.qk_norm
    Linear attention_output; // n_heads · d_head -> d_model
    CrossAttention cross;    // with config.cross_attention
    Norm ln_2;
    Linear mlp_up;   // d_model -> d_ff; SwiGLU: -> 2 · d_ff, gate, then up
    Linear mlp_down; // d_ff -> d_model
} Layer;

typedef struct Model {
    Config config;
    Tokenizer *tokenizer;            // NULL when the folder has none
    const void *token_embedding;     // [n_vocab, d_model] of config.weights_dtype
    const float *position_embedding; // [n_ctx, d_model], learned; NULL with RoPE
    Layer *layers;                   // [n_layers]
    Norm final_norm;
    Linear head;               // d_model -> n_vocab; with config.tied_head its weight is the token embedding
    struct Model *encoder;     // of an encoder-decoder, without tokenizer and head; NULL otherwise
    Linear encoder_to_decoder; // the encoder's d_model -> the decoder's; weight NULL when they are the same
    void *weights;             // the block that all pointers above point into, those of the encoder too
} Model;

// Loads a Hugging Face folder: config.json; model.safetensors, or the files that model.safetensors.index.json
// names; and the tokenizer, if it has one. Fails unless every weight is there, has the shape that config.json
// implies, and holds finite numbers only. `control` counts bytes of weights. After an error the model is
// empty; otherwise free it with model_free().
bool model_load(Model *model, const char *folder, Control *control, Error *err);
void model_free(Model *model);

#endif
