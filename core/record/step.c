// A Step is one block of memory:
//
//     | Step | candidates | candidate texts | rows | keys, evicted | site | site | ... |
#include "core/record/step.h"

#include <assert.h>
#include <math.h>
#include <stdalign.h>
#include <stdlib.h>

#include "core/math/ops.h"

static size_t round_up(size_t n) {
    return (n + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

static size_t site_bytes(SiteId site, const Config *config, const PassShape *pass) {
    size_t n_layers = SITES[site].per_layer ? config->n_layers : 1;
    return round_up(n_layers * (size_t)site_size(site, config, pass) * sizeof(float));
}

size_t step_sites_bytes(const Config *config, const PassShape *pass, SiteMask sites) {
    size_t total = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (sites & SITE_BIT(site)) total += site_bytes(site, config, pass);
    return total;
}

// Hands out the next n_bytes of a block.
static void *take(char **next, size_t n_bytes) {
    void *at = *next;
    *next += round_up(n_bytes);
    return at;
}

Step *step_new(StepPool *pool, const Config *config, const StepSizes *sizes) {
    const PassShape *pass = &sizes->pass;
    SiteMask sites = sizes->sites & sites_of(config, pass->n_source);
    size_t n_candidates = sizes->n_candidates, n_rows = pass->n_rows,
           n_slots = pass->n_keys + sizes->n_evicted;
    size_t n_bytes = round_up(sizeof(Step)) + round_up(n_candidates * sizeof(Candidate)) +
                     round_up(n_candidates * sizeof(Text)) + round_up(n_rows * sizeof(Place)) +
                     round_up(n_slots * sizeof(Slot)) + step_sites_bytes(config, pass, sites);
    StepBlock *owner = NULL;
    char *next = pool ? step_pool_take(pool, n_bytes, &owner) : calloc(1, n_bytes);
    if (!next) return NULL;

    Step *step = take(&next, sizeof *step);
    step->n_owners = 1;
    step->block = owner;
    step->n_rows = pass->n_rows;
    step->n_keys = pass->n_keys;
    step->n_source = pass->n_source;
    step->n_evicted = sizes->n_evicted;
    step->n_candidates = sizes->n_candidates;
    step->candidates = take(&next, n_candidates * sizeof(Candidate));
    step->candidate_texts = take(&next, n_candidates * sizeof(Text));
    step->rows = take(&next, n_rows * sizeof(Place));
    step->keys = take(&next, n_slots * sizeof(Slot));
    step->evicted = step->keys + step->n_keys;
    for (int site = 0; site < SITE_COUNT; site++)
        if (sites & SITE_BIT(site)) step->sites[site] = take(&next, site_bytes(site, config, pass));
    return step;
}

Step *step_with_choice(Step *step, const Candidate *choice, Text text) {
    Step *other = malloc(sizeof *other);
    if (!other) return NULL;
    *other = *step;
    other->base = step_share(step->base ? step->base : step);
    other->n_owners = 1;
    other->block = NULL;
    other->choice = *choice;
    other->choice_text = text;
    return other;
}

Step *step_share(Step *step) {
    step->n_owners++;
    return step;
}

void step_free(Step *step) {
    if (!step || --step->n_owners > 0) return;
    step_free(step->base);
    if (step->block)
        step_pool_give_back(step->block);
    else
        free(step);
}

PassShape step_shape(const Step *step) {
    return (PassShape){step->n_rows, step->n_keys, step->n_source, step->n_source > 0 && step->index == 0};
}

int step_first_token(const Step *step) {
    return step->rows[0].token;
}

int step_n_tokens(const Step *step) {
    return step->rows[step->n_rows - 1].token + 1;
}

int step_row_of(const Step *step, int token) {
    int row = token - step_first_token(step); // rows are tokens that follow each other
    return row >= 0 && row < step->n_rows ? row : -1;
}

int step_column_of(const Step *step, int token) {
    if (token >= 0 && token < step->n_keys && step->keys[token].place.token == token) return token;
    for (int column = 0; column < step->n_keys; column++)
        if (step->keys[column].place.token == token) return column;
    return -1;
}

Place *step_rows(Step *step) {
    return (Place *)step->rows;
}

Slot *step_keys(Step *step) {
    return (Slot *)step->keys;
}

Slot *step_evicted(Step *step) {
    return (Slot *)step->evicted;
}

float *step_site(Step *step, const Config *config, SiteId site, int layer) {
    assert(step->sites[site] && layer >= 0 && layer < (SITES[site].per_layer ? config->n_layers : 1));
    PassShape pass = step_shape(step);
    return (float *)step->sites[site] + layer * site_size(site, config, &pass);
}

const float *step_head_row(const Step *step, const Config *config, SiteId site, int layer, int head,
                           int row) {
    assert((SITES[site].shape == SITE_HEAD_ROW_KEY || SITES[site].shape == SITE_HEAD_ROW_SOURCE) &&
           layer < config->n_layers && head < config->n_heads && row < step->n_rows);
    size_t rows_before = ((size_t)layer * config->n_heads + head) * step->n_rows + row;
    size_t n = SITES[site].shape == SITE_HEAD_ROW_KEY ? step->n_keys : step->n_source;
    return step->sites[site] ? step->sites[site] + rows_before * n : NULL;
}

// With p = e^x / S, where x = logit − best and S = Σ e^x:  −Σ p ln p  =  ln S − Σ x e^x / S.
static double entropy_of_logits(const float *logits, int n) {
    float weights[1024], best = logits[0];
    double sum = 0, sum_x = 0;
    for (int i = 1; i < n; i++) best = fmaxf(best, logits[i]);
    for (int first = 0; first < n; first += 1024) {
        int n_here = n - first < 1024 ? n - first : 1024;
        sum += ops_exponentials(weights, logits + first, n_here, best, 1);
        for (int i = 0; i < n_here; i++)
            if (weights[i] > 0) sum_x += (double)weights[i] * ((double)logits[first + i] - (double)best);
    }
    return log(sum) - sum_x / sum;
}

// The candidates' own terms, and the least that the others add: none of them is likelier than the last
// candidate.
static double entropy_at_least(const Step *step) {
    double entropy = 0, rest = 1, last = 1;
    for (int i = 0; i < step->n_candidates; i++) {
        double p = (double)step->candidates[i].probability;
        if (p > 0) entropy -= p * log(p);
        rest -= p;
        last = fmin(last, p);
    }
    last = fmin(last, rest);
    return last > 0 ? entropy - rest * log(last) : entropy;
}

double step_entropy(const Step *step, const Config *config, bool *is_exact) {
    const float *logits = step->sites[SITE_LOGITS];
    *is_exact = logits || step->n_candidates == config->n_vocab;
    return fmax(0, logits ? entropy_of_logits(logits, config->n_vocab) : entropy_at_least(step)) / log(2);
}
