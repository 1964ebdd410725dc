#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sseprof/histogram.h"
#include "sseprof/record.h"
#include "stats/instants.h"

namespace sseprof {

/// Collects what lies in the steady window: from the first output of the last of the first
/// `concurrency` requests (by number, warm-up counted; where that had none, of the nearest request
/// before it that had) to the first output of the last request sent that had one (the latest start;
/// of two at the same instant, the larger number). Absent if no more than `concurrency` requests
/// were sent.
///
/// The window's end is known at the end only. But it lies behind the start of every finished
/// request that had output, so a record whose last event is not behind the latest such start is
/// certain, and is counted and forgotten; only the others are held, about as many as there are
/// slots. The result does not depend on the order of Add. Not thread-safe.
class SteadyCollector {
 public:
  explicit SteadyCollector(int concurrency) : concurrency_(concurrency) {}

  /// A request of any outcome, warm-up too; `start` is its offset from the run's origin.
  void Add(const RequestRecord& record, Nanos start);

  struct Window {
    Nanos start{};  ///< offsets from the run's origin
    Nanos end{};
    Histogram gaps;           ///< of good measured requests, later event in (start, end]
    double instants = 0;      ///< independent instants of those gaps
    std::int64_t tokens = 0;  ///< on output events in (start, end], of all requests
  };
  std::optional<Window> Finish() const;

  /// Requests that are held now.
  std::size_t held() const { return held_.size(); }

 private:
  struct Held {
    std::vector<std::pair<std::int64_t, std::int64_t>> gaps;    ///< later event, length
    std::vector<std::pair<std::int64_t, std::int32_t>> tokens;  ///< event, tokens
  };
  struct Counted {
    Histogram gaps;
    InstantCounter instants;
    std::int64_t tokens = 0;

    void Add(const Held& held, std::int64_t after, std::int64_t until);
  };
  struct LastSent {
    std::int64_t start;
    std::int64_t n;
    std::int64_t first_output;
  };
  enum class Unseen { kMayStillCome, kNeverCame };

  std::optional<std::int64_t> WindowStart(Unseen unseen) const;
  void Release();

  int concurrency_;
  std::int64_t sent_ = 0;
  std::map<std::int64_t, std::optional<std::int64_t>> first_outputs_;  ///< of the first ones, by n
  std::optional<std::int64_t> start_;                                  ///< once it is certain
  std::optional<LastSent> last_sent_;
  std::multimap<std::int64_t, Held> held_;  ///< by last event
  Counted counted_;
};

}  // namespace sseprof
