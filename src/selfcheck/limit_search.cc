#include "selfcheck/limit_search.h"

#include <algorithm>

namespace sseprof {

namespace {

/// What is known so far; `bad` is beyond `bound` while nothing was.
struct Bracket {
  int bound;
  int good = 0;
  int bad = bound + 1;

  bool is_done() const {
    if (bad > bound) return good == bound;
    return bad - good <= (good > 0 ? std::max(1, good / 10) : 1);
  }
  int Next() const {
    if (good == 0) return bad / 2;
    if (bad > bound) return good > bound / 2 ? bound : 2 * good;
    return good + (bad - good) / 2;
  }
};

}  // namespace

FoundLimit FindLimit(int start, int bound, const std::function<Probed(int)>& probe) {
  Bracket known{.bound = bound};
  for (int load = std::min(start, bound); !known.is_done(); load = known.Next()) {
    const Probed probed = probe(load);
    (probed == Probed::kGood ? known.good : known.bad) = load;
    if (probed == Probed::kUnknown) break;
  }
  return {known.good, known.bad <= bound ? std::optional(known.bad) : std::nullopt};
}

}  // namespace sseprof
