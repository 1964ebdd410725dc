#pragma once

#include <cstdint>

#include "sseprof/time.h"

namespace sseprof {

inline constexpr Nanos kFinestBin = std::chrono::milliseconds(100);

/// The next coarser width of bins that are gathered before the length of the run is known:
/// 0.1 s, 0.2 s, 1 s, 2 s, 10 s, 20 s, 100 s .. Each is a multiple of the one before.
Nanos NextGathered(Nanos width);

/// What a plot over time holds.
struct BinDemand {
  Nanos extent{};           ///< from its first to its last instant
  std::uint64_t count = 0;  ///< of what is to be binned
  double least = 0;         ///< of it in a bin, on average
};

/// The width in which a plot over time is drawn: of 0.1 s, 0.2 s, 0.5 s, 1 s, 2 s, 5 s .. the
/// smallest multiple of `gathered` that gives at most 300 bins and enough in each; or at most
/// 8 bins, however little there is.
Nanos DrawnWidth(Nanos gathered, const BinDemand& demand);

}  // namespace sseprof
