#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/periodic.h"
#include "live/run_metrics.h"
#include "sseprof/time.h"

namespace sseprof {

/// When the run will be over: what is known of it.
struct ProgressGoal {
  std::optional<std::int64_t> requests;  ///< warm-up included
  std::optional<Nanos> duration;
};

/// The line of progress.
std::string ProgressLine(const RunReading& now, const RunReading* before, Nanos span,
                         const ProgressGoal& goal);

/// Tells on stderr how the run goes: a line every 5 s, or on a terminal one line that is rewritten
/// twice a second.
class Progress {
 public:
  /// @param metrics  outlives this
  Progress(const RunMetrics& metrics, const ProgressGoal& goal);
  /// Stops, leaving a clean line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void Print();
  void Show(const std::string& line);

  const RunMetrics& metrics_;
  const ProgressGoal goal_;
  const bool terminal_;
  std::optional<RunReading> before_;
  Instant printed_at_;
  std::optional<Periodic> printer_;
};

}  // namespace sseprof
