#include "sim/paced_model.h"

#include <algorithm>

namespace sseprof {
namespace {

// The golden ratio's fraction: its multiples, modulo 1, are spread evenly however many one takes.
constexpr double kSpread = 0.6180339887498949;

}  // namespace

void PacedModel::Add(SequenceId id, const SequenceSpec& spec, Instant now) {
  const std::uint32_t slot = TakeSlot();
  streams_.insert({id, Stream{.output_tokens = spec.output_tokens, .slot = slot}});
  beats_.push({FirstBeat(PhaseOf(slot), now + options_.ttft), id});
}

std::uint32_t PacedModel::TakeSlot() {
  if (free_slots_.empty()) return slots_++;
  const std::uint32_t slot = free_slots_.top();
  free_slots_.pop();
  return slot;
}

Nanos PacedModel::PhaseOf(std::uint32_t slot) const {
  if (options_.phase == PaceOptions::Phase::kStep) return Nanos{0};
  const double turns = slot * kSpread;
  const double share = turns - static_cast<double>(static_cast<std::int64_t>(turns));
  return Nanos{static_cast<std::int64_t>(share * static_cast<double>(options_.itl.count()))};
}

Instant PacedModel::FirstBeat(Nanos phase, Instant from) const {
  const Nanos past = (from.time_since_epoch() + options_.itl - phase) % options_.itl;
  return past == Nanos{0} ? from : from + (options_.itl - past);
}

void PacedModel::Cancel(SequenceId id) {
  const auto stream = streams_.find(id);
  if (stream != streams_.end()) Forget(stream);
}

void PacedModel::Forget(std::unordered_map<SequenceId, Stream>::iterator stream) {
  free_slots_.push(stream->second.slot);
  streams_.erase(stream);
  DropStaleBeats();
}

void PacedModel::DropStaleBeats() {
  while (!beats_.empty() && !streams_.contains(beats_.top().id)) beats_.pop();
}

Instant PacedModel::NextDue() const { return beats_.empty() ? kNever : beats_.top().at; }

std::span<const SequenceProgress> PacedModel::Advance(Instant now) {
  progress_.clear();
  while (!beats_.empty() && beats_.top().at <= now) {
    const Beat beat = beats_.top();
    beats_.pop();
    const auto found = streams_.find(beat.id);
    if (found == streams_.end()) continue;
    Stream& stream = found->second;
    ++stream.tokens;
    const bool finished = stream.tokens == stream.output_tokens;
    progress_.push_back({beat.id, stream.tokens, finished});
    if (finished) {
      Forget(found);
      continue;
    }
    const Instant next = beat.at + options_.itl;
    const std::int64_t missed = next <= now ? (now - next) / options_.itl + 1 : 0;
    beats_.push({next + missed * options_.itl, beat.id});
  }
  DropStaleBeats();
  return progress_;
}

}  // namespace sseprof
