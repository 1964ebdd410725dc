#include "stats/stalls.h"

#include <algorithm>
#include <tuple>

namespace sseprof {
namespace {

using Stall = StallCollector::Stall;

constexpr std::int64_t kLeastNanos = 5'000'000;
constexpr double kTimesMedian = 4;
constexpr std::int64_t kSameEndNanos = 2'000'000;

double ThresholdOf(const StallCollector::Run& run) {
  return std::max(kTimesMedian * run.median_gap_nanos, static_cast<double>(kLeastNanos));
}

bool Longer(const Stall& a, const Stall& b) {
  return std::tuple(b.length, a.n, a.event) < std::tuple(a.length, b.n, b.event);
}

struct Span {
  std::int64_t n;
  std::int64_t begin;
  std::int64_t end;
};

/// The spans in which each stream stood still, by stream and time. Those of a stream that overlap
/// (several choices) are one.
std::vector<Span> StandingSpans(const std::vector<Stall>& stalls) {
  std::vector<Span> all;
  all.reserve(stalls.size());
  for (const Stall& stall : stalls) all.push_back({stall.n, stall.end - stall.length, stall.end});
  std::sort(all.begin(), all.end(), [](const Span& a, const Span& b) {
    return std::tuple(a.n, a.begin, a.end) < std::tuple(b.n, b.begin, b.end);
  });
  std::vector<Span> spans;
  for (const Span& span : all) {
    if (!spans.empty() && spans.back().n == span.n && span.begin < spans.back().end) {
      spans.back().end = std::max(spans.back().end, span.end);
    } else {
      spans.push_back(span);
    }
  }
  return spans;
}

/// How many of ascending values are at most `value`.
std::int64_t CountUpTo(const std::vector<std::int64_t>& sorted, std::int64_t value) {
  return std::upper_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
}

/// Where spans begin and end, each ascending.
class Ends {
 public:
  void Add(std::int64_t begin, std::int64_t end) {
    begins_.push_back(begin);
    ends_.push_back(end);
  }
  void Sort() {
    std::sort(begins_.begin(), begins_.end());
    std::sort(ends_.begin(), ends_.end());
  }
  /// Spans with begin <= at <= end.
  std::int64_t CountHolding(std::int64_t at) const {
    return CountUpTo(begins_, at) - CountUpTo(ends_, at - 1);
  }
  /// Spans with begin < at <= end: of two that meet in `at`, one.
  std::int64_t CountReaching(std::int64_t at) const {
    return CountUpTo(begins_, at - 1) - CountUpTo(ends_, at - 1);
  }

 private:
  std::vector<std::int64_t> begins_, ends_;
};

/// Answers which stalls were shared.
class SharedFinder {
 public:
  SharedFinder(const std::vector<Stall>& stalls, const std::deque<RequestRow>& rows)
      : spans_(StandingSpans(stalls)) {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      standing_.Add(spans_[i].begin, spans_[i].end);
      by_end_.push_back(i);
    }
    standing_.Sort();
    std::sort(by_end_.begin(), by_end_.end(),
              [this](std::size_t a, std::size_t b) { return spans_[a].end < spans_[b].end; });
    for (const RequestRow& row : rows) {
      if (row.ttft == RequestRow::kAbsent) continue;
      decoding_.Add(row.start + row.ttft, row.start + row.last_output);
    }
    decoding_.Sort();
  }

  bool IsShared(const Stall& stall) const {
    const std::int64_t middle = stall.end - stall.length / 2;
    const std::int64_t streams = decoding_.CountHolding(stall.end);
    const std::int64_t wanted = std::max<std::int64_t>(2, (streams + 1) / 2);
    std::int64_t stalled = standing_.CountReaching(middle);

    // A span that ends with this one and began before its middle is counted already.
    auto it =
        std::lower_bound(by_end_.begin(), by_end_.end(), stall.end - kSameEndNanos,
                         [this](std::size_t i, std::int64_t end) { return spans_[i].end < end; });
    for (; stalled < wanted && it != by_end_.end(); ++it) {
      if (spans_[*it].end > stall.end + kSameEndNanos) break;
      if (spans_[*it].begin >= middle && !EarlierReaches(*it, middle)) ++stalled;
    }
    return stalled >= wanted;
  }

