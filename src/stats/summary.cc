#include "sseprof/summary.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "stats/client_report.h"
#include "stats/derived.h"
#include "stats/distribution.h"
#include "stats/instants.h"
#include "stats/summary_state.h"

namespace sseprof {
namespace {

__extension__ typedef __int128 Wide;

constexpr double kNanosPerSecond = 1e9;
constexpr std::size_t kLeastOthers = 8;

std::vector<std::int64_t> Present(const std::deque<RequestRow>& rows,
                                  std::int64_t RequestRow::*value) {
  std::vector<std::int64_t> values;
  values.reserve(rows.size());
  for (const RequestRow& row : rows) {
    if (row.*value != RequestRow::kAbsent) values.push_back(row.*value);
  }
  return values;
}

std::optional<double> MedianSeconds(std::vector<std::int64_t> nanos) {
  return DistributionOfNanos(std::move(nanos)).p50;
}

}  // namespace

void SummaryBuilder::State::SetCounts(Summary& summary, const RunEnd* end) const {
  summary.context = context;
  summary.ok = ok;
  summary.errors = errors;
  summary.requests = context.requests.value_or(static_cast<std::int64_t>(ok + errors));
  summary.failures = failures;
  summary.interrupted = end == nullptr || end->interrupted_at.has_value();
  std::int64_t until = latest_end;
  if (end != nullptr && end->interrupted_at) {
    until = std::max(until, (*end->interrupted_at - context.origin).count());
  }
  if (ok + errors > 0 && until >= first_start) {
    summary.total_time_s = ToSeconds(Nanos{until - first_start});
  }
  if (end != nullptr) {
    summary.server_kind = end->server_kind;
    summary.server_version = end->server_version;
  }
}

void SummaryBuilder::State::SetPerRequest(Summary& summary) const {
  summary.latency = DistributionOfNanos(Present(rows, &RequestRow::latency));
  summary.ttft = DistributionOfNanos(Present(rows, &RequestRow::ttft));
  summary.send_delay = DistributionOfNanos(Present(rows, &RequestRow::send_delay));
  summary.start_lag = DistributionOf(start_lag);
  summary.connect = DistributionOfNanos(Present(rows, &RequestRow::connect));
  std::vector<double> tpots, rates;
  InstantCounter first_outputs;
  std::int64_t last_end = 0, last_tpot = 0;
  for (const RequestRow& row : rows) {
    if (row.tpot >= 0) {
      tpots.push_back(row.tpot);
      last_tpot = std::max(last_tpot, row.start + row.last_output);
    }
    if (row.tpot > 0) rates.push_back(kNanosPerSecond / row.tpot);
    if (row.latency != RequestRow::kAbsent) last_end = std::max(last_end, row.start + row.latency);
    if (row.ttft == RequestRow::kAbsent) continue;
    first_outputs.Add(Nanos{row.start + row.ttft});
    summary.ttft_cold_count += row.new_connection;
  }
  summary.tpot = DistributionOfValues(std::move(tpots), kNanosPerSecond);
  summary.decode_tps_per_request = DistributionOfValues(std::move(rates), 1);
  summary.tpot_exact = tpot_exact;
  summary.tpot_estimated = tpot_estimated;

  summary.latency.weak = WeakQuantiles(Looks(Nanos{last_end}, summary.latency.p50));
  for (Distribution* spans : {&summary.tpot, &summary.decode_tps_per_request}) {
    spans->weak = WeakQuantiles(Looks(Nanos{last_tpot}, summary.latency.p50));
  }
  summary.ttft.weak = WeakQuantiles(first_outputs.Instants());
  for (Distribution* single : {&summary.start_lag, &summary.send_delay, &summary.connect}) {
    single->weak = WeakQuantiles(static_cast<double>(single->count));
  }
}

void SummaryBuilder::State::SetGaps(Summary& summary) const {
  GapDistribution& itl = summary.itl;
  const Histogram nominal = gaps.Nominal();
  static_cast<Distribution&>(itl) = DistributionOf(nominal);
  itl.weak = WeakQuantiles(gap_instants.Instants());
  itl.count_all = gaps_all;
  if (itl.count > 0) {
    itl.uncertain_share = static_cast<double>(gaps.wide()) / static_cast<double>(itl.count);
    itl.max_request = longest.n;
    itl.max_request_id = longest.request_id;
  }
  const Histogram low = gaps.Low();
  const Histogram high = gaps.High();
  for (const QuantileField& quantile : kQuantiles) {
    itl.low[std::string{quantile.name}] = QuantileSeconds(low, quantile.p);
    itl.high[std::string{quantile.name}] = QuantileSeconds(high, quantile.p);
  }
  summary.stalls =
      stalls.Finish({.median_gap_nanos = itl.count > 0 ? nominal.QuantileNanos(0.5) : 0,
                     .gaps = itl.count,
                     .exact_gaps = gaps.exact(),
                     .rows = rows});
}

void SummaryBuilder::State::SetSteady(Summary& summary) const {
  const std::optional<SteadyCollector::Window> window = steady.Finish();
  if (!window || ok + errors == 0) return;
  SteadyState result;
  result.start_s = ToSeconds(window->start - Nanos{first_start});
  result.end_s = ToSeconds(window->end - Nanos{first_start});
  result.decode_tps = static_cast<double>(window->tokens) / ToSeconds(window->end - window->start);
  result.itl = DistributionOf(window->gaps);
  result.itl.weak = WeakQuantiles(window->instants);
  std::vector<std::int64_t> ttfts;
  InstantCounter first_outputs;
  for (const RequestRow& row : rows) {
    const Nanos at{row.start + row.ttft};
    if (row.ttft == RequestRow::kAbsent || at <= window->start || at > window->end) continue;
    ttfts.push_back(row.ttft);
    first_outputs.Add(at);
  }
  result.requests = ttfts.size();
  result.ttft = DistributionOfNanos(std::move(ttfts));
  result.ttft.weak = WeakQuantiles(first_outputs.Instants());
  summary.steady_state = std::move(result);
}

void SummaryBuilder::State::SetThroughput(Summary& summary) const {
  summary.prompt_tokens_mean = prompt_tokens.Value();
  summary.completion_tokens_mean = completion_tokens.Value();
  const Derived derived = ComputeDerived({.ok = ok,
                                          .total_time_s = summary.total_time_s,
                                          .prompt_tokens_mean = summary.prompt_tokens_mean,
                                          .completion_tokens_mean = summary.completion_tokens_mean,
                                          .latency_mean_s = summary.latency.mean});
  summary.qps = derived.qps;
  summary.prompt_tps = derived.prompt_tps;
  summary.decode_tps = derived.decode_tps;
  summary.ms_per_output_token = derived.ms_per_output_token;
}

void SummaryBuilder::State::SetGoodput(Summary& summary) const {
  if (!context.slo.any()) return;
  Goodput goodput{.slo = context.slo, .within = within_slo};
  const auto within = static_cast<double>(within_slo);
  if (ok + errors > 0) goodput.share = within / static_cast<double>(ok + errors);
  if (summary.total_time_s.value_or(0) > 0) goodput.requests_per_s = within / *summary.total_time_s;
  summary.goodput = goodput;
}

void SummaryBuilder::State::SetFirstBurst(WarningFacts& out) const {
  std::vector<std::int64_t> first, others;
  for (const RequestRow& row : rows) {
    if (row.ttft == RequestRow::kAbsent) continue;
    const bool in_burst = row.n < context.warmup_requests + context.concurrency;
    (in_burst ? first : others).push_back(row.ttft);
  }
  if (others.size() < kLeastOthers) return;
  out.first_ttft_s = MedianSeconds(std::move(first));
  out.other_ttft_s = MedianSeconds(std::move(others));
}

WarningFacts SummaryBuilder::State::Facts(const Summary& summary, const RunEnd* end) const {
  WarningFacts result = facts;
  result.usage_above_limit = usage.above_limit();
  result.end_known = end != nullptr;
  if (end != nullptr) result.of_run = end->warnings;
  SetFirstBurst(result);
  if (summary.total_time_s.value_or(0) > 0) {
    const std::int64_t until =
        first_start + static_cast<std::int64_t>(*summary.total_time_s * kNanosPerSecond);
    Wide held = 0;
    for (const WarmupSlot& slot : warmups) {
      held +=
          std::max<std::int64_t>(0, std::min(slot.until, until) - std::max(slot.from, first_start));
    }
    result.warmup_share =
        static_cast<double>(held) / kNanosPerSecond / (*summary.total_time_s * context.concurrency);
  }
  return result;
}

SummaryBuilder::SummaryBuilder(const RunContext& context)
    : state_(std::make_unique<State>(context)) {}
SummaryBuilder::~SummaryBuilder() = default;
SummaryBuilder::SummaryBuilder(SummaryBuilder&&) noexcept = default;

Summary SummaryBuilder::Finish(const RunEnd* end) const {
  const State& state = *state_;
  Summary summary;
  state.SetCounts(summary, end);
  state.SetPerRequest(summary);
  state.SetThroughput(summary);
  state.SetGoodput(summary);
  state.SetGaps(summary);
  if (state.context.stream) {
    state.SetSteady(summary);
    summary.usage_check = state.usage.Finish(summary.total_time_s);
  }
  if (end != nullptr) {
    summary.client = MakeClientReport(summary, state.facts.events, state.retried, *end);
  }
  summary.server = state.server.Finish(end);
  MarkUntrusted(summary);
  summary.warnings = MakeWarnings(summary, state.Facts(summary, end));
  return summary;
}

}  // namespace sseprof
