#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "sseprof/time.h"

namespace sseprof {

/// Calls a function again and again, on a thread of its own, as long as it lives.
class Periodic {
 public:
  /// The first call is after one period. What it needs must outlive this.
  Periodic(Nanos period, std::function<void()> call);
  /// Waits for a call that runs; none comes after it.
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sseprof
