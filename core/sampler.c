#include "sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A token while it is being chosen. `weight` is exp of its tempered logit, relative to the largest.
typedef struct Entry {
    int id;
    float logit;
    double weight;
} Entry;

struct Sampler {
    int n_vocab;
    Entry *entries; // [n_vocab]
};

Sampler *sampler_new(int n_vocab) {
    Sampler *sampler = calloc(1, sizeof *sampler);
    if (!sampler) return NULL;
    sampler->n_vocab = n_vocab;
    sampler->entries = calloc(n_vocab, sizeof *sampler->entries);
    if (sampler->entries) return sampler;
    free(sampler);
    return NULL;
}

void sampler_free(Sampler *sampler) {
    if (sampler) free(sampler->entries);
    free(sampler);
}

bool sampling_check(const Sampling *s, Error *err) {
    if (!(s->temperature >= 0 && s->temperature <= 100))
        return error_set(err, "the temperature is %g: use 0 (greedy) up to 100", s->temperature);
    if (s->top_k < 0) return error_set(err, "top-k is %d: use a number of tokens, or 0 for all of them", s->top_k);
    if (!(s->top_p > 0 && s->top_p <= 1)) return error_set(err, "top-p is %g: use a share above 0 and up to 1", s->top_p);
    return true;
}

// A number in [0, 1) from seed and position: the finaliser of SplitMix64 (Steele et al. 2014) over both.
static double uniform(uint32_t seed, int position) {
    uint64_t z = ((uint64_t)seed << 32 | (uint32_t)position) + 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static int best_first(const void *left, const void *right) {
    const Entry *a = left, *b = right;
    if (a->logit != b->logit) return a->logit < b->logit ? 1 : -1;
    return a->id < b->id ? -1 : a->id > b->id;
}

// How many of the sorted entries sampling may take; sets their weights. *total is the sum of these weights.
static int keep(Entry *entries, int n, const Sampling *s, double *total) {
    int n_kept = s->temperature == 0 ? 1 : s->top_k > 0 && s->top_k < n ? s->top_k : n;
    double temperature = s->temperature == 0 ? 1 : (double)s->temperature, sum = 0;
    for (int i = 0; i < n_kept; i++) {
        entries[i].weight = exp(((double)entries[i].logit - (double)entries[0].logit) / temperature);
        sum += entries[i].weight;
    }
    double nucleus = 0, limit = s->top_p < 1 ? (double)s->top_p * sum : INFINITY;
    int n_nucleus = 0;
    while (n_nucleus < n_kept && nucleus < limit) nucleus += entries[n_nucleus++].weight;
    *total = nucleus;
    return n_nucleus;
}

static int draw(const Entry *entries, int n_kept, double target) {
    double sum = 0;
    for (int i = 0; i < n_kept; i++) {
        sum += entries[i].weight;
        if (target < sum) return i;
    }
    return n_kept - 1;
}

Candidate sampler_choose(Sampler *sampler, const float *logits, const Sampling *s, int position, Candidate *candidates,
                         int n_candidates) {
    Entry *entries = sampler->entries;
    int n = sampler->n_vocab;
    for (int id = 0; id < n; id++) entries[id] = (Entry){.id = id, .logit = logits[id]};
    qsort(entries, n, sizeof *entries, best_first);

    double all = 0, total;
    for (int i = 0; i < n; i++) all += exp((double)entries[i].logit - (double)entries[0].logit);
    int n_kept = keep(entries, n, s, &total);
    int chosen = s->temperature == 0 ? 0 : draw(entries, n_kept, uniform(s->seed, position) * total);

    Candidate choice = {0};
    for (int i = 0; i < n_candidates || i <= chosen; i++) {
        Candidate candidate = {
            .id = entries[i].id,
            .logit = entries[i].logit,
            .probability = (float)(exp((double)entries[i].logit - (double)entries[0].logit) / all),
            .sampling_probability = i < n_kept ? (float)(entries[i].weight / total) : 0,
        };
        if (i < n_candidates) candidates[i] = candidate;
        if (i == chosen) choice = candidate;
    }
    return choice;
}
