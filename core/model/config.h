// The sizes of a model and what its parts are, in the names that the whole project uses. One decoder runs
// them all.
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
    int n_kv_heads; // key and value heads: n_heads (MHA), a divisor of it (GQA), or 1 (MQA)
    int d_model;
    int d_head;
    int d_ff;
    int n_vocab;
    int n_ctx; // the longest sequence
    PositionKind positions;
    Rope rope; // with POSITIONS_ROPE
    NormKind norm;
    float norm_epsilon;
    MlpKind mlp;
    bool qkv_bias, attention_output_bias, mlp_bias;
    bool qk_norm; // an RMSNorm over each head's q and k, before RoPE
    bool tied_head;
    bool unscaled_scores;                 // not divided by √d_head
    bool scores_by_layer;                 // divided by (layer + 1)
    float score_scale[CONFIG_MAX_LAYERS]; // [n_layers] what scores are multiplied by, usually 1 / √d_head
    int sliding_window;                   // how many keys a row sees, itself among them; 0: all before it
    unsigned char full_attention[CONFIG_MAX_LAYERS]; // [n_layers]: 1 where a layer has no window all the same
    bool cross_attention;                            // to an encoder's output
    int bos_id;                                      // -1 when the model has none within its vocabulary
    int start_id;                // what an encoder-decoder's text starts with; -1 for a decoder alone
    int eos_ids[CONFIG_MAX_EOS]; // tokens that end a text
    int n_eos;
    DType weights_dtype; // of the matrices, as they lie in memory
} Config;

// Reads FOLDER/config.json; of an encoder-decoder the decoder, and into *encoder its encoder.
// encoder->n_layers is 0 when there is none. A family that kvstep does not know is refused by name.
bool config_load(Config *config, Config *encoder, const char *folder, Error *err);

// How many keys a row sees in a layer, itself among them; 0: all before it.
int config_window(const Config *config, int layer);
bool config_is_eos(const Config *config, int id);
// "MHA", "GQA 8:2" or "MQA".
const char *config_attention_kind(const Config *config, char out[24]);

#endif
