// Two pages of a server, and the window between them: whatever they say, what comes out can be
// written and added up.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scrape/scrape_window.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Check(const sseprof::ServerWindow& window) {
  for (const auto& field : sseprof::kServerCounters) {
    const auto& value = window.*field.value;
    Require(!value || (*value >= 0 && *value <= sseprof::kMostCounted));
  }
  for (const auto& field : sseprof::kServerGauges) {
    const auto& gauge = window.*field.value;
    Require(!gauge || (std::isfinite(gauge->mean) && std::isfinite(gauge->max)));
  }
  for (const auto& field : sseprof::kServerHistograms) {
    const auto& histogram = window.*field.value;
    if (!histogram) continue;
    Require(histogram->counts.size() == histogram->edges.size() + 1);
    Require(std::isfinite(histogram->sum));
    for (std::size_t i = 1; i < histogram->edges.size(); ++i) {
      Require(histogram->edges[i - 1] < histogram->edges[i]);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\0');
  sseprof::ScrapeWindow window;
  for (const std::string_view page :
       {text.substr(0, cut), text.substr(cut == text.npos ? 0 : cut)}) {
    if (auto read = sseprof::ReadServerPage(page)) {
      window.Add(std::move(*read), {}, sseprof::ScrapeWindow::Moment::kDuring);
    }
  }
  if (const auto found = window.Finish()) Check(*found);
  static_cast<void>(window.Settled(1));
  return 0;
}
