#pragma once

#include <string>
#include <vector>

#include "suite/plan.h"

namespace sseprof {

/// The folder that a suite's results go to, and the names of what lies in it.
class SuiteFolder {
 public:
  enum class Runs { kNone, kMayBeThere };
  /// Makes it. @param runs  whether those of an earlier suite may lie in it
  /// @throws UsageError if it can't be made, or holds runs that may not be there
  SuiteFolder(std::string path, Runs runs);

  std::string ServerLog(const PlanVariant& variant) const;
  std::string Records(const PlanVariant& variant, int run) const;  ///< `run` from 1
  std::string Summary(const PlanVariant& variant, int run) const;
  std::string Text(const PlanVariant& variant, int run) const;
  std::string File(const std::string& name) const;

  /// Whether a run was done to its end: its records have their end mark, and nobody broke it off.
  bool IsDone(const PlanVariant& variant, int run) const;

  /// Renames what a run has left that came to nothing ("NVFP4.2.failed.jsonl"), so that it is kept
  /// and not taken for done.
  void SetAside(const PlanVariant& variant, int run) const;

 private:
  std::string path_;
};

/// Writes plan.json (as given) and environment.json: the machine, and what nvidia-smi says where
/// there is one. @throws UsageError
void WriteSurroundings(const SuiteFolder& folder, std::string_view plan_text);

}  // namespace sseprof
