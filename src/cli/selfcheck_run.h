#pragma once

#include <string>

#include "cli/load_stop.h"
#include "net/curl_transport.h"
#include "selfcheck/selfcheck.h"

namespace sseprof {

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
