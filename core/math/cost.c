#include "core/math/cost.h"

void cost_add(Cost *sum, const Cost *cost) {
    bool is_measured = sum->nanoseconds != NOT_MEASURED && cost->nanoseconds != NOT_MEASURED;
    sum->flops += cost->flops;
    sum->weight_bytes += cost->weight_bytes;
    sum->cache_bytes += cost->cache_bytes;
    sum->cross_cache_bytes += cost->cross_cache_bytes;
    sum->cross_kv_flops += cost->cross_kv_flops;
    sum->nanoseconds = is_measured ? sum->nanoseconds + cost->nanoseconds : NOT_MEASURED;
}

int64_t cost_bytes_read(const Cost *cost) {
    return cost->weight_bytes + cost->cache_bytes + cost->cross_cache_bytes;
}
