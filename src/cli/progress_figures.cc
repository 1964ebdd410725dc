#include "cli/progress_figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "sseprof/record.h"

namespace sseprof {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanos kRateWindow = seconds(5);
constexpr Nanos kSpanWindow = seconds(10);
// A reading is a little early or late.
constexpr Nanos kSlack = milliseconds(200);
// Of the summary's verdict on the client: what exceeds it, counts as `client_limited`.
constexpr double kTolerated = 0.05;
constexpr double kBusy = 0.9;
// So few say nothing of the client.
constexpr std::int64_t kFew = 10;

std::int64_t Done(const LiveTotals& totals) {
  return totals[LiveCounter::kWarmupFinished] + totals[LiveCounter::kCompleted] + totals.Failed();
}

std::int64_t InFlight(const LiveTotals& totals) {
  const std::int64_t started = totals[LiveCounter::kWarmupStarted] + totals[LiveCounter::kStarted];
  return std::max<std::int64_t>(started - Done(totals), 0);
}

double Ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::int64_t ProgressFigures::BelowTarget() const {
  return phase == RunPhase::kMeasure ? std::max<std::int64_t>(concurrency - in_flight, 0) : 0;
}

void ProgressHistory::Add(Instant at, RunReading reading) {
  if (samples_.empty()) began_ = at;
  if (samples_.empty() || Done(reading.totals) != Done(samples_.back().reading.totals)) {
    last_done_ = at;
  }
  samples_.push_back({at, std::move(reading)});
  while (samples_.size() > 2 && samples_[1].at <= at - kSpanWindow) samples_.pop_front();
}

ProgressFigures ProgressHistory::Figures() const {
  const auto& [now, reading] = samples_.back();
  const LiveTotals& totals = reading.totals;
  ProgressFigures figures = {.run = goal_.run,
                             .phase = reading.phase,
                             .elapsed = now - began_,
                             .done = Done(totals),
                             .in_flight = InFlight(totals),
                             .total = goal_.requests,
                             .concurrency = reading.facts->concurrency,
                             .failed = totals.Failed(),
                             .tokens_per_s = TokensPerSecond(),
                             .ttft = Recent(LiveSpan::kTtft),
                             .itl = Recent(LiveSpan::kItl),
                             .latency = Recent(LiveSpan::kLatency),
                             .client_delay = Recent(LiveSpan::kClientDelay),
                             .coalesced = Coalesced()};
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    if (totals.failures[i] == 0) continue;
    figures.failures.emplace_back(Name(static_cast<Outcome>(i)), totals.failures[i]);
  }
  figures.limit = Limit(figures);
  figures.left = Left(figures);
  figures.over = Over(figures);
  return figures;
}

const ProgressHistory::Sample& ProgressHistory::Before(Nanos span) const {
  const Instant latest = samples_.back().at - span + kSlack;
  const auto found = std::find_if(samples_.rbegin(), samples_.rend(),
                                  [latest](const Sample& sample) { return sample.at <= latest; });
  return found == samples_.rend() ? samples_.front() : *found;
}

std::optional<double> ProgressHistory::TokensPerSecond() const {
  const auto& [now, reading] = samples_.back();
  const Sample& before = Before(kRateWindow);
  const Nanos span = std::min(now - before.at, reading.elapsed.value_or(Nanos{0}));
  if (span <= Nanos{0}) return std::nullopt;
  // Without a stream nothing can be counted, but by the server.
  const LiveCounter counter = reading.totals[LiveCounter::kEvents] > 0
                                  ? LiveCounter::kTokensCounted
                                  : LiveCounter::kTokensReported;
  const std::int64_t tokens = reading.totals[counter] - before.reading.totals[counter];
  return static_cast<double>(tokens) / ToSeconds(span);
}

RecentSpan ProgressHistory::Recent(LiveSpan span) const {
  BucketCounts counts = samples_.back().reading.totals[span];
  counts.Subtract(Before(kSpanWindow).reading.totals[span]);
  if (counts.Count() <= 0) return {};
  return {.p50 = counts.Quantile(0.5), .p99 = counts.Quantile(0.99)};
}

std::optional<double> ProgressHistory::Coalesced() const {
  const LiveTotals& now = samples_.back().reading.totals;
  const LiveTotals& before = Before(kSpanWindow).reading.totals;
  const std::int64_t events = now[LiveCounter::kEvents] - before[LiveCounter::kEvents];
  if (events < kFew) return std::nullopt;
  return Ratio(now[LiveCounter::kCoalesced] - before[LiveCounter::kCoalesced], events);
}

double ProgressHistory::BusiestLoop() const {
  const Sample& now = samples_.back();
  const Sample& before = Before(kRateWindow);
  const double span = ToSeconds(now.at - before.at);
  double busiest = 0;
  for (std::size_t i = 0; span > 0 && i < now.reading.busy.size(); ++i) {
    const Nanos busy = now.reading.busy[i] - before.reading.busy[i];
    busiest = std::max(busiest, ToSeconds(busy) / span);
  }
  return busiest;
}

std::string ProgressHistory::Limit(const ProgressFigures& figures) const {
  std::vector<std::string> reasons;
  if (figures.coalesced.value_or(0) > kTolerated) reasons.emplace_back("it reads too late");
  const RecentSpan sending = Recent(LiveSpan::kSendDelay);
  if (sending.p99 && figures.ttft.p50 &&
      ToSeconds(*sending.p99) > kTolerated * ToSeconds(*figures.ttft.p50)) {
    reasons.emplace_back("sending takes above 5 % of TTFT");
  }
  if (const double busiest = BusiestLoop(); busiest > kBusy) {
    reasons.push_back(
        fmt::format("a loop is busy {:.0f} % of the time", std::min(busiest, 1.0) * 100));
  }
  return fmt::format("{}", fmt::join(reasons, ", "));
}

std::optional<Nanos> ProgressHistory::Left(const ProgressFigures& figures) const {
  const bool all_sent = goal_.requests && figures.done + figures.in_flight >= *goal_.requests;
  if (figures.phase == RunPhase::kDrain && !all_sent) return std::nullopt;
  std::optional<Nanos> left = LeftByRequests(figures);
  const std::optional<Nanos> elapsed = samples_.back().reading.elapsed;
  if (goal_.duration && elapsed && *elapsed < *goal_.duration) {
    left = std::min(left.value_or(Nanos::max()), *goal_.duration - *elapsed);
  }
  return left;
}

// Requests end in waves: between two of them the end stays where the last one put it.
std::optional<Nanos> ProgressHistory::LeftByRequests(const ProgressFigures& figures) const {
  if (!goal_.requests || figures.done == 0) return std::nullopt;
  const double each = Ratio(*goal_.requests, figures.done);
  const auto end_after = [each](Nanos taken) {
    return std::chrono::duration_cast<Nanos>(taken * each);
  };
  const Nanos end = end_after(last_done_ - began_);
  if (end >= figures.elapsed) return end - figures.elapsed;
  return std::max(end_after(figures.elapsed) - figures.elapsed, Nanos{0});
}

std::optional<double> ProgressHistory::Over(const ProgressFigures& figures) const {
  std::optional<double> over;
  if (goal_.requests && *goal_.requests > 0) over = Ratio(figures.done, *goal_.requests);
  if (goal_.duration) {
    const Nanos elapsed = samples_.back().reading.elapsed.value_or(Nanos{0});
    over = std::max(over.value_or(0), ToSeconds(elapsed) / ToSeconds(*goal_.duration));
  }
  if (over) over = std::min(*over, 1.0);
  return over;
}

}  // namespace sseprof
