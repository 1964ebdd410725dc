#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sseprof {

/// Beyond this a double holds no count to the unit, and no page of a server tells one.
inline constexpr double kMostCounted = 0x1p53;

/// A histogram as a page has it: counts up to each edge, which may be infinite.
struct PageHistogram {
  std::map<double, double> up_to;
  double sum = 0;
};

/// What one reading of a server's metrics page says. The keys are the names of kServerCounters,
/// kServerGauges and kServerHistograms; what the page does not have is not there.
struct ServerPage {
  std::string kind;
  std::map<std::string_view, double> counters;
  std::map<std::string_view, double> gauges;
  std::map<std::string_view, PageHistogram> histograms;
};

/// Understands the pages of vLLM (also by older names), SGLang and llama.cpp; sums over labels
/// (engines, models, reasons). Values beyond kMostCounted, and what is no
/// number, are passed over. Absent if it is the page of none of them. Pure.
std::optional<ServerPage> ReadServerPage(std::string_view text);

}  // namespace sseprof
