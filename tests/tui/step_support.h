// Steps for tests that no decoder has made.
#ifndef KVSTEP_TESTS_STEP_SUPPORT_H
#define KVSTEP_TESTS_STEP_SUPPORT_H

#include "core/decode/cost_formula.h"
#include "core/record/timeline.h"
#include "tests/support.h"

// A Step over tokens first ... first + n_rows - 1 with a full cache. The numbers of its sites are 0.
static inline Step *plain_step(const Config *config, int index, int first, int n_rows, SiteMask sites) {
    int n_tokens = first + n_rows;
    PassShape shape = {.n_rows = n_rows, .n_keys = n_tokens}, all = {.n_rows = n_tokens, .n_keys = n_tokens};
    Step *step = step_new(NULL, config, &(StepSizes){.pass = shape, .sites = sites});
    assert_non_null(step);
    step->index = index;
    step->phase = index == 0 ? STEP_PREFILL : STEP_DECODE;
    step->facts = FACT_CACHE | FACT_COST | FACT_RECOMPUTE_COST | FACT_CHOICE;
    for (int row = 0; row < n_rows; row++) step_rows(step)[row] = (Place){0, first + row, first + row};
    for (int i = 0; i < n_tokens; i++)
        step_keys(step)[i] = (Slot){{0, i, i}, i, i < first ? SLOT_READ : SLOT_STORED};
    step->cache = (CacheFacts){.length = n_tokens,
                               .capacity = config->n_ctx,
                               .bytes = cache_bytes_formula(config, n_tokens),
                               .bytes_formula = cache_bytes_formula(config, n_tokens),
                               .bytes_per_token = cache_bytes_formula(config, 1)};
    step->cached = cost_formula(config, &shape);
    step->recompute = cost_formula(config, &all);
    return step;
}

#endif
