#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "live/bucket_edges.h"
#include "sseprof/time.h"

namespace sseprof {

/// A count that one thread raises and any thread reads, without a lock.
class LiveCount {
 public:
  /// By its one writer: so no read-modify-write is needed.
  void Add(std::int64_t by) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_release);
  }
  std::int64_t Read() const { return value_.load(std::memory_order_acquire); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// How many spans fell in each bucket of some edges (not cumulative; the last is above all edges),
/// and their sum.
struct BucketCounts {
  const BucketEdges* edges = nullptr;
  std::vector<std::int64_t> counts;
  Nanos sum{};

  explicit BucketCounts(const BucketEdges& of) : edges(&of), counts(of.size() + 1) {}

  std::int64_t Count() const;
  /// Adds what another with the same edges holds, or takes it away.
  void Add(const BucketCounts& other);
  void Subtract(const BucketCounts& other);
  /// Quantile p in [0, 1] as Prometheus' histogram_quantile makes it: linear inside its bucket; the
  /// greatest edge for what is above all. @pre Count() > 0
  Nanos Quantile(double p) const;
};

/// Spans by bucket. One thread records, any thread reads; nothing locks or allocates.
class LiveHistogram {
 public:
  /// `edges` outlives it.
  explicit LiveHistogram(const BucketEdges& edges)
      : edges_(&edges), counts_(std::make_unique<LiveCount[]>(edges.size() + 2)) {}

  /// What is below 0 counts as 0.
  void Record(Nanos value) { Batch(*this).Record(value); }

  /// Records many spans of which neighbours are often alike, at less cost for each; they can be
  /// read when it ends.
  class Batch {
   public:
    explicit Batch(LiveHistogram& histogram) : histogram_(histogram) {}
    ~Batch() { Flush(); }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    void Record(Nanos value) {
      if (value < Nanos{0}) value = Nanos{0};
      if (value <= above_ || value > until_) EnterBucketOf(value);
      ++count_;
      sum_ += value;
    }

   private:
    void EnterBucketOf(Nanos value);
    void Flush();

    LiveHistogram& histogram_;
    std::size_t bucket_ = 0;
    Nanos above_{0}, until_{-1};  ///< of the bucket; none at first
    std::int64_t count_ = 0;
    Nanos sum_{};
  };

  void AddTo(BucketCounts& sum) const;

 private:
  const BucketEdges* edges_;
  std::unique_ptr<LiveCount[]> counts_;  ///< by bucket; behind them the sum, in nanoseconds
};

}  // namespace sseprof
