#include "core/decode/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/ops.h"

enum { SORTED_AT_FIRST = 128 }; // entries, of a nucleus whose size is not known yet

typedef struct Entry {
    int id;
    float logit;
} Entry;

struct Sampler {
    int n_vocab;
    Entry *entries; // [n_vocab]
    float *weights; // [n_vocab]
};

Sampler *sampler_new(int n_vocab) {
    Sampler *sampler = calloc(1, sizeof *sampler);
    if (!sampler) return NULL;
    sampler->n_vocab = n_vocab;
    sampler->entries = calloc(n_vocab, sizeof *sampler->entries);
    sampler->weights = calloc(n_vocab, sizeof *sampler->weights);
    if (sampler->entries && sampler->weights) return sampler;
    sampler_free(sampler);
    return NULL;
}

void sampler_free(Sampler *sampler) {
    if (!sampler) return;
    free(sampler->entries);
    free(sampler->weights);
    free(sampler);
}

bool sampling_check(const Sampling *s, Error *err) {
    if (!(s->temperature >= 0 && s->temperature <= 100))
        return error_set(err, "the temperature is %g: use a number from 0 (greedy) to 100", s->temperature);
    if (s->top_k < 0)
        return error_set(err, "top-k is %d: use a positive number of tokens, or 0 for all", s->top_k);
    if (!(s->top_p > 0 && s->top_p <= 1))
        return error_set(err, "top-p is %g: use a probability above 0 and up to 1", s->top_p);
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

// Restores the heap entries[0 ... n-1], whose root is the worst of them, after its root has changed.
static void sift_down(Entry *entries, int n) {
    for (int parent = 0, child; (child = 2 * parent + 1) < n; parent = child) {
        if (child + 1 < n && best_first(&entries[child + 1], &entries[child]) > 0) child++;
        if (best_first(&entries[parent], &entries[child]) >= 0) return;
        Entry swapped = entries[parent];
        entries[parent] = entries[child];
        entries[child] = swapped;
    }
}

// Brings the n_best best of n entries to the front, in order; the others follow in any. A vocabulary is long,
// and often few of it are wanted: the best so far are kept in a heap while the rest goes by.
static void sort_best(Entry *entries, int n, int n_best) {
    if (n_best < n) {
        qsort(entries, n_best, sizeof *entries, best_first);
        for (int i = 0; i < n_best / 2; i++) { // worst first is a heap
            Entry swapped = entries[i];
            entries[i] = entries[n_best - 1 - i];
            entries[n_best - 1 - i] = swapped;
        }
        for (int i = n_best; i < n; i++)
            if (best_first(&entries[i], &entries[0]) < 0) {
                Entry swapped = entries[0];
                entries[0] = entries[i];
                entries[i] = swapped;
                sift_down(entries, n_best);
            }
    }
    qsort(entries, n_best, sizeof *entries, best_first);
}

// The weight of a logit before it is divided by the sum of all: e^((logit - best) / temperature).
static double weight_of(float logit, float best, float temperature) {
    return exp(((double)logit - (double)best) / (double)temperature);
}

// What is left to draw from: the first n_kept sorted entries, or every id when nothing is cut.
typedef struct Kept {
    bool all;
    int n;
    double total; // of the weights
} Kept;

static Kept keep(const Sampler *sampler, const float *logits, const Sampling *s, int n_sorted) {
    Entry *entries = sampler->entries;
    int n = sampler->n_vocab;
    float best = entries[0].logit;
    Kept kept = {.all = s->top_k == 0 && s->top_p == 1, .n = s->top_k > 0 && s->top_k < n ? s->top_k : n};
    double sum = 0;
    if (kept.n == n) sum = ops_exponentials(sampler->weights, logits, n, best, s->temperature);
    for (int i = 0; kept.n < n && i < kept.n; i++) sum += weight_of(entries[i].logit, best, s->temperature);
    kept.total = sum;
    if (s->top_p == 1) return kept;
    int n_nucleus = 0;
    for (kept.total = 0; n_nucleus < kept.n && kept.total < (double)s->top_p * sum; n_nucleus++) {
        if (n_nucleus == n_sorted) {
            n_sorted = n_sorted < kept.n / 8 ? 8 * n_sorted : kept.n;
            sort_best(entries, n, n_sorted);
        }
        kept.total += weight_of(entries[n_nucleus].logit, best, s->temperature);
    }
    kept.n = n_nucleus;
    return kept;
}

// The entry at which the running sum of weights passes `target`.
static Entry draw(const Sampler *sampler, const float *logits, const Kept *kept, float temperature,
                  double target) {
    const Entry *entries = sampler->entries;
    double sum = 0;
    for (int i = 0;; i++) {
        Entry entry = kept->all ? (Entry){i, logits[i]} : entries[i];
        sum +=
            kept->all ? (double)sampler->weights[i] : weight_of(entry.logit, entries[0].logit, temperature);
        if (target < sum || i == kept->n - 1) return entry;
    }
}

// How many entries must be in order for the settings and the candidates; of a nucleus, to begin with.
static int n_to_sort(const Sampling *s, int n, int n_candidates) {
    int n_sorted = n_candidates > 0 ? n_candidates : 1;
    if (s->temperature == 0 || (s->top_k == 0 && s->top_p == 1)) return n_sorted;
    int n_cut = s->top_k > 0 ? s->top_k : SORTED_AT_FIRST;
    if (n_cut > n) n_cut = n;
    return n_cut > n_sorted ? n_cut : n_sorted;
}

Candidate sampler_choose(Sampler *sampler, const float *logits, const Sampling *s, int position,
                         Candidate *candidates, int n_candidates) {
    Entry *entries = sampler->entries;
    int n = sampler->n_vocab;
    for (int id = 0; id < n; id++) entries[id] = (Entry){.id = id, .logit = logits[id]};
    int n_sorted = n_to_sort(s, n, n_candidates);
    sort_best(entries, n, n_sorted);

    bool is_greedy = s->temperature == 0;
    Kept kept = is_greedy ? (Kept){.n = 1, .total = 1} : keep(sampler, logits, s, n_sorted);
    Entry chosen =
        is_greedy ? entries[0]
                  : draw(sampler, logits, &kept, s->temperature, uniform(s->seed, position) * kept.total);
    double all = ops_exponentials(sampler->weights, logits, n, entries[0].logit, 1);
    Candidate choice = {0};
    for (int i = -1; i < n_candidates; i++) {
        Entry entry = i < 0 ? chosen : entries[i];
        bool is_kept = i < 0 || kept.all || i < kept.n;
        double weight = is_greedy ? 1 : weight_of(entry.logit, entries[0].logit, s->temperature);
        Candidate candidate = {.id = entry.id,
                               .logit = entry.logit,
                               .probability = (float)(weight_of(entry.logit, entries[0].logit, 1) / all),
                               .sampling_probability = is_kept ? (float)(weight / kept.total) : 0};
        if (i < 0)
            choice = candidate;
        else
            candidates[i] = candidate;
    }
    return choice;
}
