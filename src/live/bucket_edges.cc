#include "live/bucket_edges.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sseprof {
namespace {

/// `nanos` to four significant digits.
std::int64_t Rounded(double nanos) {
  const double unit = std::pow(10.0, std::floor(std::log10(nanos)) - 3);
  return std::llround(std::round(nanos / unit) * unit);
}

/// The least value of a slot (see SlotOf).
std::int64_t LeastOf(std::size_t slot) {
  if (slot < 32) return static_cast<std::int64_t>(slot);
  const std::size_t shift = slot / 16 - 1;
  return static_cast<std::int64_t>(slot % 16 + 16) << shift;
}

}  // namespace

BucketEdges::BucketEdges(int per_decade, Nanos first, Nanos last, const std::vector<Nanos>& more) {
  const auto from = static_cast<double>(first.count());
  for (int i = 0;; ++i) {
    const double edge = from * std::pow(10.0, static_cast<double>(i) / per_decade);
    if (edge >= static_cast<double>(last.count())) break;
    edges_.push_back(Rounded(edge));
  }
  edges_.push_back(last.count());
  for (const Nanos edge : more) edges_.push_back(edge.count());
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());

  const std::size_t slots = SlotOf(std::numeric_limits<std::int64_t>::max()) + 1;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const auto bucket = std::lower_bound(edges_.begin(), edges_.end(), LeastOf(slot));
    starts_.push_back(static_cast<std::uint16_t>(bucket - edges_.begin()));
  }
}

}  // namespace sseprof
