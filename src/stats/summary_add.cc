#include <algorithm>
#include <string>

#include "stats/summary_state.h"

namespace sseprof {
namespace {

std::int64_t CountOf(std::optional<Nanos> span) {
  return span ? std::max<std::int64_t>(0, span->count()) : RequestRow::kAbsent;
}

RequestRow MakeRow(const RequestRecord& record, Nanos start) {
  RequestRow row;
  row.n = record.n;
  row.start = start.count();
  row.latency = CountOf(Latency(record));
  row.ttft = CountOf(Ttft(record));
  row.last_output = CountOf(LastOutput(record));
  row.send_delay = CountOf(SendDelay(record));
  row.connect = CountOf(ConnectTime(record));
  if (const auto tpot = Tpot(record)) row.tpot = std::max(0.0, tpot->nanos);
  row.new_connection = !record.reused;
  return row;
}

}  // namespace

void SummaryBuilder::Add(const RequestRecord& record) {
  State& state = *state_;
  const Nanos start = record.start - state.context.origin;
  if (state.context.stream) state.steady.Add(record, start);
  state.server.Add(record);
  if (!record.warmup) {
    state.AddMeasured(record, start);
    return;
  }
  const Instant from = record.ready.value_or(record.start);
  const Nanos held = record.closed.value_or(record.end.value_or(Nanos{0}));
  state.warmups.push_back({(from - state.context.origin).count(), (start + held).count()});
}

void SummaryBuilder::State::AddMeasured(const RequestRecord& record, Nanos start) {
  first_start = std::min(first_start, start.count());
  if (const auto end = record.end ? record.end : record.closed) {
    latest_end = std::max(latest_end, (start + *end).count());
  }
  retried += record.retried;
  if (context.stream) {
    facts.events.Add(record);
    usage.Add(record);
    ForEachGap(record, [&](const Gap&) { ++gaps_all; });
  }
  if (record.good()) {
    AddGood(record, start);
  } else {
    ++errors;
    ++failures[std::string{Name(record.outcome)}];
  }
}

void SummaryBuilder::State::AddGood(const RequestRecord& record, Nanos start) {
  ++ok;
  within_slo += context.slo.MetBy(record);
  RequestRow row = MakeRow(record, start);
  if (!context.stream) {
    row.ttft = row.last_output = RequestRow::kAbsent;
    row.tpot = RequestRow::kAbsent;
  }
  rows.push_back(row);
  if (const auto lag = StartLag(record)) start_lag.Record(*lag);
  const std::optional<std::int64_t> tokens = CompletionTokens(record);
  completion_tokens.Add(tokens);
  if (record.usage) prompt_tokens.Add(record.usage->prompt_tokens);

  facts.missing_usage += !record.usage || !record.usage->completion_tokens;
  facts.cached += record.usage && record.usage->cached_tokens.value_or(0) > 0;
  facts.done_missing += record.done_missing;
  const auto& reasons = record.finish_reasons;
  const bool by_length = std::find(reasons.begin(), reasons.end(), "length") != reasons.end();
  const auto choices = static_cast<Mean::Wide>(std::max<std::size_t>(1, reasons.size()));
  facts.short_answers += !by_length && tokens && *tokens < choices * record.max_tokens;

  if (!context.stream) return;
  if (const auto tpot = Tpot(record)) ++(tpot->exact ? tpot_exact : tpot_estimated);
  ForEachGap(record, [&](const Gap& gap) { AddGap(record, gap, start); });
}

void SummaryBuilder::State::AddGap(const RequestRecord& record, const Gap& gap, Nanos start) {
  gaps.Add(gap, record.events[gap.event].width);
  gap_instants.Add(start + gap.at);
  stalls.Add(gap, record.n, start);
  if (gap.length > longest.length || (gap.length == longest.length && record.n < longest.n)) {
    longest = {gap.length, record.n, record.request_id};
  }
}

}  // namespace sseprof
