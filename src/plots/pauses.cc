#include "plots/pauses.h"

#include <algorithm>
#include <set>

namespace sseprof {
namespace {

constexpr std::size_t kMost = 500;
constexpr Nanos kSameEnd = std::chrono::milliseconds(2);

bool LongerOrEarlier(const Pause& a, const Pause& b) {
  return a.length_s != b.length_s ? a.length_s > b.length_s : a.end_s < b.end_s;
}
bool Earlier(const Pause& a, const Pause& b) { return a.end_s < b.end_s; }

}  // namespace

Pauses JoinPauses(const std::vector<StallCollector::Found>& stalls, Nanos zero) {
  Pauses joined;
  Nanos last_end{};
  std::set<std::int64_t> streams;
  for (const auto& stall : stalls) {
    if (!stall.shared) continue;
    if (joined.pauses.empty() || stall.end - last_end > kSameEnd) {
      joined.pauses.emplace_back();
      streams.clear();
    }
    Pause& pause = joined.pauses.back();
    streams.insert(stall.n);
    pause.end_s = ToSeconds(stall.end - zero);
    pause.length_s = std::max(pause.length_s, ToSeconds(stall.length));
    pause.streams = static_cast<std::uint32_t>(streams.size());
    last_end = stall.end;
  }
  joined.all = joined.pauses.size();
  if (joined.pauses.size() > kMost) {
    std::sort(joined.pauses.begin(), joined.pauses.end(), LongerOrEarlier);
    joined.pauses.resize(kMost);
    std::sort(joined.pauses.begin(), joined.pauses.end(), Earlier);
  }
  return joined;
}

}  // namespace sseprof
