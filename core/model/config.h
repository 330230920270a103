// The sizes of a model and the kinds of its parts, under the names that the whole project uses. One decoder
// runs all families.
#ifndef KVSTEP_CONFIG_H
#define KVSTEP_CONFIG_H

#include "core/base/error.h"
#include "core/math/rope.h"
#include "core/math/tensor.h"

typedef enum PositionKind { POSITIONS_LEARNED, POSITIONS_ROPE } PositionKind;
typedef enum NormKind { NORM_LAYER, NORM_RMS } NormKind;
typedef enum MlpKind { MLP_GELU_TANH, MLP_GELU_ERF, MLP_RELU, MLP_SWIGLU } MlpKind;

enum { CONFIG_MAX_LAYERS = 1024, CONFIG_MAX_EOS = 8 };

typedef struct Config {
    char name[64];         // the model folder's own name
    char architecture[24]; // Hugging Face's model_type, such as "gpt2"
    int n_layers;
    int n_heads;    // query heads
    int n_kv_heads; // heads of k and v: n_heads (MHA), a divisor of it (GQA), or 1 (MQA)
    int d_model;
    int d_head;
    int d_ff;
    int n_vocab;
    int n_ctx; // the most positions in a sequence
    PositionKind positions;
    Rope rope; // with POSITIONS_ROPE
    NormKind norm;
    float norm_epsilon;
    MlpKind mlp;
    bool qkv_bias, attention_output_bias, mlp_bias;
    bool qk_norm;                         // an RMSNorm over each head's q and k, before RoPE
    bool tied_head;                       // the head's weight is the token embedding
    bool unscaled_scores;                 // not divided by √d_head
    bool scores_by_layer;                 // divided by (layer + 1)
    float score_scale[CONFIG_MAX_LAYERS]; // [n_layers] what scores are multiplied by, usually 1 / √d_head
    int sliding_window; // how many keys a row may look at, its own among them; 0: all up to its own
    unsigned char full_attention[CONFIG_MAX_LAYERS]; // [n_layers]: 1 for a layer without the window
    bool cross_attention;                            // to an encoder's output
    int bos_id;                                      // -1 when the model has none within its vocabulary
    int start_id;                // the first token of an encoder-decoder's text; -1 for a decoder alone
    int eos_ids[CONFIG_MAX_EOS]; // tokens that end a text
    int n_eos;
    DType weights_dtype; // of the matrices in memory
} Config;

// Reads FOLDER/config.json. Of an encoder-decoder, *config is the decoder and *encoder the encoder;
// encoder->n_layers is 0 for any other model. Refuses, by name, unknown families and unsupported settings.
bool config_load(Config *config, Config *encoder, const char *folder, Error *err);

// How many keys a row of the layer may look at, its own among them; 0: all up to its own.
int config_window(const Config *config, int layer);

bool config_is_eos(const Config *config, int id);

// "MHA", "GQA 8:2" or "MQA": out, or a static text. One head alone is MHA.
const char *attention_kind(int64_t n_heads, int64_t n_kv_heads, char out[24]);
const char *config_attention_kind(const Config *config, char out[24]);

#endif
