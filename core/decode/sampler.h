// Choosing the next token from the logits.
//
// temperature 0 is greedy: the largest logit, the smaller id of two equal ones. Otherwise, in Hugging Face's
// order: divide by the temperature, keep the top_k largest (0: all), of these keep the smallest set whose
// probabilities reach top_p (1: all), draw. The random number of a position is a hash of seed and position,
// so that the same seed gives the same text wherever the logits agree, and going back needs no state.
#ifndef KVSTEP_SAMPLER_H
#define KVSTEP_SAMPLER_H

#include <stdint.h>

#include "core/base/error.h"

typedef struct Sampling {
    float temperature; // 0: greedy; at most 100
    int top_k;         // 0: off
    float top_p;       // (0, 1]; 1: off
    uint32_t seed;
} Sampling;

typedef struct Candidate {
    int id;
    float logit;
    float probability;          // what the model says: softmax of all logits at temperature 1
    float sampling_probability; // with what chance the sampler takes it; 0 when it was cut away
} Candidate;

typedef struct Sampler Sampler;

Sampler *sampler_new(int n_vocab);
void sampler_free(Sampler *sampler);

// Chooses from logits [n_vocab] for the token at `position`. Writes the n_candidates most likely into
// candidates, best first (n_candidates <= n_vocab), and returns the choice, which need not be among them.
Candidate sampler_choose(Sampler *sampler, const float *logits, const Sampling *sampling, int position,
                         Candidate *candidates, int n_candidates);

// Checks the ranges above, naming the option that is out of range.
bool sampling_check(const Sampling *sampling, Error *err);

#endif
