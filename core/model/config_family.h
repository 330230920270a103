// A model family: what config.json calls it, and how to read the rest. For config.c alone.
#ifndef KVSTEP_CONFIG_FAMILY_H
#define KVSTEP_CONFIG_FAMILY_H

#include <cjson/cJSON.h>

#include "core/model/config.h"

typedef struct Family {
    const char *model_type;
    bool (*load)(Config *config, const cJSON *json, const char *path, Error *err);
} Family;

extern const Family FAMILIES[];
extern const int N_FAMILIES;

// The id of a special token; -1 when there is none, or none that the vocabulary holds.
int family_token_id(const cJSON *json, const char *name, int n_vocab);

// Reads bos_token_id and eos_token_id, where they are given.
void family_read_special_ids(Config *config, const cJSON *json);
void family_read_eos(Config *config, const cJSON *json);

// Checks that a setting which would change the computation has the one value that is built here.
bool family_require(const cJSON *json, const char *name, bool value, const char *path, Error *err);

#endif
