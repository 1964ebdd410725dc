#include "net/arrivals.h"

#include <algorithm>

namespace sseprof {
namespace {

constexpr Nanos kClockSlack = std::chrono::microseconds{50};

}  // namespace

bool SocketArrivals::Begin(const QueueLook& look, Instant now) {
  buffers_.clear();
  for (const QueueLook::Point& point : look.points) {
    if (point.stamp < empty_at_ - kClockSlack || point.stamp > now) {
      buffers_.clear();
      return false;
    }
  }
  Instant before = empty_at_;
  Instant last = before;
  Instant last_stamp{};
  // Where a buffer ends inside what follows a point, the first bytes behind the point are of it.
  bool last_ends = false;
  for (const QueueLook::Point& point : look.points) {
    if (point.stamp != last_stamp && last_ends) before = last;
    last_stamp = point.stamp;
    last_ends = point.buffer_ends;
    last = std::max(point.stamp, before);
    buffers_.push_back(
        {.end = point.length, .at = last, .width = last - before, .end_known = point.buffer_ends});
  }
  return !buffers_.empty();
}

WireBuffer SocketArrivals::At(std::size_t offset, Instant now) const {
  const auto it = std::upper_bound(buffers_.begin(), buffers_.end(), offset,
                                   [](std::size_t o, const WireBuffer& b) { return o < b.end; });
  if (it != buffers_.end()) return *it;
  const Instant floor = buffers_.empty() ? empty_at_ : buffers_.back().at;
  const Instant at = std::max(now, floor);
  return {.end = SIZE_MAX, .at = at, .width = at - floor, .end_known = false};
}

void SocketArrivals::End(bool took_all, Instant before) {
  buffers_.clear();
  if (took_all) EmptyAt(before);
}

}  // namespace sseprof
