#include "cli/linger.h"

#include <algorithm>

namespace sseprof {
namespace {

constexpr Nanos kMost = std::chrono::seconds(30);
constexpr Nanos kMostAfterStop = std::chrono::seconds(2);

}  // namespace

Nanos LongestLinger(bool scraped, std::optional<Nanos> period, bool stopped) {
  if (!scraped) return Nanos{0};
  const Nanos most = stopped ? kMostAfterStop : kMost;
  return period ? std::min(2 * *period, most) : most;
}

}  // namespace sseprof
