#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sseprof/histogram.h"
#include "sseprof/record.h"
#include "sseprof/run_context.h"
#include "sseprof/server_report.h"

namespace sseprof {

/// Quantiles and mean of what a server's buckets got.
ServerDistribution DistributionOf(const ServerHistogram& histogram);

/// Gathers what can be held against the server's own view of a run, and sets both side by side. It
/// keeps 8 bytes of a request whose answer has the server's times, else none. Not thread-safe.
class ServerSide {
 public:
  explicit ServerSide(const RunContext& run) : stream_(run.stream) {}

  /// Every request, warm-up and failed ones too.
  void Add(const RequestRecord& record);

  /// Absent if the server told nothing. @param end  null where the record file has no end line
  std::optional<ServerReport> Finish(const RunEnd* end) const;

 private:
  __extension__ typedef __int128 Wide;

  struct Sum {
    Wide nanos = 0;
    std::uint64_t count = 0;

    void Add(Nanos span) {
      nanos += span.count();
      ++count;
    }
    /// The mean less theirs, seconds; absent if one is, or they are of other values.
    std::optional<double> Above(const std::optional<ServerDistribution>& theirs) const;
  };
  struct PerRequest {
    Histogram queue, first_token, decode;
    std::vector<std::int64_t> between;
    std::uint64_t count = 0;
  };

  void AddTimes(const RequestRecord& record);
  void AddWindow(const ServerWindow& window, ServerReport& report) const;
  std::optional<bool> Agrees(const ServerReport& report) const;

  const bool stream_;
  std::uint64_t good_ = 0;
  /// Of good requests; absent once an answer did not tell them.
  std::optional<std::uint64_t> prompt_tokens_ = 0, generation_tokens_ = 0;
  bool comparable_ = true;  ///< nothing failed, and each request had one choice
  Sum ttft_, gaps_, latency_;
  std::unique_ptr<PerRequest> per_request_;
};

}  // namespace sseprof
