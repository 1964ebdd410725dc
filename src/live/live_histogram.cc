#include "live/live_histogram.h"

#include <numeric>

namespace sseprof {

std::int64_t BucketCounts::Count() const {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

void BucketCounts::Add(const BucketCounts& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

void BucketCounts::Subtract(const BucketCounts& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] -= other.counts[i];
  sum -= other.sum;
}

Nanos BucketCounts::Quantile(double p) const {
  const double rank = p * static_cast<double>(Count());
  double before = 0;
  for (std::size_t i = 0; i < edges->size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && before + here >= rank) {
      const auto lower = i == 0 ? 0.0 : static_cast<double>(edges->edge(i - 1).count());
      const auto upper = static_cast<double>(edges->edge(i).count());
      const double nanos = lower + (upper - lower) * (rank - before) / here;
      return Nanos{static_cast<Nanos::rep>(nanos)};
    }
    before += here;
  }
  return edges->edge(edges->size() - 1);
}

void LiveHistogram::Batch::EnterBucketOf(Nanos value) {
  Flush();
  const BucketEdges& edges = *histogram_.edges_;
  bucket_ = edges.IndexOf(value);
  above_ = bucket_ == 0 ? Nanos{-1} : edges.edge(bucket_ - 1);
  until_ = bucket_ == edges.size() ? Nanos::max() : edges.edge(bucket_);
}

void LiveHistogram::Batch::Flush() {
  if (count_ == 0) return;
  histogram_.counts_[bucket_].Add(count_);
  histogram_.counts_[histogram_.edges_->size() + 1].Add(sum_.count());
  count_ = 0;
  sum_ = Nanos{0};
}

void LiveHistogram::AddTo(BucketCounts& sum) const {
  const std::size_t buckets = edges_->size() + 1;
  for (std::size_t i = 0; i < buckets; ++i) sum.counts[i] += counts_[i].Read();
  sum.sum += Nanos{counts_[buckets].Read()};
}

}  // namespace sseprof
