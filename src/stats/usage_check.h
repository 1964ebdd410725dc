#pragma once

#include <cstdint>
#include <optional>

#include "sseprof/record.h"
#include "sseprof/summary.h"

namespace sseprof {

/// Compares, for every good measured request, the completion tokens that the server reported with
/// those that were counted on its output events. Per request d = usage - counted:
/// 0 exact; < 0 over; no usage: missing; > 0: hidden_tokens if the answer stopped and d = 1 (the
/// token that ended it) or if the d tokens came on events without text, else multi_token_events.
/// Not thread-safe.
class UsageCollector {
 public:
  /// A measured request, good or failed.
  void Add(const RequestRecord& record);

  UsageCheck Finish(std::optional<double> total_time_s) const;

  /// Good requests whose usage exceeds what was asked for: choices x max_tokens.
  std::uint64_t above_limit() const { return above_limit_; }

 private:
  __extension__ typedef __int128 Wide;

  void Classify(const RequestRecord& record, std::int64_t difference);

  UsageCheck check_;
  std::uint64_t above_limit_ = 0;
  Wide usage_ = 0;
  Wide counted_ = 0;             ///< of all good requests
  Wide counted_with_usage_ = 0;  ///< of those that have usage
  Wide counted_all_ = 0;
};

}  // namespace sseprof
