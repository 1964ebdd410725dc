#pragma once

#include <optional>

#include "cli/periodic.h"
#include "cli/progress_block.h"
#include "cli/progress_figures.h"
#include "live/run_metrics.h"
#include "sseprof/time.h"

namespace sseprof {

/// Tells on stderr how the run goes: on a terminal a block of some lines that is drawn in place
/// twice a second, elsewhere a line every 5 s. Nobody else writes there meanwhile.
class Progress {
 public:
  /// @param metrics  outlives this; the load is about to begin
  Progress(const RunMetrics& metrics, const ProgressGoal& goal);
  /// Stops, and takes the block away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void Read(Instant now) { history_.Add(now, metrics_.Read(now)); }
  void Update();
  void DrawBlock(Instant now);

  const RunMetrics& metrics_;
  ProgressHistory history_;
  std::optional<ProgressBlock> block_;  ///< none where no cursor can be moved
  Instant drawn_at_{};
  int periods_ = 0;
  std::optional<Periodic> printer_;
};

}  // namespace sseprof
