#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sseprof/record.h"
#include "sseprof/run_context.h"
#include "wire/json.h"

namespace sseprof {

/// The metrics of AIPerf 0.13.0 that records give, named by its tags, in the order of its file.
enum class AiperfTag : std::size_t {
  kRequestThroughput,
  kRequestLatency,
  kRequestCount,
  kTimeToFirstToken,
  kTimeToSecondToken,
  kInterTokenLatency,
  kOutputTokenThroughput,
  kOutputTokenThroughputPerUser,
  kOutputSequenceLength,
  kInputSequenceLength,
  kGoodput,
  kGoodRequestCount,
  kOutputTokenCount,
  kReasoningTokenCount,
  kInterChunkLatency,
  kTotalOutputTokens,
  kTotalReasoningTokens,
  kBenchmarkDuration,
  kTotalIsl,
  kTotalOsl,
  kErrorRequestCount,
  // These stand behind what the file says of the run.
  kUsagePromptTokens,
  kUsageCompletionTokens,
  kUsageReasoningTokens,
  kUsagePromptCacheReadTokens,
  kTimeToFirstOutputToken,
  kDecodeDuration,
  kE2eOutputTokenThroughput,
  kOslMismatchDiffPct,
  kPrefillThroughputPerUser,
  kOslMismatchCount,
  kCompletedRequestCount,
  kRequestErrorRate,
  kGoodRequestFraction,
  kTotalUsagePromptTokens,
  kTotalUsageCompletionTokens,
  kTotalUsageReasoningTokens,
  kTotalUsagePromptCacheReadTokens,
  kOverallUsagePromptCacheReadPct,
  kTotalTokenThroughput,
  kInputTokenThroughput,
};

inline constexpr std::size_t kAiperfTags =
    static_cast<std::size_t>(AiperfTag::kInputTokenThroughput) + 1;

/// Metrics of a run's requests by AIPerf's definitions (its metrics/types), for chat completions
/// with --use-server-token-count. A response is an output event, whatever its choice; a request
/// counts if it is good and had one. Not thread-safe.
class AiperfMetrics {
 public:
  explicit AiperfMetrics(const RunContext& context) : stream_(context.stream), slo_(context.slo) {}

  /// Of a request that counts: false if it does not, and is counted as an error instead.
  bool Add(const RequestRecord& record);

  /// Computes what follows from all requests. Call it once.
  void Finish();

  enum class Part {
    kBeforeTheRun,  ///< up to error_request_count
    kBehindTheRun,
  };
  /// The members of the file's object. What does not exist is absent.
  void Write(Part part, JsonWriter& json) const;

 private:
  std::vector<double>& Values(AiperfTag tag) { return values_[static_cast<std::size_t>(tag)]; }
  double SumOf(AiperfTag tag) const;
  void Set(AiperfTag tag, double value) { scalars_[static_cast<std::size_t>(tag)] = value; }
  void AddTokens(const RequestRecord& record);
  void AddTimes(const RequestRecord& record);
  void AddRates(const RequestRecord& record);
  void AddSlo();
  void SetTotals();
  void SetRates();
  void WriteAdjusted(AiperfTag tag, JsonWriter& json) const;

  /// What one request has; absent where it has none.
  struct Request {
    std::optional<Nanos> ttft, latency;
    std::optional<double> itl_ns;
    std::optional<std::int64_t> input, output;
  };

  bool stream_;
  Slo slo_;
  Request request_;
  std::array<std::vector<double>, kAiperfTags> values_;
  std::array<std::optional<double>, kAiperfTags> scalars_;
  std::int64_t valid_ = 0, errors_ = 0, good_ = 0, mismatches_ = 0;
  Instant first_start_ = kNever, last_response_ = Instant::min();
};

}  // namespace sseprof
