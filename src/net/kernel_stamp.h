#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// Places CLOCK_REALTIME stamps of the kernel on CLOCK_MONOTONIC:
/// arrival = mono_now - (real_now - stamp).
class ClockMap {
 public:
  /// Reads both clocks; again while the reading took longer than 5 us (a few times at most).
  void Refresh();
  Instant ToMonotonic(Nanos real) const { return Instant{real - offset_}; }

 private:
  Nanos offset_{};
};

/// One look at what waits in a socket's receive queue, without taking it.
struct Peek {
  std::size_t bytes = 0;       ///< how many wait (up to the length asked for)
  std::optional<Nanos> stamp;  ///< CLOCK_REALTIME receive time of the segment with the last of them
};

/// Asks the kernel to stamp what this TCP socket receives. False if it can't.
bool EnableReceiveStamps(int fd);

inline constexpr std::size_t kLongestPeek = 16 * 1024;

/// Looks at up to `length` bytes (kLongestPeek at most); copies them to `copy` if it is not empty
/// (then length is its size). No bytes waiting: bytes = 0.
Peek PeekStamp(int fd, std::size_t length);
Peek PeekCopy(int fd, std::span<char> copy);

/// The kernel switches stamping on late for the first socket that asks. One of these waits until it
/// works (a second at most), and keeps it on while it lives, so that no stamp is missing.
class StampingHeldOn {
 public:
  StampingHeldOn();
  ~StampingHeldOn();
  StampingHeldOn(const StampingHeldOn&) = delete;
  StampingHeldOn& operator=(const StampingHeldOn&) = delete;
  /// False: this machine stamps nothing.
  bool works() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace sseprof
