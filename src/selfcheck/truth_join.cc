#include "selfcheck/truth_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stats/distribution.h"

namespace sseprof {

Nanos DistanceFromSend(Instant at, const SendBracket& send) {
  return std::max({send.before - at, Nanos{0}, at - send.after});
}

bool ContainsSend(Instant at, Nanos width, const SendBracket& send) {
  return at - width - kContainedTolerance <= send.after && send.before <= at + kContainedTolerance;
}

double SelfcheckRun::contained_share() const {
  return events == 0 ? 0 : static_cast<double>(contained) / static_cast<double>(events);
}

double SelfcheckRun::judged_share() const {
  return events == 0 ? 0 : static_cast<double>(judged_events) / static_cast<double>(events);
}

void TruthJoin::Values::Add(Nanos true_span, Nanos measured_span) {
  truth.push_back(true_span.count());
  measured.push_back(measured_span.count());
}

Compared TruthJoin::Values::Finish() {
  return {DistributionOfNanos(std::exchange(truth, {})),
          DistributionOfNanos(std::exchange(measured, {}))};
}

TruthJoin::TruthJoin(const std::vector<RequestRecord>& records) : records_(records) {
  std::size_t events = 0;
  for (const RequestRecord& record : records) {
    by_id_.insert({record.request_id, {.record = &record, .done = false}});
    events += record.events.size();
  }
  // Millions: growing by doubling would take half as much again.
  for (auto* values : {&errors_, &brackets_, &itl_.truth, &itl_.measured}) values->reserve(events);
}

void TruthJoin::Add(const SentStream& stream) {
  const auto found = by_id_.find(stream.request_id);
  if (found == by_id_.end()) {
    throw TruthMismatch(fmt::format("{}: answered, and never sent", stream.request_id));
  }
  if (std::exchange(found->second.done, true)) {
    throw TruthMismatch(fmt::format("{}: answered twice", stream.request_id));
  }
  const RequestRecord& record = *found->second.record;
  if (!record.good()) return;
  if (record.events.size() != stream.sends.size()) {
    throw TruthMismatch(fmt::format("{}: {} events recorded, {} sent", stream.request_id,
                                    record.events.size(), stream.sends.size()));
  }
  for (std::size_t i = 0; i < stream.sends.size(); ++i) {
    AddEvent(record.start + record.events[i].at, record.events[i], stream.sends[i]);
  }
  AddSpans(record, stream);
}

void TruthJoin::AddEvent(Instant at, const StreamEvent& event, const SendBracket& send) {
  const Nanos bracket = send.after - send.before;
  brackets_.push_back(bracket.count());
  contained_ += ContainsSend(at, event.width, send);
  if (bracket >= kJudgedBelow) return;
  errors_.push_back(DistanceFromSend(at, send).count());
  earliest_ = std::max(earliest_, send.before - at);
}

void TruthJoin::AddSpans(const RequestRecord& record, const SentStream& stream) {
  const StreamEvent* last = nullptr;
  Instant last_sent{};
  for (std::size_t i = 0; i < stream.sends.size(); ++i) {
    const StreamEvent& event = record.events[i];
    if (!IsOutput(event.kind)) continue;
    const Instant sent = stream.sends[i].before;
    if (last == nullptr) {
      ttft_.Add(sent - stream.received, event.at);
    } else {
      itl_.Add(sent - last_sent, event.at - last->at);
    }
    last = &event;
    last_sent = sent;
  }
  if (const auto latency = Latency(record); latency && !stream.sends.empty()) {
    latency_.Add(stream.sends.back().before - stream.received, *latency);
  }
}

void TruthJoin::Finish(SelfcheckRun& run) {
  for (const RequestRecord& record : records_) {
    ++run.requests;
    if (!record.good()) {
      ++run.failed;
      run.last_failure = fmt::format("{}: {}", Name(record.outcome), record.message);
    } else if (!by_id_.at(record.request_id).done) {
      throw TruthMismatch(fmt::format("{}: recorded, and not in the log", record.request_id));
    }
  }
  run.events = brackets_.size();
  run.judged_events = errors_.size();
  run.contained = contained_;
  run.earliest = earliest_;
  run.bracket = DistributionOfNanos(std::exchange(brackets_, {}));
  run.error = DistributionOfNanos(std::exchange(errors_, {}));
  run.itl = itl_.Finish();
  run.ttft = ttft_.Finish();
  run.latency = latency_.Finish();
}

namespace {

ClientReport ClientOf(const RunContext& context, const RunEnd& end,
                      const std::vector<RequestRecord>& records) {
  SummaryBuilder summary(context);
  for (const RequestRecord& record : records) summary.Add(record);
  return summary.Finish(&end).client.value();
}

}  // namespace

SelfcheckRun JoinRun(const RunContext& context, const RunEnd& end,
                     const std::vector<RequestRecord>& records, std::istream& log) {
  SelfcheckRun run;
  run.timestamps = context.timestamps;
  run.timestamps_used = end.timestamps;
  run.client = ClientOf(context, end, records);
  TruthJoin join(records);
  ReadSimLog(log, [&join](const SentStream& stream) { join.Add(stream); });
  join.Finish(run);
  run.coalesced_share = run.client.coalesced_share.value_or(0);
  run.reads = end.client.client_delay.count();
  return run;
}

}  // namespace sseprof
