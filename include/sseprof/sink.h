#pragma once

#include "sseprof/record.h"

namespace sseprof {

/// Hears of every request live, on the thread of its event loop. Nothing here may lock, allocate or
/// block: OnEvent is on the token path.
class LiveSink {
 public:
  virtual ~LiveSink() = default;
  virtual void OnStart(const RequestRecord& record) = 0;
  /// `event` is the newest of `record.events`.
  virtual void OnEvent(const RequestRecord& record, const StreamEvent& event) = 0;
  virtual void OnFinish(const RequestRecord& record) = 0;
};

/// Takes finished requests, to keep. Thread-safe: every event loop hands its records here.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void Take(RequestRecord&& record) = 0;
};

}  // namespace sseprof
