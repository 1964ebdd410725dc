#include "cli/load_stop.h"

#include <thread>

namespace sseprof {

void LoadStop::OnStop() noexcept {
  ++stopping_;
  stopped_.store(true);
  if (StopTarget* load = load_.load()) load->OnStop();
  --stopping_;
}

LoadStop::Watch::Watch(LoadStop& stop, StopTarget& load) : stop_(stop) {
  stop_.load_.store(&load);
  if (stop_.stopped()) load.OnStop();
}

LoadStop::Watch::~Watch() {
  stop_.load_.store(nullptr);
  // A signal is handled on any thread, and may have found the load before.
  while (stop_.stopping_.load() > 0) std::this_thread::yield();
}

}  // namespace sseprof
