#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// A histogram of the server's over a window: what its buckets got meanwhile.
struct ServerHistogram {
  std::vector<double> edges;          ///< upper ones, seconds, ascending; the infinite one left out
  std::vector<std::uint64_t> counts;  ///< per bucket, the infinite one last: one more than edges
  double sum = 0;                     ///< seconds
};

/// Of what was read once a second.
struct GaugeRange {
  double mean = 0, max = 0;
};

/// What a server's own metrics page says of the time between two readings, summed over all of its
/// engines. What it doesn't say is absent, as is a counter that fell (the server started anew).
struct ServerWindow {
  std::string kind;                  ///< whose names they are: vllm, sglang, llama.cpp
  std::uint64_t scrapes = 0;         ///< pages that were understood
  std::uint64_t failed_scrapes = 0;  ///< those that did not come, or said nothing
  Nanos length{};                    ///< from the first page to the last
  /// Finished without being aborted; vLLM counts each choice of a request as one.
  std::optional<double> requests;
  std::optional<double> prompt_tokens, generation_tokens, preemptions;
  std::optional<double> prefix_queries, prefix_hits;      ///< prompt tokens
  std::optional<double> prefill_seconds, decode_seconds;  ///< summed over requests
  std::optional<GaugeRange> running, waiting;             ///< requests
  std::optional<GaugeRange> kv_usage;                     ///< 0 to 1; mean of the engines
  std::optional<ServerHistogram> ttft, itl, latency, queue;
};

/// The fields by their names, which are those of the record file.
struct ServerCounterField {
  std::string_view name;
  std::optional<double> ServerWindow::*value;
};
inline constexpr ServerCounterField kServerCounters[] = {
    {"requests", &ServerWindow::requests},
    {"prompt_tokens", &ServerWindow::prompt_tokens},
    {"generation_tokens", &ServerWindow::generation_tokens},
    {"preemptions", &ServerWindow::preemptions},
    {"prefix_queries", &ServerWindow::prefix_queries},
    {"prefix_hits", &ServerWindow::prefix_hits},
    {"prefill_seconds", &ServerWindow::prefill_seconds},
    {"decode_seconds", &ServerWindow::decode_seconds},
};

struct ServerGaugeField {
  std::string_view name;
  std::optional<GaugeRange> ServerWindow::*value;
};
inline constexpr ServerGaugeField kServerGauges[] = {
    {"running", &ServerWindow::running},
    {"waiting", &ServerWindow::waiting},
    {"kv_usage", &ServerWindow::kv_usage},
};

struct ServerHistogramField {
  std::string_view name;
  std::optional<ServerHistogram> ServerWindow::*value;
};
inline constexpr ServerHistogramField kServerHistograms[] = {
    {"ttft", &ServerWindow::ttft},
    {"itl", &ServerWindow::itl},
    {"latency", &ServerWindow::latency},
    {"queue", &ServerWindow::queue},
};

}  // namespace sseprof
