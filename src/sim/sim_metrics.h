#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// What /metrics counts, under vLLM's names and bucket edges. Not thread-safe.
class SimMetrics {
 public:
  /// The state at the moment of a scrape.
  struct Gauges {
    std::size_t running = 0;
    std::size_t waiting = 0;
    double kv_cache_usage = 0;  ///< 0 to 1
  };
  enum class Finish { kStop, kLength, kAbort };

  SimMetrics();

  void CountPrompt(std::int32_t tokens) { prompt_tokens_ += static_cast<std::uint64_t>(tokens); }
  void CountGenerated(std::int32_t tokens) {
    generation_tokens_ += static_cast<std::uint64_t>(tokens);
  }
  void ObserveTtft(Nanos span) { ttft_.Observe(span); }
  void ObserveGap(Nanos span) { gap_.Observe(span); }
  /// A request is over; `latency` counts only for those that were answered to the end.
  void CountFinish(Finish finish, Nanos latency);

  /// The page, in Prometheus' text format 0.0.4.
  std::string Text(std::string_view model, const Gauges& gauges) const;

 private:
  class Histogram {
   public:
    explicit Histogram(std::span<const double> edges);
    void Observe(Nanos span);
    void AppendTo(std::string* page, std::string_view name, std::string_view labels) const;

   private:
    std::span<const double> edges_;      ///< seconds, rising
    std::vector<std::uint64_t> counts_;  ///< one more than edges, not summed up
    Nanos sum_{0};
  };

  Histogram ttft_;
  Histogram gap_;
  Histogram latency_;
  std::uint64_t prompt_tokens_ = 0;
  std::uint64_t generation_tokens_ = 0;
  std::array<std::uint64_t, 3> finished_{};  ///< by Finish
};

}  // namespace sseprof