 private:
  /// An earlier span of the same stream covers the instant.
  bool EarlierReaches(std::size_t span, std::int64_t at) const {
    const std::int64_t n = spans_[span].n;
    while (span > 0 && spans_[span - 1].n == n) {
      --span;
      if (spans_[span].begin < at) return spans_[span].end >= at;
    }
    return false;
  }

  std::vector<Span> spans_;
  std::vector<std::size_t> by_end_;
  Ends standing_, decoding_;
};

std::uint64_t CountShared(const std::vector<Stall>& stalls, const std::deque<RequestRow>& rows) {
  const SharedFinder finder(stalls, rows);
  return static_cast<std::uint64_t>(std::count_if(
      stalls.begin(), stalls.end(), [&](const Stall& stall) { return finder.IsShared(stall); }));
}

}  // namespace

void StallCollector::Add(const Gap& gap, std::int64_t n, Nanos start) {
  if (!gap.exact || gap.length.count() <= kLeastNanos) return;
  const Stall stall{gap.length.count(), (start + gap.at).count(), n, gap.event};
  if (kept_.size() < limit_) {
    kept_.push_back(stall);
    std::push_heap(kept_.begin(), kept_.end(), Longer);
  } else if (Longer(stall, kept_.front())) {
    std::pop_heap(kept_.begin(), kept_.end(), Longer);
    kept_.back() = stall;
    std::push_heap(kept_.begin(), kept_.end(), Longer);
  }
}

std::vector<Stall> StallCollector::KeptAbove(double threshold) const {
  std::vector<Stall> stalls;
  for (const Stall& stall : kept_) {
    if (static_cast<double>(stall.length) > threshold) stalls.push_back(stall);
  }
  return stalls;
}

Stalls StallCollector::Finish(const Run& run) const {
  Stalls result;
  if (run.gaps == 0) return result;
  const double threshold = ThresholdOf(run);
  result.threshold_s = threshold / 1e9;

  const std::vector<Stall> stalls = KeptAbove(threshold);
  std::int64_t longest = 0;
  std::int64_t total = 0;
  for (const Stall& stall : stalls) {
    longest = std::max(longest, stall.length);
    total += stall.length;
  }
  if (!stalls.empty()) result.longest_s = ToSeconds(Nanos{longest});

  const bool more_than_kept = stalls.size() == limit_;
  if (more_than_kept) {
    const Nanos above{static_cast<std::int64_t>(threshold)};
    result.count = run.exact_gaps.CountAbove(above);
    result.total_s = run.exact_gaps.SumAboveNanos(above) / 1e9;
  } else {
    result.count = stalls.size();
    result.total_s = ToSeconds(Nanos{total});
    result.shared = CountShared(stalls, run.rows);
    result.single = *result.count - *result.shared;
  }
  result.share_of_gaps = static_cast<double>(*result.count) / static_cast<double>(run.gaps);
  return result;
}

StallCollector::List StallCollector::FindAll(const Run& run) const {
  List list;
  if (run.gaps == 0) return list;
  std::vector<Stall> stalls = KeptAbove(ThresholdOf(run));
  list.complete = stalls.size() < limit_;
  std::sort(stalls.begin(), stalls.end(), [](const Stall& a, const Stall& b) {
    return std::tuple(a.end, a.n, a.event) < std::tuple(b.end, b.n, b.event);
  });
  std::optional<SharedFinder> finder;
  if (list.complete) finder.emplace(stalls, run.rows);
  for (const Stall& stall : stalls) {
    list.stalls.push_back({.length = Nanos{stall.length},
                           .end = Nanos{stall.end},
                           .n = stall.n,
                           .shared = finder && finder->IsShared(stall)});
  }
  return list;
}

}  // namespace sseprof
