#include "sim/engine_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/sim_random.h"

namespace sseprof {
namespace {

constexpr Nanos kNewRunAfterIdle = std::chrono::milliseconds{500};
constexpr double kLargestJitter = 3;  // standard deviations

}  // namespace

EngineModel::EngineModel(EngineOptions options) : options_(std::move(options)) {}

void EngineModel::Add(SequenceId id, const SequenceSpec& spec, Instant now) {
  waiting_.push_back({id, spec});
  if (step_ends_at_ != kNever) return;
  if (run_ == 0 || now - idle_since_ > kNewRunAfterIdle) {
    ++run_;
    step_ = 0;
    run_started_at_ = now;
  }
  StartStep(now);
}

void EngineModel::Cancel(SequenceId id) {
  const auto is_it = [id](const Sequence& sequence) { return sequence.id == id; };
  std::erase_if(running_, is_it);
  std::erase_if(waiting_, is_it);
}

void EngineModel::StartStep(Instant at) {
  std::int64_t admitted_tokens = 0;
  while (!waiting_.empty() && std::ssize(running_) < options_.max_num_seqs) {
    admitted_tokens += waiting_.front().spec.prompt_tokens;
    running_.push_back(waiting_.front());
    waiting_.pop_front();
  }
  if (running_.empty()) {
    step_ends_at_ = kNever;
    idle_since_ = at;
    return;
  }
  for (Sequence& sequence : running_) sequence.in_step = true;
  step_ends_at_ = at + StepTime(at, admitted_tokens);
}

Nanos EngineModel::StepTime(Instant at, std::int64_t admitted_tokens) {
  const Nanos plain = options_.step_base + options_.step_per_sequence * std::ssize(running_) +
                      options_.prefill_per_token * admitted_tokens;
  SimRandom random{options_.seed, (run_ << 32) + step_++};
  const double wobble = std::clamp(random.Normal(), -kLargestJitter, kLargestJitter);
  const double factor = Drift(at - run_started_at_) * (1 + options_.jitter * wobble);
  return Nanos{std::llround(static_cast<double>(plain.count()) * factor)};
}

double EngineModel::Drift(Nanos since) const {
  const auto& points = options_.drift;
  if (points.empty()) return 1;
  const Nanos length = points.back().since;
  if (length > Nanos{0}) {
    since %= 2 * length;
    if (since > length) since = 2 * length - since;
  }
  const auto after = std::find_if(points.begin(), points.end(),
                                  [since](const auto& point) { return point.since >= since; });
  if (after == points.begin()) return after->factor;
  const auto before = std::prev(after);
  const double share = ToSeconds(since - before->since) / ToSeconds(after->since - before->since);
  return std::lerp(before->factor, after->factor, share);
}

std::span<const SequenceProgress> EngineModel::Advance(Instant now) {
  progress_.clear();
  if (now < step_ends_at_ || step_ends_at_ == kNever) return progress_;
  for (Sequence& sequence : running_) {
    if (!sequence.in_step) continue;
    const std::int32_t given = sequence.tokens == 0 ? 1 : options_.tokens_per_step;
    sequence.tokens = std::min(sequence.tokens + given, sequence.spec.output_tokens);
    progress_.push_back(
        {sequence.id, sequence.tokens, sequence.tokens == sequence.spec.output_tokens});
  }
  std::erase_if(running_, [](const Sequence& sequence) {
    return sequence.tokens == sequence.spec.output_tokens;
  });
  const Instant ended_at = step_ends_at_;
  StartStep(ended_at);
  if (step_ends_at_ <= now) step_ends_at_ = now + (step_ends_at_ - ended_at);
  return progress_;
}

}  // namespace sseprof
