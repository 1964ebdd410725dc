#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/suite_folder.h"
#include "cli/suite_server.h"
#include "suite/plan.h"

namespace sseprof {

/// What a variant came to.
struct SuiteRow {
  std::vector<std::string> records;  ///< of its runs that were done to their end
  std::string problem;               ///< why there are not more of them; empty: all are there
};

/// The runs of a plan: brings servers up and down, and does what has not been done yet, in turns
/// where all servers that we start fit on the machine at once. A variant that fails does not keep
/// the others from running.
class SuiteRuns {
 public:
  /// Looks at the options of every run. @param stopped  asked all the time: true ends it, politely
  /// @throws UsageError naming the plan's variant
  SuiteRuns(const Plan& plan, const SuiteFolder& folder, std::function<bool()> stopped);

  /// Leaves no server behind that it started, also if it throws.
  /// @return a row for each variant, in their order
  std::vector<SuiteRow> All();

 private:
  struct Entry {
    const PlanVariant& variant;
    SuiteServer server;
    SuiteRow row;
    int next = 1;  ///< its next run
    bool done(int repeats) const { return next > repeats || !row.problem.empty(); }
  };

  bool MayInterleave() const;
  void Interleave(const std::vector<Entry*>& entries);
  void RunBlock(Entry& entry);
  /// @return why it can't be used; empty: it is up
  std::string BringUp(Entry& entry);
  void RunNext(Entry& entry);
  void SkipDone(Entry& entry);
  void Pause();

  const Plan& plan_;
  const SuiteFolder& folder_;
  const std::function<bool()> stopped_;
  std::vector<Entry> entries_;
  bool ran_ = false;  ///< a run has been done, so that the next one waits for the pause
};

/// Options of `sseprof run` for a run of a variant.
std::vector<std::string> RunArguments(const PlanVariant& variant, const SuiteFolder& folder,
                                      int run);

}  // namespace sseprof
