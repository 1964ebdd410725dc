#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "sseprof/record.h"

namespace sseprof {

/// Hears of every request live, on the thread of its event loop. Nothing here may lock, allocate or
/// block: OnEvents is on the token path.
class LiveSink {
 public:
  virtual ~LiveSink() = default;
  /// Also when a request that was refused is sent again (`record.resent`): its start is then this.
  virtual void OnStart(const RequestRecord& record) = 0;
  /// The events from number `first` on are new; their tokens are a first guess. They are told
  /// together if they were read together, but one by one where their text is kept.
  virtual void OnEvents(const RequestRecord& record, std::size_t first) = 0;
  /// @param guessed  the tokens of its output events as OnEvents told them: only now is it known
  /// which of the server's counts can be trusted
  virtual void OnFinish(const RequestRecord& record, std::int64_t guessed) = 0;
};

/// What an event loop did since it told last.
struct LoopNews {
  std::span<const Nanos> delays;  ///< of its reads: so long after the kernel had got the bytes
  std::int64_t received = 0, sent = 0;  ///< bytes of heads and bodies, behind TLS
  std::int64_t opened = 0, closed = 0;  ///< connections
  Nanos busy{};                         ///< the time that it did not wait
  std::optional<Nanos> lag;             ///< something that was due was done so much later
};

/// Hears what an event loop does, on its thread: a few times a second, since what is told at each
/// read would find cold caches each time. The same rules.
class LoopSink {
 public:
  virtual ~LoopSink() = default;
  virtual void OnLoop(const LoopNews& news) = 0;
};

/// Takes finished requests, to keep. Thread-safe: every event loop hands its records here.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void Take(RequestRecord&& record) = 0;
};

}  // namespace sseprof
