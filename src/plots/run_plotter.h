#pragma once

#include <memory>

#include "plots/run_plots.h"
#include "sseprof/record.h"
#include "sseprof/run_context.h"
#include "sseprof/summary.h"

namespace sseprof {

/// Bins a run for its plots. Memory does not grow with the number of gaps: about 20 MiB at most,
/// and 150 bytes for each request. What it makes is a function of the set of records. Not
/// thread-safe.
class RunPlotter {
 public:
  explicit RunPlotter(const RunContext& context);
  ~RunPlotter();
  RunPlotter(RunPlotter&&) noexcept;

  void Add(const RequestRecord& record);

  /// @param summary  of the same records
  RunPlots Finish(const Summary& summary) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
