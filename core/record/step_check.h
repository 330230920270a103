// What is taught, checked on a Step: attention rows sum to 1, masked weights are exactly 0, residuals add up,
// the cache holds what its policy says, its bytes are the formula's, and counted costs are the analytic ones.
//
// Tests call it; with KVSTEP_CHECK_STEPS (`make asan`) every Session does, on every Step.
#ifndef KVSTEP_STEP_CHECK_H
#define KVSTEP_STEP_CHECK_H

#include "core/record/step.h"

// False, and an Error that says what is wrong.
bool step_check(const Step *step, const Config *config, Error *err);

#endif
