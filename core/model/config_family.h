// A model family: its name in config.json and the function that reads the rest. For config.c alone.
#ifndef KVSTEP_CONFIG_FAMILY_H
#define KVSTEP_CONFIG_FAMILY_H

#include "core/base/json_reader.h"
#include "core/model/config.h"

typedef struct Family {
    const char *model_type;
    bool (*load)(Config *config, const JsonNode *json, Error *err);
} Family;

extern const Family FAMILIES[]; // [N_FAMILIES]
extern const int N_FAMILIES;

// The id of a special token; -1 when the member is missing or the vocabulary has no such id.
int family_token_id(const JsonNode *json, const char *name, int n_vocab);

// Read bos_token_id and eos_token_id into the config. A missing one leaves the config as it is.
void family_read_special_ids(Config *config, const JsonNode *json);
void family_read_eos(Config *config, const JsonNode *json);

// Refuses a setting that would change the computation, unless it is missing or has the one value that is
// built here.
bool family_require(const JsonNode *json, const char *name, bool value, Error *err);

#endif
