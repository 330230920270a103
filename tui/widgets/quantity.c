#include "tui/widgets/quantity.h"
#include "core/decode/cost_formula.h"

const char *const QUANTITY_NAMES[] = {"FLOPs", N_("bytes read"), N_("time"), N_("token passes"),
                                      N_("attention pairs")};
const char *const QUANTITY_WORDS[] = {N_("flops"), N_("bytes"), N_("time"), N_("passes"), N_("pairs")};

static int64_t of_cost(const Cost *cost, Quantity quantity) {
    return quantity == QUANTITY_FLOPS   ? cost->flops
           : quantity == QUANTITY_BYTES ? cost_bytes_read(cost)
                                        : cost->nanoseconds;
}

int64_t quantity_of(const Step *step, Quantity quantity, bool recompute) {
    int64_t n_src = step_n_tokens(step), n_rows = recompute ? n_src : step->n_rows;
    if (quantity == QUANTITY_PASSES) return n_rows;
    if (quantity == QUANTITY_PAIRS) return n_rows * n_src;
    if (!step_has(step, recompute ? FACT_RECOMPUTE_COST : FACT_COST)) return NOT_MEASURED;
    return of_cost(recompute ? &step->recompute : &step->cached, quantity);
}

// Costs of a trace can be as large as a number there can be, and their sum larger than any.
static int64_t add(int64_t a, int64_t b) {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

int64_t quantity_until(const Timeline *timeline, int step, Quantity quantity, bool recompute) {
    int64_t sum = 0;
    for (int i = 0; i <= step; i++) {
        int64_t n = quantity_of(timeline->steps[i], quantity, recompute);
        if (n == NOT_MEASURED) return NOT_MEASURED;
        sum = add(sum, n);
    }
    return sum;
}

static int64_t flops_formula(const Timeline *timeline, int last, bool recompute) {
    int64_t sum = 0;
    for (int i = 0; i <= last; i++) {
        const Step *step = timeline->steps[i];
        PassShape shape = step_shape(step);
        if (recompute) shape.n_rows = shape.n_keys = step_n_tokens(step);
        if (recompute) shape.fills_cross = shape.n_source > 0;
        sum = add(sum, cost_formula(&timeline->config, &shape).flops);
    }
    return sum;
}

// 1² + 2² + ... + n²
static int64_t sum_of_squares(int64_t n) {
    return n * (n + 1) * (2 * n + 1) / 6;
}

// A prompt of p tokens, then a token a step: g steps in all, up to a text of n = p + g - 1 rows.
int64_t quantity_analytic(const Timeline *timeline, int step, Quantity quantity, bool recompute) {
    int64_t p = timeline->n_prompt, g = step + 1, n = p + g - 1;
    switch (quantity) {
    case QUANTITY_FLOPS:
        return flops_formula(timeline, step, recompute);
    case QUANTITY_PASSES:
        return recompute ? g * (p + n) / 2 : n;
    case QUANTITY_PAIRS:
        return recompute ? sum_of_squares(n) - sum_of_squares(p - 1) : p * p + (g - 1) * (p + 1 + n) / 2;
    default:
        return NOT_MEASURED;
    }
}

Formatted quantity_format(Quantity quantity, int64_t n) {
    if (quantity == QUANTITY_TIME) return format_time(n);
    if (quantity == QUANTITY_BYTES) return format_bytes(n);
    if (quantity == QUANTITY_FLOPS || n >= 1000000) return format_count((double)n);
    return format_grouped(n);
}
