#include "live/loop_metrics.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace sseprof {

LiveTotals::LiveTotals(const LiveEdges& edges) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(LiveSpan::kSize); ++i) {
    spans.emplace_back(edges.Of(static_cast<LiveSpan>(i)));
  }
}

std::int64_t LiveTotals::Failed() const {
  return std::accumulate(failures.begin(), failures.end(), std::int64_t{0});
}

std::int64_t LiveTotals::InFlight() const {
  return (*this)[LiveCounter::kStarted] - (*this)[LiveCounter::kCompleted] - Failed();
}

LoopMetrics::LoopMetrics(const LiveEdges& edges, const Slo& slo) : slo_(slo) {
  spans_.reserve(static_cast<std::size_t>(LiveSpan::kSize));
  for (std::size_t i = 0; i < static_cast<std::size_t>(LiveSpan::kSize); ++i) {
    spans_.emplace_back(edges.Of(static_cast<LiveSpan>(i)));
  }
}

void LoopMetrics::OnStart(const RequestRecord& record) {
  if (record.resent) return StartAgain(record);
  if (record.warmup) return Add(LiveCounter::kWarmupStarted, 1);
  if (first_start() == kNever) first_start_.store(record.start.time_since_epoch().count());
  Observe(LiveSpan::kScheduleLag, StartLag(record));
  Add(LiveCounter::kStarted, 1);
}

void LoopMetrics::StartAgain(const RequestRecord& record) {
  // A field that a server refuses is in all requests that are under way then, so that none of them
  // began before the first of them is sent again.
  const bool nothing_ended = finished_ == 0;
  if (record.warmup || !nothing_ended || std::exchange(restarted_, true)) return;
  first_start_.store(record.start.time_since_epoch().count());
}

void LoopMetrics::AddTokens(std::int64_t tokens) {
  const std::int64_t owed = counts_[Index(LiveCounter::kTokensOwed)].Read();
  const std::int64_t paid = std::min(owed, tokens);
  if (paid > 0) Add(LiveCounter::kTokensOwed, -paid);
  Add(LiveCounter::kTokensCounted, tokens - paid);
}

void LoopMetrics::OnEvents(const RequestRecord& record, std::size_t first) {
  if (record.warmup) return;
  AddUncertain(record, first);
  for (std::size_t i = first; i < record.events.size(); ++i) {
    const StreamEvent& event = record.events[i];
    if (IsOutput(event.kind)) waiting_.tokens += event.tokens;
  }
  waiting_.events += static_cast<std::int64_t>(record.events.size() - first);
  ForEachGapSince(record, first, [this](const Gap& gap) {
    if (waiting_.gaps == waiting_.lengths.size()) AddWaiting();
    waiting_.lengths[waiting_.gaps++] = gap.length;
  });
}

void LoopMetrics::AddUncertain(const RequestRecord& record, std::size_t first) {
  LiveHistogram::Batch widths(At(LiveSpan::kUncertainty));
  std::int64_t bundled = 0, coalesced = 0;
  for (std::size_t i = first; i < record.events.size(); ++i) {
    const Nanos width = record.events[i].width;
    if (width == Nanos{0}) continue;
    widths.Record(width);
    ++(width > kCoalescedAbove ? coalesced : bundled);
  }
  if (bundled > 0) Add(LiveCounter::kBundled, bundled);
  if (coalesced > 0) Add(LiveCounter::kCoalesced, coalesced);
}

void LoopMetrics::AddWaiting() {
  Add(LiveCounter::kEvents, waiting_.events);
  AddTokens(waiting_.tokens);
  LiveHistogram::Batch gaps(At(LiveSpan::kItl));
  for (std::size_t i = 0; i < waiting_.gaps; ++i) gaps.Record(waiting_.lengths[i]);
  waiting_.events = 0;
  waiting_.tokens = 0;
  waiting_.gaps = 0;
}

void LoopMetrics::OnFinish(const RequestRecord& record, std::int64_t guessed) {
  if (record.warmup) return Add(LiveCounter::kWarmupFinished, 1);
  ++finished_;
  AddWaiting();
  const std::int64_t counted = CountedTokens(record);
  const std::int64_t missed = counted - guessed;
  missed < 0 ? Add(LiveCounter::kTokensOwed, -missed) : AddTokens(missed);
  if (record.good()) {
    CheckUsage(record, counted);
    FinishGood(record);
  } else {
    failures_[static_cast<std::size_t>(record.outcome)].Add(1);
  }
}

void LoopMetrics::FinishGood(const RequestRecord& record) {
  Observe(LiveSpan::kTtft, Ttft(record));
  Observe(LiveSpan::kLatency, Latency(record));
  if (const auto tpot = Tpot(record)) At(LiveSpan::kTpot).Record(tpot->span());
  Observe(LiveSpan::kSendDelay, SendDelay(record));
  Observe(LiveSpan::kConnect, ConnectTime(record));
  if (slo_.MetBy(record)) Add(LiveCounter::kWithinSlo, 1);
  Add(LiveCounter::kCompleted, 1);
}

void LoopMetrics::CheckUsage(const RequestRecord& record, std::int64_t counted) {
  const Usage usage = record.usage.value_or(Usage{});
  Add(LiveCounter::kPromptTokens, usage.prompt_tokens.value_or(0));
  Add(LiveCounter::kTokensReported, usage.completion_tokens.value_or(0));
  if (record.events.empty()) return;  // no stream, so nothing was counted
  if (!usage.completion_tokens) {
    Add(LiveCounter::kUsageMissing, 1);
  } else if (*usage.completion_tokens != counted) {
    Add(LiveCounter::kUsageMismatches, 1);
  }
}

void LoopMetrics::OnLoop(const LoopNews& news) {
  AddWaiting();
  LiveHistogram::Batch delays(At(LiveSpan::kClientDelay));
  for (const Nanos delay : news.delays) delays.Record(delay);
  Add(LiveCounter::kReceivedBytes, news.received);
  Add(LiveCounter::kSentBytes, news.sent);
  Add(LiveCounter::kConnectionsOpened, news.opened);
  Add(LiveCounter::kConnectionsClosed, news.closed);
  Add(LiveCounter::kBusyNanos, news.busy.count());
  Observe(LiveSpan::kLoopLag, news.lag);
}

void LoopMetrics::AddTo(LiveTotals& totals) const {
  for (std::size_t i = 0; i < failures_.size(); ++i) totals.failures[i] += failures_[i].Read();
  for (std::size_t i = 0; i < counts_.size(); ++i) totals.counts[i] += counts_[i].Read();
  for (std::size_t i = 0; i < spans_.size(); ++i) spans_[i].AddTo(totals.spans[i]);
}

}  // namespace sseprof
