#include "cli/periodic.h"

#include <utility>

#include "net/clock.h"

namespace sseprof {

Periodic::Periodic(Nanos period, std::function<void()> call)
    : thread_([this, period, call = std::move(call)] {
        std::unique_lock lock(mutex_);
        Instant due = MonotonicNow() + period;
        while (!stop_.wait_for(lock, due - MonotonicNow(), [this] { return stopping_; })) {
          lock.unlock();
          call();
          lock.lock();
          while (due <= MonotonicNow()) due += period;
        }
      }) {}

Periodic::~Periodic() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

}  // namespace sseprof
