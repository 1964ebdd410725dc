#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sseprof/time.h"

namespace sseprof {

using SequenceId = std::uint64_t;

/// What a scheduler needs to know of a request.
struct SequenceSpec {
  std::int32_t prompt_tokens = 0;  ///< to be computed (what a prefix cache holds is left out)
  std::int32_t output_tokens = 1;  ///< until it is finished, at least 1
};

/// Where a sequence stands after an Advance.
struct SequenceProgress {
  SequenceId id;
  std::int32_t tokens;  ///< generated so far
  bool finished;        ///< the scheduler has forgotten it
};

/// Decides when which sequence gets tokens. Pure: time is given, and only ever goes forward, so
/// that hours can be played on virtual time. Not thread-safe.
class TokenScheduler {
 public:
  virtual ~TokenScheduler() = default;

  /// A new sequence; `id` must not be in use.
  virtual void Add(SequenceId id, const SequenceSpec& spec, Instant now) = 0;
  /// Forgets a sequence; an unknown one is ignored.
  virtual void Cancel(SequenceId id) = 0;
  /// When Advance has something to give next; kNever when there is nothing to do.
  virtual Instant NextDue() const = 0;
  /// Whatever was due by `now`, each sequence at most once. A caller who comes so late that the
  /// sequence's next token would be due as well delays it: tokens are never made up for in bulk.
  /// The view lives until the next call.
  virtual std::span<const SequenceProgress> Advance(Instant now) = 0;

  virtual std::size_t running() const = 0;
  virtual std::size_t waiting() const = 0;
};

}  // namespace sseprof
