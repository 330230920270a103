// The sizes of a model, in the names that the whole project uses.
#ifndef KVSTEP_CONFIG_H
#define KVSTEP_CONFIG_H

#include "error.h"
#include "tensor.h"

typedef struct Config {
    char name[64];         // the model folder's own name
    char architecture[24]; // Hugging Face's model_type: "gpt2"
    int n_layers;
    int n_heads;    // query heads
    int n_kv_heads; // key and value heads; equal to n_heads in GPT-2
    int d_model;
    int d_head;
    int d_ff;
    int n_vocab;
    int n_ctx; // the longest sequence: the number of learned positions
    float norm_epsilon;
    int bos_id; // beginning and end of text; -1 when the model has none within its vocabulary
    int eos_id;
    DType weights_dtype; // as stored in the file
} Config;

// Reads FOLDER/config.json. A family that kvstep does not know is refused by name.
bool config_load(Config *config, const char *folder, Error *err);

#endif
