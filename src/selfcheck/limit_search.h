#pragma once

#include <functional>
#include <optional>

namespace sseprof {

struct FoundLimit {
  int limit = 0;                 ///< the largest load found good; 0: none
  std::optional<int> first_bad;  ///< the smallest load found bad; absent: none up to the bound
};

/// Searches the largest good load from 1 to `bound`: doubles from `start` (or halves, if that is
/// bad), then bisects until both ends are within 10 % of each other. Loads above a bad one are
/// never tried. @pre start and bound at least 1
FoundLimit FindLimit(int start, int bound, const std::function<bool(int)>& is_good);

}  // namespace sseprof
