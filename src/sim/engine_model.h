#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/token_scheduler.h"

namespace sseprof {

/// The speed of an engine with continuous batching. One step takes
///   (step_base + step_per_sequence x running + prefill_per_token x prompt tokens admitted in it)
///   x drift(time since the run's start) x (1 + jitter x a standard normal number),
/// and gives every running sequence its token(s) when it ends, all at the same instant.
struct EngineOptions {
  Nanos step_base{9'000'000};
  Nanos step_per_sequence{100'000};
  Nanos prefill_per_token{12'000};
  std::int32_t max_num_seqs = 256;   ///< running at most; the others queue, first in, first out
  std::int32_t tokens_per_step = 1;  ///< after the first: speculation that is always accepted
  double jitter = 0.01;              ///< relative standard deviation of a step, 0 to 0.2
  std::uint64_t seed = 1;            ///< of the jitter

  /// How the speed of the machine drifts over a run: at `since` into it, steps take `factor` times
  /// as long; linear in between. Past the last point it runs backwards to the first, and so on, so
  /// that long runs keep the mean. Empty: no drift.
  struct DriftPoint {
    Nanos since;
    double factor;
  };
  std::vector<DriftPoint> drift;
};

/// Continuous batching on virtual time. A run, for drift and jitter, starts with a request that
/// arrives at an engine that has had nothing to do for more than 0.5 s (or ever).
class EngineModel : public TokenScheduler {
 public:
  explicit EngineModel(EngineOptions options);

  void Add(SequenceId id, const SequenceSpec& spec, Instant now) override;
  void Cancel(SequenceId id) override;
  Instant NextDue() const override { return step_ends_at_; }
  std::span<const SequenceProgress> Advance(Instant now) override;
  std::size_t running() const override { return running_.size(); }
  std::size_t waiting() const override { return waiting_.size(); }

 private:
  struct Sequence {
    SequenceId id;
    SequenceSpec spec;
    std::int32_t tokens = 0;
    bool in_step = false;
  };

  void StartStep(Instant at);
  Nanos StepTime(Instant at, std::int64_t admitted_tokens);
  double Drift(Nanos since) const;

  EngineOptions options_;
  std::deque<Sequence> waiting_;
  std::vector<Sequence> running_;
  std::vector<SequenceProgress> progress_;
  Instant step_ends_at_ = kNever;
  Instant run_started_at_{};
  Instant idle_since_ = Instant::min();
  std::uint64_t run_ = 0;
  std::uint64_t step_ = 0;
};

}  // namespace sseprof
