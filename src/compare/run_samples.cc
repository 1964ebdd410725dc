#include "compare/run_samples.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace sseprof {
namespace {

using Observations = std::vector<Observation>;

/// What an output event counts for, times its tokens: more than 1 where tokens are told by usage
/// alone and events hold several, as in the estimate of TPOT.
double TokensPerCounted(const RequestRecord& record) {
  if (record.tokens_from != TokenSource::kEvents) return 1;
  const auto told = static_cast<double>(CompletionTokens(record).value_or(0));
  const auto counted = static_cast<double>(CountedTokens(record));
  return told > counted && counted > 0 ? told / counted : 1;
}

double Count(Nanos span) { return static_cast<double>(span.count()); }

Nanos FromSeconds(double seconds) {
  constexpr double kNanosPerSecond = 1e9;
  return Nanos{std::llround(seconds * kNanosPerSecond)};
}

}  // namespace

struct RunSampler::State {
  explicit State(const RunContext& run) : context(run) {}

  RunContext context;
  std::optional<Nanos> first_start;  ///< of a measured request
  Observations itl, tpot, latency, ttft, burst, tokens;
  std::int64_t cached_tokens = 0, prompt_tokens = 0;

  void AddTokens(const RequestRecord& record, Nanos start);
  void AddGood(const RequestRecord& record, Nanos start);

  /// The first of a measured request, counted from the first measured start.
  Nanos FirstOutput() const {
    Nanos first = Nanos::max();
    for (const Observations* of : {&burst, &ttft}) {
      for (const Observation& o : *of) first = std::min(first, o.at);
    }
    return first == Nanos::max() ? Nanos{0} : first - first_start.value_or(Nanos{0});
  }

  /// The observations, with their instants counted from the first measured start.
  Observations Shifted(Observations& observations) const {
    for (Observation& o : observations) o.at -= first_start.value_or(Nanos{0});
    return std::move(observations);
  }
  Sample MakeSample(Observations& observations, Sample::Unit unit, Nanos span = Nanos{0}) const {
    return {Shifted(observations), unit, span};
  }
};

RunSampler::RunSampler(const RunContext& context) : state_(std::make_unique<State>(context)) {}
RunSampler::~RunSampler() = default;
RunSampler::RunSampler(RunSampler&&) noexcept = default;

void RunSampler::Add(const RequestRecord& record) {
  State& state = *state_;
  const Nanos start = record.start - state.context.origin;
  if (!record.warmup) state.first_start = std::min(state.first_start.value_or(start), start);
  if (state.context.stream) state.AddTokens(record, start);
  if (record.good() && !record.warmup) state.AddGood(record, start);
}

void RunSampler::State::AddTokens(const RequestRecord& record, Nanos start) {
  const double each = TokensPerCounted(record);
  for (const StreamEvent& event : record.events) {
    if (!IsOutput(event.kind)) continue;
    tokens.push_back({each * static_cast<double>(event.tokens), start + event.at});
  }
}

void RunSampler::State::AddGood(const RequestRecord& record, Nanos start) {
  if (const auto found = Latency(record)) latency.push_back({Count(*found), start + *record.end});
  if (record.usage && record.usage->prompt_tokens && record.usage->cached_tokens) {
    prompt_tokens += *record.usage->prompt_tokens;
    cached_tokens += *record.usage->cached_tokens;
  }
  if (!context.stream) return;
  if (const auto found = Ttft(record)) {
    // Requests are numbered in order of sending, warm-up included.
    (record.n < context.concurrency ? burst : ttft).push_back({Count(*found), start + *found});
  }
  if (const auto found = Tpot(record)) {
    tpot.push_back({std::max(0.0, found->nanos), start + *LastOutput(record)});
  }
  ForEachGap(record, [&](const Gap& gap) {
    itl.push_back({std::max(0.0, Count(gap.length)), start + gap.at});
  });
}

RunSamples RunSampler::Finish(const Summary& summary) {
  State& state = *state_;
  RunSamples samples;
  const Nanos first_output = state.FirstOutput();
  // Without others, the client's own burst is all there is.
  if (state.ttft.empty()) std::swap(state.ttft, state.burst);
  for (const Observation& o : state.burst) samples.burst_ttft.push_back(o.value);
  std::sort(samples.burst_ttft.begin(), samples.burst_ttft.end());

  const Nanos span = FromSeconds(summary.latency.p50.value_or(0));
  samples.itl = state.MakeSample(state.itl, Sample::Unit::kInstants);
  samples.ttft = state.MakeSample(state.ttft, Sample::Unit::kInstants);
  samples.tpot = state.MakeSample(state.tpot, Sample::Unit::kSpans, span);
  samples.latency = state.MakeSample(state.latency, Sample::Unit::kSpans, span);
  samples.tokens = state.Shifted(state.tokens);
  samples.steady_until = samples.itl.duration();
  if (const auto& steady = summary.steady_state) {
    samples.steady_from = std::max(FromSeconds(steady->start_s), first_output);
    samples.steady_until = FromSeconds(steady->end_s);
  }
  if (state.prompt_tokens > 0) {
    samples.cached_share =
        static_cast<double>(state.cached_tokens) / static_cast<double>(state.prompt_tokens);
  }
  return samples;
}

}  // namespace sseprof
