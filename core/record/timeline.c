#include "core/record/timeline.h"

const Step *timeline_step_of(const Timeline *timeline, int step_index, int token) {
    int first = 0, last = step_index;
    if (last < 0) return NULL;
    while (first < last) { // step_n_tokens() rises from Step to Step
        int middle = first + (last - first) / 2;
        if (step_n_tokens(timeline->steps[middle]) > token)
            last = middle;
        else
            first = middle + 1;
    }
    const Step *step = timeline->steps[first];
    return step_row_of(step, token) >= 0 ? step : NULL;
}

int timeline_n_common(const Timeline *a, const Timeline *b) {
    int n = 0;
    while (n < a->n_tokens && n < b->n_tokens && a->tokens[n].id == b->tokens[n].id) n++;
    return n;
}

int timeline_n_passed(const Timeline *timeline) {
    return timeline->n_steps > 0 ? step_n_tokens(timeline->steps[timeline->n_steps - 1]) : 0;
}
