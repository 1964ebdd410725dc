#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "live/bucket_edges.h"
#include "live/live_histogram.h"
#include "sseprof/record.h"
#include "sseprof/sink.h"
#include "sseprof/slo.h"
#include "sseprof/time.h"

namespace sseprof {

/// What is counted live. Those of requests are of measured ones, warm-up left out, unless they say
/// otherwise. They are read in this order, so that nothing ends before it has started.
enum class LiveCounter {
  kWarmupFinished,
  kWithinSlo,       ///< good requests that met every objective
  kCompleted,       ///< good requests
  kTokensReported,  ///< completion tokens by usage; good requests, as the next three
  kPromptTokens,
  kUsageMismatches,
  kUsageMissing,
  kEvents,  ///< dispatched SSE events
  kBundled,
  kCoalesced,
  kTokensCounted,  ///< on output events; of failed requests, too
  kTokensOwed,     ///< of those, counted on guesses that were too high; the next tokens pay
  kReceivedBytes,  ///< this and what follows: warm-up too
  kSentBytes,
  kConnectionsClosed,
  kConnectionsOpened,
  kBusyNanos,
  kWarmupStarted,
  kStarted,
  kSize,
};

/// What is measured live, as histograms. Of good measured requests, unless they say otherwise.
enum class LiveSpan {
  kTtft,
  kItl,  ///< every gap as it comes, so of requests that fail later, too
  kLatency,
  kTpot,
  kScheduleLag,  ///< every start
  kSendDelay,
  kConnect,
  kUncertainty,  ///< widths of arrivals that are not exact; every event
  kClientDelay,  ///< every read, warm-up too, as kLoopLag
  kLoopLag,
  kSize,
};

/// Edges of the histograms: fine ones for what is told of the server, coarse ones of the client.
struct LiveEdges {
  BucketEdges server, client;

  const BucketEdges& Of(LiveSpan span) const { return span <= LiveSpan::kTpot ? server : client; }
};

/// What was counted up to some moment, of one loop or of several.
struct LiveTotals {
  explicit LiveTotals(const LiveEdges& edges);

  std::array<std::int64_t, static_cast<std::size_t>(LiveCounter::kSize)> counts{};
  std::array<std::int64_t, kOutcomeCount> failures{};  ///< by Outcome
  std::vector<BucketCounts> spans;                     ///< by LiveSpan

  std::int64_t operator[](LiveCounter counter) const {
    return counts[static_cast<std::size_t>(counter)];
  }
  std::int64_t& operator[](LiveCounter counter) {
    return counts[static_cast<std::size_t>(counter)];
  }
  const BucketCounts& operator[](LiveSpan span) const {
    return spans[static_cast<std::size_t>(span)];
  }
  BucketCounts& operator[](LiveSpan span) { return spans[static_cast<std::size_t>(span)]; }
  std::int64_t Failed() const;
  std::int64_t InFlight() const;
};

/// Counts what one event loop does. Written by its loop alone, read by any thread; nothing locks
/// or allocates. What is told of an event can be read when the loop tells of itself next, or when
/// its request has ended: until then it waits in one place, since at a server's pace each further
/// one is found cold at every event.
class alignas(64) LoopMetrics final : public LiveSink, public LoopSink {
 public:
  /// `edges` outlives it.
  LoopMetrics(const LiveEdges& edges, const Slo& slo);

  void OnStart(const RequestRecord& record) override;
  void OnEvents(const RequestRecord& record, std::size_t first) override;
  void OnFinish(const RequestRecord& record, std::int64_t guessed) override;

  void OnLoop(const LoopNews& news) override;

  void AddTo(LiveTotals& totals) const;
  /// Time that the loop did not wait.
  Nanos busy() const { return Nanos{counts_[Index(LiveCounter::kBusyNanos)].Read()}; }
  /// The first measured start of this loop; kNever: none yet.
  Instant first_start() const { return Instant{Nanos{first_start_.load()}}; }

 private:
  static constexpr std::size_t Index(LiveCounter counter) {
    return static_cast<std::size_t>(counter);
  }
  void Add(LiveCounter counter, std::int64_t by) { counts_[Index(counter)].Add(by); }
  LiveHistogram& At(LiveSpan span) { return spans_[static_cast<std::size_t>(span)]; }
  void Observe(LiveSpan span, std::optional<Nanos> value) {
    if (value) At(span).Record(*value);
  }
  void StartAgain(const RequestRecord& record);
  void AddUncertain(const RequestRecord& record, std::size_t first);
  void AddWaiting();
  void AddTokens(std::int64_t tokens);
  void FinishGood(const RequestRecord& record);
  void CheckUsage(const RequestRecord& record, std::int64_t counted);

  const Slo slo_;
  std::array<LiveCount, static_cast<std::size_t>(LiveCounter::kSize)> counts_;
  std::array<LiveCount, kOutcomeCount> failures_;
  std::vector<LiveHistogram> spans_;
  std::atomic<std::int64_t> first_start_{kNever.time_since_epoch().count()};
  // For the loop alone.
  std::int64_t finished_ = 0;
  bool restarted_ = false;
  struct Waiting {
    std::int64_t events = 0, tokens = 0;
    std::size_t gaps = 0;
    std::array<Nanos, 1024> lengths{};  ///< of the gaps
  };
  alignas(64) Waiting waiting_;
};

}  // namespace sseprof
