#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "live/run_metrics.h"
#include "sseprof/time.h"

namespace sseprof {

/// When the run will be over: what is known of it.
struct ProgressGoal {
  std::string run;                       ///< "run 2 of 3"; empty: there is no other
  std::optional<std::int64_t> requests;  ///< warm-up included
  std::optional<Nanos> duration;         ///< from the first measured start
};

/// Of the last seconds, as histograms tell it; nothing if nothing was measured in them.
struct RecentSpan {
  std::optional<Nanos> p50, p99;
};

/// What is shown of a run while it goes on.
struct ProgressFigures {
  std::string run;  ///< which it is; empty: there is no other
  RunPhase phase = RunPhase::kBefore;
  Nanos elapsed{};             ///< since the load began, warm-up included
  std::optional<Nanos> left;   ///< until its end, as far as it can be foreseen
  std::optional<double> over;  ///< share of the run that is over, from 0 to 1

  std::int64_t done = 0, in_flight = 0;  ///< requests, warm-up and failed ones included
  std::optional<std::int64_t> total;
  int concurrency = 0;
  std::int64_t failed = 0;                                          ///< measured ones
  std::vector<std::pair<std::string_view, std::int64_t>> failures;  ///< by reason; those above 0

  std::optional<double> tokens_per_s;  ///< of the last 5 s; this and what follows: no warm-up
  RecentSpan ttft, itl, latency;       ///< of the last 10 s
  RecentSpan client_delay;             ///< the same; of every read, warm-up too
  std::optional<double> coalesced;     ///< the same: share of events, from 0 to 1
  /// Why the client may be what limits the run; empty: nothing says so.
  std::string limit;

  /// How many requests in flight are missing while the load should be full.
  std::int64_t BelowTarget() const;
};

/// The last readings of a run, from whose differences the figures of the last seconds come.
class ProgressHistory {
 public:
  explicit ProgressHistory(const ProgressGoal& goal) : goal_(goal) {}

  /// Readings in the order of their instants; the first as the load begins.
  void Add(Instant at, RunReading reading);
  /// At the last reading. @pre there is one
  ProgressFigures Figures() const;

 private:
  struct Sample {
    Instant at;
    RunReading reading;
  };
  /// The newest reading that is so old; the oldest if none is.
  const Sample& Before(Nanos span) const;
  std::optional<double> TokensPerSecond() const;
  RecentSpan Recent(LiveSpan span) const;
  std::optional<double> Coalesced() const;
  double BusiestLoop() const;
  std::string Limit(const ProgressFigures& figures) const;
  std::optional<Nanos> Left(const ProgressFigures& figures) const;
  std::optional<Nanos> LeftByRequests(const ProgressFigures& figures) const;
  std::optional<double> Over(const ProgressFigures& figures) const;

  const ProgressGoal goal_;
  Instant began_{};
  Instant last_done_{};  ///< when a request was last seen to have ended
  std::deque<Sample> samples_;
};

}  // namespace sseprof
