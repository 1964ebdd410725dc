#pragma once

#include <string>

#include "cli/exit_status.h"
#include "cli/load_stop.h"
#include "cli/metrics_page.h"
#include "cli/run_setup.h"
#include "cli/stop_signal.h"
#include "sseprof/time.h"

namespace sseprof {

/// What a run came to.
struct RunOutcome {
  int status = kExitGood;
  /// Why it is not good, in one line but for what a server put into it; empty where a signal ended
  /// the run.
  std::string problem;
  Instant ended_at{};  ///< of its load
};

/// "run 2 of 3"; empty if it is the only one.
std::string RunTitle(int number, int runs);

/// What the runs of one command have in common.
struct RunSurroundings {
  MetricsPage& page;
  LoadStop& stop;
  const StopSignal& signal;  ///< stops `stop`
};

/// Does run `number` of `setup.run.repeat`, from 1: from its first request to its files and its
/// report on stdout. All that there is to write is written when it returns, also if a signal ended
/// the run. The first one waits for --metrics-wait.
/// @throws UsageError if the run can't begin; whatever an event loop threw
RunOutcome RunOnce(const RunSetup& setup, int number, const RunSurroundings& around);

}  // namespace sseprof
