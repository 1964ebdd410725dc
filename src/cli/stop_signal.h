#pragma once

#include <atomic>
#include <csignal>
#include <optional>

#include "sseprof/time.h"

namespace sseprof {

/// What ends when the user says so.
class StopTarget {
 public:
  virtual ~StopTarget() = default;
  /// Must be async-signal-safe.
  virtual void OnStop() noexcept = 0;
};

/// While it lives, the first SIGINT or SIGTERM stops the target, and a second one leaves the
/// process at once. One at a time.
class StopSignal {
 public:
  explicit StopSignal(StopTarget& target);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// The signal that came; 0: none.
  int number() const { return number_.load(std::memory_order_acquire); }
  /// When it came.
  std::optional<Instant> at() const;

 private:
  static void Handle(int number);

  StopTarget& target_;
  std::atomic<int> number_{0};
  std::atomic<Instant> at_{};
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

}  // namespace sseprof
