#pragma once

#include <cstddef>
#include <cstdint>

#include "sseprof/record.h"

namespace sseprof {

/// Hears of every request live, on the thread of its event loop. Nothing here may lock, allocate or
/// block: OnEvent is on the token path.
class LiveSink {
 public:
  virtual ~LiveSink() = default;
  /// Also when a request that was refused is sent again (`record.resent`): its start is then this.
  virtual void OnStart(const RequestRecord& record) = 0;
  /// `event` is the newest of `record.events`; its tokens are a first guess.
  virtual void OnEvent(const RequestRecord& record, const StreamEvent& event) = 0;
  /// @param guessed  the tokens of its output events as OnEvent told them: only now is it known
  /// which of the server's counts can be trusted
  virtual void OnFinish(const RequestRecord& record, std::int64_t guessed) = 0;
};

/// Hears what an event loop does, on its thread. The same rules.
class LoopSink {
 public:
  virtual ~LoopSink() = default;
  /// A socket was read, so long after the kernel had got the bytes.
  virtual void OnRead(Nanos late) = 0;
  /// Bytes of heads and bodies, behind TLS.
  virtual void OnReceived(std::size_t bytes) = 0;
  virtual void OnSent(std::size_t bytes) = 0;
  virtual void OnConnectionOpened() = 0;
  virtual void OnConnectionClosed() = 0;
  /// The loop did not wait for so long, since it said so last.
  virtual void OnBusy(Nanos busy) = 0;
  /// Something that was due is done so much later.
  virtual void OnLag(Nanos late) = 0;
};

/// Takes finished requests, to keep. Thread-safe: every event loop hands its records here.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void Take(RequestRecord&& record) = 0;
};

}  // namespace sseprof
