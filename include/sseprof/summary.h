#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sseprof/distribution.h"
#include "sseprof/record.h"
#include "sseprof/run_context.h"
#include "sseprof/server_report.h"
#include "sseprof/slo.h"

namespace sseprof {

/// Inter-token gaps, with what the client could not tell.
struct GapDistribution : Distribution {
  std::uint64_t count_all = 0;  ///< gaps of failed requests too
  /// Gaps with an end that is known to more than 100 us only; absent without gaps.
  std::optional<double> uncertain_share;
  /// The same quantiles with every uncertain arrival moved to the end that shortens (low) or
  /// lengthens (high) its gap.
  std::map<std::string, std::optional<double>> low, high;
  std::optional<std::int64_t> max_request;  ///< number of the request with the longest gap
  std::string max_request_id;
};

struct UsageCheck {
  std::uint64_t exact = 0, hidden_tokens = 0, multi_token_events = 0, over = 0, missing = 0;
  std::int64_t tokens_usage = 0, tokens_counted = 0, tokens_counted_all = 0;
  std::optional<double> ratio;  ///< counted / usage, of the requests that have usage
  std::optional<std::int64_t> max_difference;
  std::optional<double> decode_tps_counted, relative_difference;
  std::string explanation;
};

/// `shared` and `single` are absent if there are more than 65,536 stalls; all without gaps.
struct Stalls {
  std::optional<std::uint64_t> count, shared, single;
  std::optional<double> longest_s, total_s, threshold_s, share_of_gaps;
};

/// How much of the load the server bore within the objectives.
struct Goodput {
  Slo slo;
  std::uint64_t within = 0;              ///< good measured requests that met every objective
  std::optional<double> share;           ///< of ok + errors: a failed request is not within
  std::optional<double> requests_per_s;  ///< within / total time
};

struct SteadyState {
  double start_s = 0, end_s = 0;  ///< offsets from the first measured start
  std::uint64_t requests = 0;     ///< good measured ones with their first output in the window
  /// Tokens on output events in the window / its length. It is the server's rate, so requests that
  /// failed and warm-up count here too.
  std::optional<double> decode_tps;
  Distribution itl, ttft;
};

struct ClientReport {
  std::string timestamps, path;
  Distribution client_delay, send_delay;
  /// Of all dispatched events.
  std::uint64_t exact = 0, bundled = 0, coalesced = 0;
  /// Of output events: what the verdict and the warning go by. The summary JSON does not hold it.
  std::optional<double> coalesced_share;
  std::uint64_t clock_rejected = 0, retried = 0;
  double widest_s = 0;
  int threads = 1;
  double loop_busy = 0;  ///< share of time that the loops were not waiting
  double cpu_s = 0;
  std::int64_t max_rss_bytes = 0;
  std::string verdict, reason;  ///< ok or client_limited; the reason is empty when ok
};

/// All that the summary JSON holds, in its order. Null there is absent here.
struct Summary {
  RunContext context;
  std::int64_t requests = 0;  ///< asked for; with a duration alone: started
  std::uint64_t ok = 0, errors = 0;
  std::optional<double> total_time_s, qps;
  Distribution latency, ttft;
  std::uint64_t ttft_cold_count = 0;  ///< of them on a new connection
  std::optional<double> prompt_tokens_mean, completion_tokens_mean;
  std::optional<double> prompt_tps, decode_tps, ms_per_output_token;
  GapDistribution itl;
  Distribution tpot;
  std::uint64_t tpot_exact = 0, tpot_estimated = 0;
  Distribution decode_tps_per_request;  ///< tokens per second, not seconds
  Distribution start_lag, send_delay, connect;
  std::optional<UsageCheck> usage_check;
  std::map<std::string, std::uint64_t> failures;
  Stalls stalls;
  std::optional<SteadyState> steady_state;
  std::optional<Goodput> goodput;      ///< absent without objectives
  std::optional<ClientReport> client;  ///< absent without an end line
  std::string server_kind, server_version;
  std::optional<ServerReport> server;  ///< absent if it told nothing of itself
  bool interrupted = false;
  std::vector<Warning> warnings;
};

/// Computes a summary from finished requests, in any order: the result is a function of the set of
/// records, of the context and of the end. It keeps at most 80 bytes per request and nothing per
/// gap (but for records that ended while it can't yet be known whether the steady window holds
/// them: about as many as there are slots). Not thread-safe.
class SummaryBuilder {
 public:
  explicit SummaryBuilder(const RunContext& context);
  ~SummaryBuilder();
  SummaryBuilder(SummaryBuilder&&) noexcept;

  void Add(const RequestRecord& record);

  /// `end` is null where the record file has no end line.
  Summary Finish(const RunEnd* end) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
