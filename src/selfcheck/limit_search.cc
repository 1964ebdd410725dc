#include "selfcheck/limit_search.h"

#include <algorithm>

namespace sseprof {

FoundLimit FindLimit(int start, int bound, const std::function<bool(int)>& is_good) {
  int good = 0;
  int bad = bound + 1;
  for (int load = std::min(start, bound); good < bound && bad > 1;) {
    (is_good(load) ? good : bad) = load;
    if (good > 0 && bad <= bound) break;
    load = good > 0 ? (good > bound / 2 ? bound : 2 * good) : bad / 2;
  }
  while (good > 0 && bad <= bound && bad - good > std::max(1, good / 10)) {
    const int load = good + (bad - good) / 2;
    (is_good(load) ? good : bad) = load;
  }
  return {good, bad <= bound ? std::optional(bad) : std::nullopt};
}

}  // namespace sseprof
