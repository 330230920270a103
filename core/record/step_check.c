#include "core/record/step_check.h"

#include <math.h>

#include "core/decode/cost_formula.h"

// One row of one head, of a site with attention weights.
typedef struct HeadRow {
    SiteId site;
    int layer, head, row;
} HeadRow;

static bool sees(const Step *step, const Config *config, const HeadRow *at, int column) {
    if (at->site == SITE_CROSS_ATTENTION) return true; // the whole source
    return place_sees(step->rows[at->row], step->keys[column].place, config_window(config, at->layer));
}

// Attention weights are shares: they sum to 1 within the rounding of a float sum, and what the mask hides is
// exactly 0.
static bool check_row(const Step *step, const Config *config, const HeadRow *at, Error *err) {
    const float *weights = step_head_row(step, config, at->site, at->layer, at->head, at->row);
    int n = at->site == SITE_CROSS_ATTENTION ? step->n_source : step->n_keys;
    double sum = 0;
    for (int column = 0; column < n; column++) {
        sum += weights[column];
        if (weights[column] != 0 && !sees(step, config, at, column))
            return error_set(err,
                             "step %d, layer %d, head %d, row %d looks at token %d, which the mask hides",
                             step->index, at->layer, at->head, at->row, step->keys[column].place.token);
    }
    return fabs(sum - 1) < 1e-4 ||
           error_set(err, "step %d, layer %d, head %d, row %d: the weights of %s sum to %.9g, not to 1",
                     step->index, at->layer, at->head, at->row, SITES[at->site].name, sum);
}

static bool check_attention(const Step *step, const Config *config, SiteId site, Error *err) {
    if (!step->sites[site]) return true;
    HeadRow at = {.site = site};
    for (at.layer = 0; at.layer < config->n_layers; at.layer++)
        for (at.head = 0; at.head < config->n_heads; at.head++)
            for (at.row = 0; at.row < step->n_rows; at.row++)
                if (!check_row(step, config, &at, err)) return false;
    return true;
}

// The residual stream after each part of a layer is what it was before, plus what the part adds.
static bool check_residuals(const Step *step, const Config *config, Error *err) {
    static const SiteId PARTS[][2] = {{SITE_ATTENTION_OUTPUT, SITE_RESIDUAL_ATTENTION},
                                      {SITE_CROSS_OUTPUT, SITE_RESIDUAL_CROSS},
                                      {SITE_MLP_OUTPUT, SITE_RESIDUAL_MLP}};
    const float *before = step->sites[SITE_EMBEDDING];
    int64_t size = (int64_t)step->n_rows * config->d_model;
    for (int layer = 0; layer < config->n_layers; layer++)
        for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
            const float *adds = step->sites[PARTS[i][0]], *after = step->sites[PARTS[i][1]];
            if (!(sites_of(config, step->n_source) & SITE_BIT(PARTS[i][1]))) continue;
            if (after) after += layer * size;
            for (int64_t n = 0; before && adds && after && n < size; n++)
                if (after[n] != before[n] + adds[layer * size + n])
                    return error_set(err, "step %d, layer %d: %s is not the residual stream plus %s",
                                     step->index, layer, SITES[PARTS[i][1]].name, SITES[PARTS[i][0]].name);
            before = after;
        }
    return true;
}

static bool check_cost(const Step *step, StepFact fact, PassShape shape, const Config *config, Error *err) {
    const Cost *cost = fact == FACT_COST ? &step->cached : &step->recompute;
    if (!step_has(step, fact)) return true;
    Cost formula = cost_formula(config, &shape);
    if (cost->flops == formula.flops && cost->weight_bytes == formula.weight_bytes &&
        cost->cache_bytes == formula.cache_bytes && cost->cross_cache_bytes == formula.cross_cache_bytes &&
        cost->cross_kv_flops == formula.cross_kv_flops)
        return true;
    return error_set(err,
                     "step %d, %s: counted %lld FLOPs, %lld B of weights, %lld B of cache; the formula says "
                     "%lld, %lld, %lld",
                     step->index, fact == FACT_COST ? "cached" : "recomputed", (long long)cost->flops,
                     (long long)cost->weight_bytes, (long long)cost->cache_bytes, (long long)formula.flops,
                     (long long)formula.weight_bytes, (long long)formula.cache_bytes);
}

// Every row stored its key; every other column was read; no token has two columns.
static bool check_keys(const Step *step, Error *err) {
    int n_stored = 0;
    for (int column = 0; column < step->n_keys; column++) {
        const Slot *slot = &step->keys[column];
        bool is_row = step_row_of(step, slot->place.token) >= 0;
        n_stored += is_row;
        if (step_column_of(step, slot->place.token) != column)
            return error_set(err, "step %d: token %d has two slots", step->index, slot->place.token);
        if (!(slot->events & SLOT_STORED) != !is_row || !(slot->events & SLOT_READ) == !is_row)
            return error_set(
                err, "step %d: slot %d holds token %d and does not say rightly whether it was stored or read",
                step->index, slot->number, slot->place.token);
    }
    return n_stored == step->n_rows ||
           error_set(err, "step %d: %d of %d rows have a slot", step->index, n_stored, step->n_rows);
}

static bool check_cache(const Step *step, const Config *config, Error *err) {
    const CacheFacts *cache = &step->cache;
    if (!step_has(step, FACT_CACHE)) return true;
    int64_t bytes = cache_bytes_formula(config, cache->length);
    int64_t cross_bytes = cross_cache_bytes_formula(config, step->n_source);
    if (cache->bytes != bytes || cache->bytes_formula != bytes)
        return error_set(err, "step %d: the cache holds %lld B for %d tokens, the formula says %lld",
                         step->index, (long long)cache->bytes, cache->length, (long long)bytes);
    if (cache->length > cache->capacity)
        return error_set(err, "step %d: the cache has %d slots and uses %d", step->index, cache->capacity,
                         cache->length);
    return cache->cross_bytes == cross_bytes ||
           error_set(err, "step %d: cross-attention's cache holds %lld B, the formula says %lld", step->index,
                     (long long)cache->cross_bytes, (long long)cross_bytes);
}

bool step_check(const Step *step, const Config *config, Error *err) {
    int n_tokens = step_n_tokens(step);
    PassShape again = {n_tokens, n_tokens, step->n_source, step->n_source > 0};
    return check_keys(step, err) && check_cache(step, config, err) &&
           check_cost(step, FACT_COST, step_shape(step), config, err) &&
           check_cost(step, FACT_RECOMPUTE_COST, again, config, err) &&
           check_attention(step, config, SITE_ATTENTION, err) &&
           check_attention(step, config, SITE_CROSS_ATTENTION, err) && check_residuals(step, config, err);
}
