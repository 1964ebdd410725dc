#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "selfcheck/selfcheck.h"
#include "selfcheck/sim_log.h"
#include "sseprof/record.h"

namespace sseprof {

/// How far an arrival is from its send: 0 between the clock readings around it.
Nanos DistanceFromSend(Instant at, const SendBracket& send);

/// True if the send may have happened within [at - width, at], give or take kContainedTolerance.
bool ContainsSend(Instant at, Nanos width, const SendBracket& send);

/// Joins records with the simulated server's log by request id and event number. A send's instant
/// is the clock reading before it. Failed requests are counted and not joined. Not thread-safe.
class TruthJoin {
 public:
  /// `records` must outlive the join.
  explicit TruthJoin(const std::vector<RequestRecord>& records);

  /// @throws TruthMismatch if it is unknown, comes twice, or has another number of events
  void Add(const SentStream& stream);

  /// Sets requests, failed, last_failure, and all that is compared. Once only.
  /// @throws TruthMismatch if the log lacks a good request
  void Finish(SelfcheckRun& run);

 private:
  /// Nanoseconds.
  struct Values {
    std::vector<std::int64_t> truth, measured;
    void Add(Nanos true_span, Nanos measured_span);
    Compared Finish();
  };
  struct Joined {
    const RequestRecord* record;
    bool done;
  };

  void AddEvent(Instant at, const StreamEvent& event, const SendBracket& send);
  void AddSpans(const RequestRecord& record, const SentStream& stream);

  const std::vector<RequestRecord>& records_;
  std::unordered_map<std::string_view, Joined> by_id_;
  std::uint64_t contained_ = 0;
  Nanos earliest_{};
  std::vector<std::int64_t> errors_, brackets_;
  Values itl_, ttft_, latency_;
};

/// A whole run from its records, the log and what was measured of the client. `context` is the
/// run's, as a summary needs it. @throws TruthMismatch
SelfcheckRun JoinRun(const RunContext& context, const RunEnd& end,
                     const std::vector<RequestRecord>& records, std::istream& log);

}  // namespace sseprof
