#pragma once

#include <atomic>

#include "cli/stop_signal.h"

namespace sseprof {

/// Stops the load that runs, whichever that is, and every later one.
class LoadStop final : public StopTarget {
 public:
  void OnStop() noexcept override;
  bool stopped() const noexcept { return stopped_.load(); }

  /// While it lives, this load is the one that runs. One at a time; the load outlives it.
  class Watch {
   public:
    Watch(LoadStop& stop, StopTarget& load);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    LoadStop& stop_;
  };

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<StopTarget*> load_{nullptr};
  std::atomic<int> stopping_{0};  ///< threads inside of OnStop
};

}  // namespace sseprof
