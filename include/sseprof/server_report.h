#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sseprof/distribution.h"
#include "sseprof/server_window.h"

namespace sseprof {

/// A histogram of the server's in seconds, each quantile by linear interpolation in its bucket, as
/// Prometheus' histogram_quantile does it: the truth may be anywhere from `low` to `high`, the
/// bucket's edges (`high` is absent in the infinite one, where the figure is `low`).
struct ServerDistribution {
  std::uint64_t count = 0;
  std::optional<double> mean;
  struct Quantile {
    std::optional<double> value, low, high;
  };
  Quantile p50, p90, p95, p99;
};

struct ServerQuantileField {
  std::string_view name;
  double p;
  ServerDistribution::Quantile ServerDistribution::*value;
};
inline constexpr ServerQuantileField kServerQuantiles[] = {
    {"p50", 0.50, &ServerDistribution::p50},
    {"p90", 0.90, &ServerDistribution::p90},
    {"p95", 0.95, &ServerDistribution::p95},
    {"p99", 0.99, &ServerDistribution::p99},
};

/// What the server sent with each answer, of good measured requests.
struct ServerPerRequest {
  std::uint64_t count = 0;  ///< requests whose answer had any of it
  Distribution queue, first_token, decode;
  Distribution between;  ///< client's TTFT - queue (0 if not told) - first token; may be below 0
};

/// The server's own view of the run. Counts are of the window of its metrics page, which holds
/// warm-up and failed requests, and whatever else it served.
struct ServerReport {
  std::string kind;
  std::uint64_t scrapes = 0, failed_scrapes = 0;
  std::optional<double> window_s;
  std::optional<std::uint64_t> requests, prompt_tokens, generation_tokens, preemptions;
  std::optional<std::uint64_t> prefix_queries, prefix_hits;
  std::optional<double> prefix_hit_rate;
  std::optional<double> prefill_total_s, decode_total_s;
  std::optional<GaugeRange> running, waiting, kv_usage;
  std::optional<ServerDistribution> ttft, itl, latency, queue;

  /// The same by our own count: requests that were good, and their tokens, warm-up too.
  std::uint64_t client_requests = 0;
  /// By usage; absent if an answer had none.
  std::optional<std::uint64_t> client_prompt_tokens, client_generation_tokens;
  /// All three equal, as far as both sides tell them; absent if they can't be: a request failed,
  /// had several choices, or the server tells none.
  std::optional<bool> agrees;
  /// Mean of our figures (warm-up too) - mean of the server's; absent unless counts agree, and both
  /// means are of as many values, to 2 %: a server that sends several tokens at once times each
  /// step, and we each event.
  std::optional<double> ttft_between_s, itl_between_s, latency_between_s;
  std::optional<ServerPerRequest> per_request;
};

struct ServerDistributionField {
  std::string_view name;  ///< the key in the summary
  std::optional<ServerHistogram> ServerWindow::*histogram;
  std::optional<ServerDistribution> ServerReport::*value;
};
inline constexpr ServerDistributionField kServerDistributions[] = {
    {"ttft_s", &ServerWindow::ttft, &ServerReport::ttft},
    {"itl_s", &ServerWindow::itl, &ServerReport::itl},
    {"e2e_s", &ServerWindow::latency, &ServerReport::latency},
    {"queue_s", &ServerWindow::queue, &ServerReport::queue},
};

}  // namespace sseprof
