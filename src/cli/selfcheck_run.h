#pragma once

#include <atomic>
#include <string>

#include "cli/run_load.h"
#include "cli/stop_signal.h"
#include "selfcheck/selfcheck.h"

namespace sseprof {

/// Stops the load that runs, whichever that is, and every later one.
class LoadStop final : public StopTarget {
 public:
  void OnStop() noexcept override;
  /// From the thread that runs the loads; null: none runs.
  void Watch(RunLoad* load);

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<RunLoad*> load_{nullptr};
};

/// One load against a simulated server of its own.
struct SelfcheckLoad {
  SelfcheckSettings settings;
  CorePlan cores;
  std::string phase;
  TimestampKind timestamps = TimestampKind::kKernel;
};

/// Starts the simulated server, profiles it as `run` would, ends it, and joins the records with its
/// log. A load that was stopped gives an empty run: look at the signal.
/// @throws UsageError if nothing can be started, TruthMismatch
SelfcheckRun ProfileSim(const SelfcheckLoad& load, LoadStop& stop);

}  // namespace sseprof
