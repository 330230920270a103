// How far two passes' logits for the same token are apart.
#ifndef KVSTEP_COMPARISON_H
#define KVSTEP_COMPARISON_H

#include <stdbool.h>

typedef struct Comparison {
    bool differs_by_design;         // the cache has left something out; otherwise the two agree to rounding
    float max_abs_logit_difference; // max over the vocabulary of |found - reference|
    float kl_divergence;            // KL(reference ‖ found) of the next token's probabilities, in nats
    bool same_choice;               // the sampler takes the same token from both
} Comparison;

// Compares logits [n_vocab] of a pass with those of the reference. same_choice and differs_by_design are the
// caller's.
Comparison comparison_of_logits(const float *found, const float *reference, int n_vocab);

#endif
