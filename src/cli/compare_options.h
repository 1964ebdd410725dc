#pragma once

#include <string>
#include <vector>

#include "cli/option_set.h"
#include "compare/comparison.h"

namespace sseprof {

/// The options of `sseprof compare`, with their defaults.
struct CompareCommandOptions {
  std::vector<std::string> files;
  std::string by;        ///< label, "model" or "file"; empty: what tells them apart
  std::string baseline;  ///< a variant's name, or one of the files; empty: the first
  std::vector<std::string> missing;
  double margin_percent = 2;
  double run_noise_percent = 1;
  bool strict = false;
  std::string out, markdown, html;

  void Define(OptionSet& options);
  /// Refuses what contradicts itself, and outputs that cannot be written. @throws UsageError
  void Check() const;
  /// @throws UsageError where one is not of the form NAME or NAME=REASON
  std::vector<MissingVariant> Missing() const;
};

/// The runs, by what tells variants apart; variants and their runs are in the order given.
/// @param by  a label's name, "model" or "file"; empty: the label "variant" where all runs have it,
///            else the label that all have and whose values differ, if there is a single one, else
///            the model if there are several, else each file is a variant
/// @throws UsageError if there are fewer than two variants, a run lacks the label, or a variant has
///         a run twice (its records and its summary)
std::vector<Variant> GroupRuns(std::vector<RunData> runs, const std::string& by);

/// @throws UsageError if there are runs of a variant that is said to be missing
void CheckMissing(const std::vector<MissingVariant>& missing, const std::vector<Variant>& variants);

/// The variant that a name, or the path of one of its runs, means; the first if `name` is empty.
/// @throws UsageError if there is none, or several
std::size_t FindBaseline(const std::vector<Variant>& variants, const std::string& name);

/// 0 better or same, 4 worse, 5 undecided.
int ExitStatusOf(const Comparison& comparison);

}  // namespace sseprof
