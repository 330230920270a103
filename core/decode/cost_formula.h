// What a pass costs by formula, from sizes alone. Counted costs are held against it in every Step.
#ifndef KVSTEP_COST_FORMULA_H
#define KVSTEP_COST_FORMULA_H

#include "core/cache/cache_sizes.h"
#include "core/decode/pass_shape.h"
#include "core/math/cost.h"
#include "core/model/config.h"

// The cost of a pass with logits for its last row. nanoseconds is NOT_MEASURED.
Cost cost_formula(const Config *config, const PassShape *shape);

// The sizes of kvstep's own caches, which are f32, for cache_sizes.h's formulas: n_tokens in the text's
// cache, n_source in cross-attention's.
CacheSizes cache_sizes_of(const Config *config, int n_tokens, int n_source);

// Bytes of K and V of n_tokens, and of the source in cross-attention, by those formulas.
int64_t cache_bytes_formula(const Config *config, int n_tokens);
int64_t cross_cache_bytes_formula(const Config *config, int n_source);

#endif
