#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "sim/token_scheduler.h"

namespace sseprof {

/// A metronome instead of an engine: to measure clients with.
struct PaceOptions {
  Nanos itl{20'000'000};    ///< the gap between two tokens of a stream, exactly
  Nanos ttft{200'000'000};  ///< the first token comes on the stream's first beat from here on
  enum class Phase {
    kStep,     ///< all streams on one beat, as a batching engine does
    kUniform,  ///< the streams' beats spread evenly over the gap, whatever their number
  };
  Phase phase = Phase::kStep;
};

/// Fixed gaps, no batching, no queue: every stream runs at once.
class PacedModel : public TokenScheduler {
 public:
  explicit PacedModel(const PaceOptions& options) : options_(options) {}

  void Add(SequenceId id, const SequenceSpec& spec, Instant now) override;
  void Cancel(SequenceId id) override;
  Instant NextDue() const override;
  std::span<const SequenceProgress> Advance(Instant now) override;
  std::size_t running() const override { return streams_.size(); }
  std::size_t waiting() const override { return 0; }

 private:
  struct Stream {
    std::int32_t output_tokens;
    std::int32_t tokens = 0;
    std::uint32_t slot;  ///< its place in the spread of phases, free again when it ends
  };
  struct Beat {
    Instant at;
    SequenceId id;
    bool operator>(const Beat& other) const { return at > other.at; }
  };
  using LowestFirst = std::greater<>;

  std::uint32_t TakeSlot();
  Nanos PhaseOf(std::uint32_t slot) const;
  Instant FirstBeat(Nanos phase, Instant from) const;
  void Forget(std::unordered_map<SequenceId, Stream>::iterator stream);
  void DropStaleBeats();

  PaceOptions options_;
  std::unordered_map<SequenceId, Stream> streams_;
  std::priority_queue<Beat, std::vector<Beat>, LowestFirst> beats_;
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, LowestFirst> free_slots_;
  std::uint32_t slots_ = 0;
  std::vector<SequenceProgress> progress_;
};

}  // namespace sseprof
