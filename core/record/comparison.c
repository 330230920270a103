#include "core/record/comparison.h"

#include <math.h>

static float largest(const float *x, int n) {
    float max = x[0];
    for (int i = 1; i < n; i++) max = fmaxf(max, x[i]);
    return max;
}

// With p = e^a / A, q = e^b / B:  Σ p ln(p / q)  =  Σ p (a - b) - ln(A / B). Both are shifted by their
// largest logit.
static double kl_divergence(const float *found, const float *reference, int n) {
    double max_a = (double)largest(reference, n), max_b = (double)largest(found, n);
    double sum_a = 0, sum_b = 0, sum = 0;
    for (int i = 0; i < n; i++) {
        double a = (double)reference[i] - max_a, b = (double)found[i] - max_b, p = exp(a);
        sum_a += p;
        sum_b += exp(b);
        sum += p * (a - b);
    }
    return fmax(0, sum / sum_a - log(sum_a / sum_b)); // rounding can leave a tiny negative number
}

Comparison comparison_of_logits(const float *found, const float *reference, int n_vocab) {
    Comparison comparison = {.kl_divergence = (float)kl_divergence(found, reference, n_vocab)};
    for (int i = 0; i < n_vocab; i++)
        comparison.max_abs_logit_difference =
            fmaxf(comparison.max_abs_logit_difference, fabsf(reference[i] - found[i]));
    return comparison;
}
