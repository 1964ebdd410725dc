#include "live/bucket_edges.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sseprof {
namespace {

/// True if its seconds have four significant digits at most where they are printed with 16, as
/// prometheus-cpp does: of some numbers the nearest double then shows.
bool PrintsShort(std::int64_t nanos) {
  const double seconds = ToSeconds(Nanos{nanos});
  return fmt::format("{:.16g}", seconds) == fmt::format("{:.4g}", seconds);
}

/// `nanos` to four significant digits, or the next such number that prints so.
std::int64_t Rounded(double nanos) {
  const double unit = std::pow(10.0, std::floor(std::log10(nanos)) - 3);
  std::int64_t rounded = std::llround(std::round(nanos / unit) * unit);
  while (!PrintsShort(rounded)) rounded += std::llround(unit);
  return rounded;
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
