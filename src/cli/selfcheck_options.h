#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/option_set.h"
#include "selfcheck/selfcheck.h"

namespace sseprof {

/// The options of `sseprof selfcheck`, with their defaults.
struct SelfcheckOptions {
  enum class Phase { kUniform, kStep, kBoth };

  SelfcheckSettings settings;  ///< whole after Complete
  std::optional<std::int64_t> requests, tokens;
  std::optional<int> threads, max_concurrency;
  Phase phase = Phase::kBoth;
  bool find_limit = false;
  bool json = false;

  void Define(OptionSet& options);

  /// Refuses what contradicts itself, and sets what was not given, here and among the options that
  /// hold. `cores` are those that may be used. @throws UsageError
  void Complete(OptionSet& options, int cores);

  /// The simulated server's words for the phases to profile, in order.
  std::vector<std::string> Phases() const;

  /// The same for another number of streams, one request each.
  SelfcheckSettings SettingsFor(int streams, int cores) const;

 private:
  void Check() const;
};

/// Requests of a run when nothing is said: one a stream and, up to four, as many as give 3000
/// tokens, so that a p99 has something beyond it.
std::int64_t DefaultRequests(std::int64_t streams, std::int64_t tokens);

}  // namespace sseprof
