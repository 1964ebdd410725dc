#include "bench/stats/engine_run.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace sseprof::bench {
namespace {

constexpr double kStep = 7e6, kStepPerStream = 3e4;  // nanoseconds, as all here
constexpr double kFastMemory = 4, kFastDeviation = 0.02;
constexpr double kSlowMemory = 40, kSlowDeviation = 0.015;
constexpr double kLeastPrefill = 2e6, kMostPrefill = 4e6;
constexpr double kPauseShare = 0.015, kPause = 8e6, kPauseSpread = 0.8;
constexpr double kSeenLate = 6e4;
constexpr double kLeastThinking = 1e5, kMostThinking = 4e5;
constexpr double kSentApart = 2e4;
// Requests are the same in all runs: they have draws of their own.
constexpr std::uint64_t kRequestsSeed = 0x5eed, kTokensSet = 1, kPrefillSet = 2;

class AutoRegressive {
 public:
  AutoRegressive(double memory, double deviation, Draws& draws)
      : keeps_(std::exp(-1 / memory)),
        adds_(deviation * std::sqrt(1 - keeps_ * keeps_)),
        value_(deviation * draws.Normal()) {}
  double Next(Draws& draws) { return value_ = keeps_ * value_ + adds_ * draws.Normal(); }

 private:
  double keeps_, adds_, value_;
};

struct Request {
  double sent_at = 0;
  int number = 0;
  int tokens = 0;
  double prefill = 0;
  int got = 0;
  Nanos first_at{}, last_at{};
};

Nanos Rounded(double instant) { return Nanos{std::llround(instant)}; }

/// What the client sees of a run while the engine steps.
class Run {
 public:
  Run(const Scenario& scenario, double step_factor, Draws& draws)
      : scenario_(scenario),
        step_factor_(step_factor),
        draws_(draws),
        fast_(kFastMemory, kFastDeviation, draws),
        slow_(kSlowMemory, kSlowDeviation, draws) {
    for (int i = 0; i < scenario.concurrency && i < scenario.requests; ++i) Send(i * kSentApart);
    while (!waiting_.empty() || !running_.empty()) Step();
  }

  RunData Finish();

 private:
  void Send(double at);
  void Step();
  double Admit();
  void Token(Request& request);
  void Ended(const Request& request);
  void Summarize(Summary& summary, const RunSamples& samples) const;

  const Scenario& scenario_;
  const double step_factor_;
  Draws& draws_;
  AutoRegressive fast_, slow_;
  Draws tokens_{kRequestsSeed, kTokensSet, 0}, prefills_{kRequestsSeed, kPrefillSet, 0};
  double now_ = 0;
  int sent_ = 0;
  std::vector<Request> waiting_, running_;
  std::vector<Observation> itl_, ttft_, burst_, tpot_, latency_, output_;
  Nanos steady_from_{}, steady_until_{}, end_{};
};

void Run::Send(double at) {
  Request request = {.sent_at = at, .number = sent_++};
  const int range = scenario_.most_tokens - scenario_.least_tokens + 1;
  request.tokens = scenario_.least_tokens + static_cast<int>(range * (1 - tokens_.Uniform()));
  request.prefill = prefills_.Between(kLeastPrefill, kMostPrefill);
  waiting_.push_back(request);
}

/// Lets those begin that have come; how long their prefills take.
double Run::Admit() {
  if (running_.empty()) {
    double earliest = HUGE_VAL;
    for (const Request& request : waiting_) earliest = std::min(earliest, request.sent_at);
    now_ = std::max(now_, earliest);
  }
  double prefill = 0;
  const auto has_come = [this](const Request& request) { return request.sent_at <= now_; };
  for (const Request& request : waiting_) {
    if (!has_come(request)) continue;
    prefill += request.prefill;
    running_.push_back(request);
  }
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), has_come), waiting_.end());
  return prefill;
}

void Run::Step() {
  const double prefill = Admit();
  const double decode = (kStep + kStepPerStream * static_cast<double>(running_.size())) *
                        step_factor_ * std::exp(fast_.Next(draws_) + slow_.Next(draws_));
  const bool pauses = draws_.Uniform() <= kPauseShare;
  const double pause = pauses ? kPause * std::exp(kPauseSpread * draws_.Normal()) : 0;
  now_ += decode + prefill + pause;
  for (Request& request : running_) Token(request);
  const auto is_done = [](const Request& request) { return request.got == request.tokens; };
  running_.erase(std::remove_if(running_.begin(), running_.end(), is_done), running_.end());
}

