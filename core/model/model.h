// A model: its sizes, its weights, its tokenizer. Const after loading; any number of Sessions may share one.
#ifndef KVSTEP_MODEL_H
#define KVSTEP_MODEL_H

#include "core/base/control.h"
#include "core/math/linear.h"
#include "core/model/config.h"
#include "core/tokenizer/tokenizer.h"

// Attention to an encoder's output, in the decoder of an encoder-decoder.
typedef struct CrossAttention {
    Norm norm;
    Linear q; // d_model -> n_heads · d_head
    Linear
        kv; // d_model -> 2 · n_heads · d_head: k and v beside each other, from a row of the encoder's output
    Linear output;
} CrossAttention;

typedef struct Layer {
    Norm ln_1;
    Linear qkv; // d_model -> (n_heads + 2 n_kv_heads) · d_head: q, k and v beside each other in a row
    Norm q_norm, k_norm; // [d_head]; gain NULL unless config.qk_norm
    Linear attention_output;
    CrossAttention cross; // with config.cross_attention
    Norm ln_2;
    Linear mlp_up;   // d_model -> d_ff; SwiGLU: -> 2 · d_ff, the gate first
    Linear mlp_down; // d_ff -> d_model
} Layer;

typedef struct Model {
    Config config;
    Tokenizer *tokenizer;            // NULL when the folder has none
    const void *token_embedding;     // [n_vocab, d_model] of config.weights_dtype
    const float *position_embedding; // [n_ctx, d_model], learned; NULL with RoPE
    Layer *layers;                   // [n_layers]
    Norm final_norm;
    Linear head;           // d_model -> n_vocab; often its weight is the token embedding
    struct Model *encoder; // of an encoder-decoder, without tokenizer and head; NULL otherwise
    Linear
        encoder_to_decoder; // from the encoder's width to the decoder's; weight NULL when they are the same
    void *weights;          // one block with all of them, the encoder's too
} Model;

// Loads a Hugging Face folder: config.json, model.safetensors or the files that model.safetensors.index.json
// names, and, when it is there, a tokenizer. Every weight is checked: it is there, has the shape that
// config.json asks for, and is a finite number. With a `control` another thread follows the bytes of weights
// that are in place, and can cancel.
bool model_load(Model *model, const char *folder, Control *control, Error *err);
void model_free(Model *model);

#endif
