// The cost of a step in several quantities, cached and recomputed; shared by the compute panel and view.
#ifndef KVSTEP_TUI_QUANTITY_H
#define KVSTEP_TUI_QUANTITY_H

#include "tui/app/app.h"
#include "tui/screen/format.h"

typedef enum Quantity {
    QUANTITY_FLOPS,
    QUANTITY_BYTES, // read: weights and cache
    QUANTITY_TIME,
    QUANTITY_PASSES, // of a token through projections and MLPs: rows
    QUANTITY_PAIRS,  // of a row and a src, in one layer and head; the masked ones are computed too
    QUANTITY_COUNT
} Quantity;

extern const char *const QUANTITY_NAMES[QUANTITY_COUNT];
extern const char *const QUANTITY_WORDS[QUANTITY_COUNT]; // for the command "quantity"

// NOT_MEASURED for a time that was not measured.
int64_t quantity_of(const Step *step, Quantity quantity, bool recompute);
// The sum over the steps 0 ... step; NOT_MEASURED if any of them is.
int64_t quantity_until(const Timeline *timeline, int step, Quantity quantity, bool recompute);
// The same from formulas instead of counts: FLOPs by cost_formula(), passes and pairs in closed form.
// NOT_MEASURED for time and for bytes, because bytes depend on biases, which a trace does not record.
int64_t quantity_analytic(const Timeline *timeline, int step, Quantity quantity, bool recompute);
Formatted quantity_format(Quantity quantity, int64_t n);

#endif
