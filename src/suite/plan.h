#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseprof/error.h"
#include "sseprof/time.h"

namespace sseprof {

/// A server that the suite starts and ends by itself.
struct PlanServer {
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;  ///< over ours
  std::string folder;                                            ///< empty: where we are
  std::string ready = "/health";  ///< path that answers with 200 once it can serve
  Nanos ready_within = std::chrono::minutes{20};
  Nanos stop_within = std::chrono::seconds{30};  ///< between SIGTERM and SIGKILL
};

struct PlanVariant {
  std::string name;
  std::string base_url;
  std::string model;                 ///< that it must serve; empty: whatever it has
  std::optional<PlanServer> server;  ///< absent: it runs already
  std::vector<std::string> options;  ///< of `sseprof run`, as on its command line
};

/// How repeats of the variants follow one another.
enum class PlanOrder {
  kAuto,         ///< interleaved if all servers fit on the machine at once, else blocks
  kInterleaved,  ///< ABAB: all servers are up at once
  kBlocks,       ///< AABB: one server after the other
};

/// What a suite does: the variants in their order, the load of each, and how often.
struct Plan {
  std::string name;  ///< of a folder: letters, digits, "-", "_" and "."
  int repeats = 1;
  PlanOrder order = PlanOrder::kAuto;
  Nanos pause{};  ///< between runs
  std::vector<PlanVariant> variants;
};

/// Reads a plan: JSON with comments, by src/suite/plan.schema.json. Options of runs are not looked
/// at here. @param path  of the file, for messages
/// @throws UsageError "path:line:column: what, and what to do"
Plan ParsePlan(std::string_view text, const std::string& path);

}  // namespace sseprof
