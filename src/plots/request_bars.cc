#include "plots/request_bars.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace sseprof {
namespace {

constexpr std::uint64_t kMostBars = 2'000;
constexpr std::size_t kMostStalls = 6'000;
constexpr std::size_t kMostFailed = 100;
constexpr std::int64_t kAbsent = -1;

std::int64_t CountOf(std::optional<Nanos> span) {
  return span ? std::max<std::int64_t>(0, span->count()) : kAbsent;
}

std::optional<double> SecondsOf(std::int64_t nanos) {
  return nanos == kAbsent ? std::nullopt : std::optional(ToSeconds(Nanos{nanos}));
}

/// When it ended, or what is last known of it.
std::optional<Nanos> LastKnown(const RequestRecord& record) {
  if (record.end) return record.end;
  if (record.closed) return record.closed;
  if (!record.events.empty()) return record.events.back().at;
  return std::nullopt;
}

std::optional<Nanos> Waited(const RequestRecord& record) {
  if (record.scheduled) return record.start - *record.scheduled;
  return StartLag(record);
}

/// The longest of them, by request; within a request by instant.
std::map<std::int64_t, std::vector<StallCollector::Found>> LongestByRequest(
    std::vector<StallCollector::Found> stalls) {
  using Found = StallCollector::Found;
  if (stalls.size() > kMostStalls) {
    std::sort(stalls.begin(), stalls.end(), [](const Found& a, const Found& b) {
      return std::tuple(b.length, a.end, a.n) < std::tuple(a.length, b.end, b.n);
    });
    stalls.resize(kMostStalls);
    std::sort(stalls.begin(), stalls.end(), [](const Found& a, const Found& b) {
      return std::tuple(a.end, a.n, a.length) < std::tuple(b.end, b.n, b.length);
    });
  }
  std::map<std::int64_t, std::vector<Found>> by_request;
  for (const Found& stall : stalls) by_request[stall.n].push_back(stall);
  return by_request;
}

}  // namespace

RequestCollector::RequestCollector(const RunContext& context)
    : origin_(context.origin),
      slots_(static_cast<std::uint64_t>(std::max(1, context.concurrency))) {}

void RequestCollector::Add(const RequestRecord& record) {
  const std::optional<Nanos> last = LastKnown(record);
  rows_.push_back({.n = record.n,
                   .start = (record.start - origin_).count(),
                   .waited = CountOf(Waited(record)),
                   .ttft = CountOf(Ttft(record)),
                   .length = last ? std::max<std::int64_t>(0, last->count()) : 0,
                   .tokens = CompletionTokens(record).value_or(0),
                   .warmup = record.warmup,
                   .outcome = record.outcome});
  if (!record.good() && !record.warmup) KeepFailed(record);
}

void RequestCollector::KeepFailed(const RequestRecord& record) {
  ++failed_count_;
  const auto place =
      std::upper_bound(failed_.begin(), failed_.end(), record.n,
                       [](std::int64_t n, const FailedRequest& other) { return n < other.n; });
  if (place == failed_.end() && failed_.size() == kMostFailed) return;
  const std::optional<Nanos> last = LastKnown(record);
  failed_.insert(place, {.n = record.n,
                         .request_id = record.request_id,
                         .server_id = record.server_id,
                         .outcome = record.outcome,
                         .http_status = record.http_status,
                         .start_s = ToSeconds(record.start - origin_),
                         .after_s = last ? std::optional(ToSeconds(*last)) : std::nullopt,
                         .tokens = CountedTokens(record),
                         .message = record.message});
  if (failed_.size() > kMostFailed) failed_.pop_back();
}

RequestBar RequestCollector::BarOf(const Row& row, Nanos zero) const {
  return {.n = row.n,
          .start_s = ToSeconds(Nanos{row.start} - zero),
          .waited_s = SecondsOf(row.waited),
          .ttft_s = SecondsOf(row.ttft),
          .length_s = ToSeconds(Nanos{row.length}),
          .tokens = row.tokens,
          .warmup = row.warmup,
          .outcome = row.outcome,
          .stalls = {}};
}

RequestBars RequestCollector::Bars(const std::vector<StallCollector::Found>& stalls,
                                   Nanos zero) const {
  RequestBars result{.bars = {}, .requests = rows_.size()};
  result.wave = std::min(slots_, kMostBars);
  const std::uint64_t waves = (rows_.size() + result.wave - 1) / result.wave;
  const std::uint64_t most_waves = std::max<std::uint64_t>(1, kMostBars / result.wave);
  result.every_wave = std::max<std::uint64_t>(1, (waves + most_waves - 1) / most_waves);

  std::vector<Row> sorted = rows_;
  std::sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) {
    return std::tuple(a.start, a.n) < std::tuple(b.start, b.n);
  });
  std::map<std::int64_t, std::size_t> bar_of;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i / result.wave % result.every_wave != 0) continue;
    bar_of[sorted[i].n] = result.bars.size();
    result.bars.push_back(BarOf(sorted[i], zero));
  }

  std::vector<StallCollector::Found> on_bars;
  for (const auto& stall : stalls) {
    if (bar_of.contains(stall.n)) on_bars.push_back(stall);
  }
  result.stalls_all = on_bars.size();
  result.stalls = std::min<std::uint64_t>(on_bars.size(), kMostStalls);
  for (const auto& [n, found] : LongestByRequest(std::move(on_bars))) {
    RequestBar& bar = result.bars[bar_of.at(n)];
    for (const auto& stall : found) {
      bar.stalls.push_back({.from_s = ToSeconds(stall.end - stall.length - zero) - bar.start_s,
                            .length_s = ToSeconds(stall.length)});
    }
  }
  return result;
}

std::vector<FailedRequest> RequestCollector::Failed(Nanos zero) const {
  std::vector<FailedRequest> failed = failed_;
  for (FailedRequest& each : failed) each.start_s -= ToSeconds(zero);
  return failed;
}

}  // namespace sseprof
