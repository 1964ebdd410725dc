#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cli/stop_signal.h"
#include "net/curl_transport.h"
#include "sseprof/runner.h"
#include "sseprof/sink.h"

namespace sseprof {

/// The event loops of a run: a transport and a runner each, on a thread each, with the streams
/// dealt evenly.
class RunLoad final : public StopTarget {
 public:
  /// What hears of an event loop live; either may be null. They outlive the load.
  struct Sinks {
    LiveSink* requests = nullptr;
    LoopSink* loop = nullptr;
  };
  /// `sinks` gives those of each loop.
  RunLoad(LoadPlan& plan, const CurlOptions& curl, int loops,
          const std::function<Sinks(int)>& sinks = {});

  /// Until the plan is done. @throws whatever a loop threw, after all have ended
  void Run(RecordSink& finished);

  /// No more starts; what is in flight is cancelled.
  void OnStop() noexcept override;

  ClientStats Stats() const;
  /// What was really used, on the worst loop.
  TimestampKind timestamps() const;
  bool left_loopback() const;

 private:
  LoadPlan& plan_;
  std::vector<LiveSink*> live_;  ///< by loop
  std::vector<std::unique_ptr<CurlTransport>> transports_;
};

/// Streams of loop `index`, when so many are dealt to so many loops.
int StreamsOfLoop(int streams, int loops, int index);

}  // namespace sseprof
