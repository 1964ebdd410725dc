#pragma once

#include <functional>
#include <optional>

namespace sseprof {

/// What is known of a load after it was tried.
enum class Probed {
  kGood,
  kBad,
  kUnknown,  ///< nor will others be: the search ends
};

struct FoundLimit {
  int limit = 0;  ///< the largest load found good; 0: none
  /// The smallest load found bad, or the one that ended the search; absent: none up to the bound.
  std::optional<int> first_bad;
};

/// Searches the largest good load from 1 to `bound`: doubles from `start` (or halves, if that is
/// bad), then bisects until both ends are within 10 % of each other. Loads above a bad one are
/// never tried. @pre start and bound at least 1
FoundLimit FindLimit(int start, int bound, const std::function<Probed(int)>& probe);

}  // namespace sseprof
