#pragma once

#include <memory>

#include "compare/run_data.h"
#include "sseprof/record.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// Gathers what inference needs of a run from its records. Takes 16 bytes for each gap and each
/// output event, and 24 for each gap in what it makes. Not thread-safe.
class RunSampler {
 public:
  explicit RunSampler(const RunContext& context);
  ~RunSampler();
  RunSampler(RunSampler&&) noexcept;

  /// In any order: the result is a function of the set of records.
  void Add(const RequestRecord& record);

  /// @param summary  of the same records. Call it last, and once.
  RunSamples Finish(const Summary& summary);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
