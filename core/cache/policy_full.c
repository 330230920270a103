// Every token stays, so slot s holds token s, and the cache grows with the text.
#include "core/cache/policy.h"

const CachePolicy POLICY_FULL = {.name = "full"};