void Run::Token(Request& request) {
  const Nanos at = Rounded(now_ + draws_.Between(0, kSeenLate));
  output_.push_back({.value = 1, .at = at});
  if (request.got++ == 0) {
    request.first_at = at;
    const bool is_burst = request.number < scenario_.concurrency;
    const Nanos ttft = at - Rounded(request.sent_at);
    (is_burst ? burst_ : ttft_).push_back({.value = static_cast<double>(ttft.count()), .at = at});
    if (is_burst) steady_from_ = std::max(steady_from_, at);
    if (request.number == scenario_.requests - 1) steady_until_ = at;
  } else {
    const Nanos gap = at - request.last_at;
    itl_.push_back({.value = static_cast<double>(gap.count()), .at = at});
  }
  request.last_at = at;
  if (request.got == request.tokens) Ended(request);
}

void Run::Ended(const Request& request) {
  const Nanos latency = request.last_at - Rounded(request.sent_at);
  const Nanos decoding = request.last_at - request.first_at;
  latency_.push_back({.value = static_cast<double>(latency.count()), .at = request.last_at});
  tpot_.push_back({.value = static_cast<double>(decoding.count()) / (request.tokens - 1),
                   .at = request.last_at});
  end_ = std::max(end_, request.last_at);
  if (sent_ == scenario_.requests) return;
  Send(static_cast<double>(request.last_at.count()) +
       draws_.Between(kLeastThinking, kMostThinking));
}

Distribution DistributionOf(const Sample& sample, std::uint64_t count) {
  constexpr double kSecond = 1e9;
  return {.count = count,
          .p50 = sample.Quantile(0.5) / kSecond,
          .p90 = sample.Quantile(0.9) / kSecond,
          .p95 = sample.Quantile(0.95) / kSecond,
          .p99 = sample.Quantile(0.99) / kSecond,
          .p999 = sample.Quantile(0.999) / kSecond,
          .mean = sample.Mean() / kSecond};
}

/// TTFT as of the requests behind the burst, though they all are counted.
void Run::Summarize(Summary& summary, const RunSamples& samples) const {
  summary.context.concurrency = scenario_.concurrency;
  summary.context.max_tokens = scenario_.most_tokens;
  summary.requests = scenario_.requests;
  summary.ok = static_cast<std::uint64_t>(scenario_.requests);
  const auto tokens = static_cast<double>(output_.size());
  summary.total_time_s = ToSeconds(end_);
  summary.completion_tokens_mean = tokens / scenario_.requests;
  summary.decode_tps = tokens / ToSeconds(end_);
  summary.itl = {DistributionOf(samples.itl, samples.itl.size())};
  summary.ttft = DistributionOf(samples.ttft, summary.ok);
  summary.tpot = DistributionOf(samples.tpot, summary.ok);
  summary.latency = DistributionOf(samples.latency, summary.ok);
}

RunData Run::Finish() {
  using Unit = Sample::Unit;
  RunData run;
  RunSamples& samples = run.samples.emplace();
  samples.itl = Sample(std::move(itl_), Unit::kInstants);
  samples.ttft = Sample(std::move(ttft_), Unit::kInstants);
  const Nanos span = Rounded(Sample(latency_, Unit::kSpans).Quantile(0.5));
  samples.tpot = Sample(std::move(tpot_), Unit::kSpans, span);
  samples.latency = Sample(std::move(latency_), Unit::kSpans, span);
  for (const Observation& o : burst_) samples.burst_ttft.push_back(o.value);
  std::sort(samples.burst_ttft.begin(), samples.burst_ttft.end());
  samples.steady_from = steady_from_;
  samples.steady_until = steady_until_;
  Summarize(run.summary, samples);
  samples.tokens = std::move(output_);
  return run;
}

void Scale(Distribution& distribution, double factor) {
  for (std::optional<double>* figure :
       {&distribution.p50, &distribution.p90, &distribution.p95, &distribution.p99,
        &distribution.p999, &distribution.mean}) {
    if (*figure) **figure *= factor;
  }
}

}  // namespace

RunData EngineRun(const Scenario& scenario, double step_factor, Draws& draws) {
  return Run(scenario, step_factor, draws).Finish();
}

RunData WithoutRecords(const RunData& run) { return {.summary = run.summary}; }

RunData Slowed(const RunData& run, double factor) {
  RunData slowed = WithoutRecords(run);
  Summary& summary = slowed.summary;
  for (Distribution* distribution :
       {static_cast<Distribution*>(&summary.itl), &summary.ttft, &summary.tpot, &summary.latency}) {
    Scale(*distribution, factor);
  }
  *summary.total_time_s *= factor;
  *summary.decode_tps /= factor;
  return slowed;
}

}  // namespace sseprof::bench
