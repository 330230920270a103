// A Step is one block of memory:
//
//     | Step | candidates | candidate texts | site | site | ... |
#include "core/record/step.h"

#include <assert.h>
#include <math.h>
#include <stdalign.h>
#include <stdlib.h>

#include "core/math/ops.h"

static size_t round_up(size_t n) {
    return (n + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

static size_t site_bytes(SiteId site, const Config *config, int n_rows, int n_src) {
    size_t n_layers = SITES[site].per_layer ? config->n_layers : 1;
    return round_up(n_layers * (size_t)site_size(site, config, n_rows, n_src) * sizeof(float));
}

size_t step_sites_bytes(const Config *config, int first_position, int n_rows, SiteMask sites) {
    size_t total = 0;
    for (int site = 0; site < SITE_COUNT; site++)
        if (sites & SITE_BIT(site)) total += site_bytes(site, config, n_rows, first_position + n_rows);
    return total;
}

Step *step_new(StepPool *pool, const Config *config, int first_position, int n_rows, int n_candidates,
               SiteMask sites) {
    int n_src = first_position + n_rows;
    sites = (sites | SITE_WEIGHTS) & sites_of_config(config);
    size_t candidates_at = round_up(sizeof(Step));
    size_t texts_at = candidates_at + round_up(n_candidates * sizeof(Candidate));
    size_t sites_at = texts_at + round_up(n_candidates * sizeof(Text));
    size_t n_bytes = sites_at + step_sites_bytes(config, first_position, n_rows, sites);
    StepBlock *owner = NULL;
    char *block = pool ? step_pool_take(pool, n_bytes, &owner) : calloc(1, n_bytes);
    if (!block) return NULL;

    Step *step = (Step *)block;
    step->n_owners = 1;
    step->block = owner;
    step->first_position = first_position;
    step->n_rows = n_rows;
    step->phase = first_position == 0 ? STEP_PREFILL : STEP_DECODE;
    step->n_candidates = n_candidates;
    step->candidates = (Candidate *)(block + candidates_at);
    step->candidate_texts = (Text *)(block + texts_at);
    size_t next = sites_at;
    for (int site = 0; site < SITE_COUNT; site++) {
        if (!(sites & SITE_BIT(site))) continue;
        step->sites[site] = (const float *)(block + next);
        next += site_bytes(site, config, n_rows, n_src);
    }
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

int step_n_src(const Step *step) {
    return step->first_position + step->n_rows;
}

float *step_site(Step *step, const Config *config, SiteId site, int layer) {
    assert(step->sites[site] && layer >= 0 && layer < (SITES[site].per_layer ? config->n_layers : 1));
    return (float *)step->sites[site] + layer * site_size(site, config, step->n_rows, step_n_src(step));
}

const float *step_head_row(const Step *step, const Config *config, SiteId site, int layer, int head,
                           int row) {
    assert((SITES[site].shape == SITE_HEAD_ROW_SRC || SITES[site].shape == SITE_HEAD_ROW_SOURCE) &&
           layer < config->n_layers && head < config->n_heads && row < step->n_rows);
    size_t rows_before = ((size_t)layer * config->n_heads + head) * step->n_rows + row;
    size_t n = SITES[site].shape == SITE_HEAD_ROW_SRC ? step_n_src(step) : config->n_source;
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

const Step *timeline_step_of(const Timeline *timeline, int step_index, int position) {
    int first = 0, last = step_index;
    if (last < 0) return NULL;
    while (first < last) { // first_position rises from Step to Step
        int middle = first + (last - first + 1) / 2;
        if (timeline->steps[middle]->first_position <= position)
            first = middle;
        else
            last = middle - 1;
    }
    const Step *step = timeline->steps[first];
    return position >= step->first_position && position < step_n_src(step) ? step : NULL;
}

int timeline_n_common(const Timeline *a, const Timeline *b) {
    int n = 0;
    while (n < a->n_tokens && n < b->n_tokens && a->tokens[n].id == b->tokens[n].id) n++;
    return n;
}

int timeline_n_passed(const Timeline *timeline) {
    return timeline->n_steps > 0 ? step_n_src(timeline->steps[timeline->n_steps - 1]) : 0;
}

// Attention weights are shares: they sum to 1 within the rounding of a float sum, and a token's that the mask
// hides is exactly 0: a later one, or one before the window.
static bool check_row(const Step *step, const Config *config, SiteId site, int layer, int head, int row,
                      Error *err) {
    const float *weights = step_head_row(step, config, site, layer, head, row);
    int position = step->first_position + row, window = config_window(config, layer);
    int first = config_first_visible(window, position);
    bool is_cross = site == SITE_CROSS_ATTENTION;
    int n = is_cross ? config->n_source : step_n_src(step);
    double sum = 0;
    for (int src = 0; src < n; src++) {
        sum += weights[src];
        if (!is_cross && (src > position || src < first) && weights[src] != 0)
            return error_set(err,
                             "step %d, layer %d, head %d, row %d looks at token %d, which the mask hides",
                             step->index, layer, head, row, src);
    }
    return fabs(sum - 1) < 1e-4 ||
           error_set(err, "step %d, layer %d, head %d, row %d: the weights of %s sum to %.9g, not to 1",
                     step->index, layer, head, row, SITES[site].name, sum);
}

static bool check_attention(const Step *step, const Config *config, SiteId site, Error *err) {
    if (!step->sites[site]) return true;
    for (int layer = 0; layer < config->n_layers; layer++)
        for (int head = 0; head < config->n_heads; head++)
            for (int row = 0; row < step->n_rows; row++)
                if (!check_row(step, config, site, layer, head, row, err)) return false;
    return true;
}

static bool check_sum(const Step *step, const Config *config, const float *input, SiteId sublayer,
                      SiteId residual, int layer, Error *err) {
    if (!input || !step->sites[sublayer] || !step->sites[residual]) return true;
    int64_t size = site_size(residual, config, step->n_rows, step_n_src(step));
    const float *b = step->sites[sublayer] + layer * size, *r = step->sites[residual] + layer * size;
    for (int64_t i = 0; i < size; i++)
        if (r[i] != input[i] + b[i])
            return error_set(err, "step %d, layer %d: %s is not the residual stream plus %s", step->index,
                             layer, SITES[residual].name, SITES[sublayer].name);
    return true;
}

static const float *site_of_layer(const Step *step, SiteId site, int layer, int64_t size) {
    return step->sites[site] ? step->sites[site] + layer * size : NULL;
}

static bool check_residuals(const Step *step, const Config *config, Error *err) {
    static const SiteId SUBLAYERS[][2] = {{SITE_ATTENTION_OUTPUT, SITE_RESIDUAL_ATTENTION},
                                          {SITE_CROSS_OUTPUT, SITE_RESIDUAL_CROSS},
                                          {SITE_MLP_OUTPUT, SITE_RESIDUAL_MLP}};
    const float *input = step->sites[SITE_EMBEDDING];
    int64_t size = site_size(SITE_RESIDUAL_MLP, config, step->n_rows, step_n_src(step));
    for (int layer = 0; layer < config->n_layers; layer++)
        for (size_t i = 0; i < sizeof SUBLAYERS / sizeof *SUBLAYERS; i++) {
            if (!(sites_of_config(config) & SITE_BIT(SUBLAYERS[i][1]))) continue;
            if (!check_sum(step, config, input, SUBLAYERS[i][0], SUBLAYERS[i][1], layer, err)) return false;
            input = site_of_layer(step, SUBLAYERS[i][1], layer, size);
        }
    return true;
}

static bool check_cost(const Step *step, const char *way, const Cost *cost, Cost formula, Error *err) {
    if (cost->flops == formula.flops && cost->weight_bytes == formula.weight_bytes &&
        cost->cache_bytes == formula.cache_bytes && cost->cross_cache_bytes == formula.cross_cache_bytes &&
        cost->cross_kv_flops == formula.cross_kv_flops)
        return true;
    return error_set(err,
                     "step %d, %s: counted %lld FLOPs, %lld B of weights, %lld B of cache; the formula says "
                     "%lld, %lld, %lld",
                     step->index, way, (long long)cost->flops, (long long)cost->weight_bytes,
                     (long long)cost->cache_bytes, (long long)formula.flops, (long long)formula.weight_bytes,
                     (long long)formula.cache_bytes);
}

bool step_check(const Step *step, const Config *config, Error *err) {
    const CacheFacts *cache = &step->cache;
    if (cache->bytes != cache_bytes_formula(config, cache->length) || cache->length != step_n_src(step))
        return error_set(err, "step %d: the cache holds %lld B for %d tokens, the formula says %lld",
                         step->index, (long long)cache->bytes, cache->length,
                         (long long)cache_bytes_formula(config, step_n_src(step)));
    if (cache->cross_bytes != cross_cache_bytes_formula(config))
        return error_set(err, "step %d: cross-attention's cache holds %lld B, the formula says %lld",
                         step->index, (long long)cache->cross_bytes,
                         (long long)cross_cache_bytes_formula(config));
    return check_cost(step, "cached", &step->cached,
                      cost_formula(config, step->first_position, step->n_rows, 1), err) &&
           check_cost(step, "recomputed", &step->recompute, cost_formula(config, 0, step_n_src(step), 1),
                      err) &&
           check_attention(step, config, SITE_ATTENTION, err) &&
           check_attention(step, config, SITE_CROSS_ATTENTION, err) && check_residuals(step, config, err);
}
