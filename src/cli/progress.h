#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "sseprof/sink.h"
#include "sseprof/time.h"

namespace sseprof {

/// Counts what one event loop does. Written by its loop alone, read by any thread.
class LoopCounters final : public LiveSink {
 public:
  void OnStart(const RequestRecord& record) override;
  void OnEvent(const RequestRecord& record, const StreamEvent& event) override;
  void OnFinish(const RequestRecord& record) override;

  struct Values {
    std::int64_t started = 0, finished = 0, failed = 0, tokens = 0;
    std::int64_t output = 0,
                 coalesced = 0;  ///< output events; those read too late to be told apart
    Nanos late{};  ///< the longest that a request which has ended since the last Read was read late
  };
  Values Read();

 private:
  std::atomic<std::int64_t> started_{0}, finished_{0}, failed_{0}, tokens_{0};
  std::atomic<std::int64_t> output_{0}, coalesced_{0}, late_{0};
};

/// The line of progress for these counts; `tokens` came in the last `span`.
std::string ProgressLine(const LoopCounters::Values& values, std::int64_t tokens, Nanos span,
                         std::optional<std::int64_t> total);

/// Tells on stderr how the run goes: a line every 5 s, or on a terminal one line that is rewritten
/// twice a second.
class Progress {
 public:
  /// @param total  requests of the run, warm-up included, if known
  Progress(int loops, std::optional<std::int64_t> total);
  /// Stops, leaving a clean line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// The sink of one event loop.
  LiveSink& loop(int index) { return counters_[static_cast<std::size_t>(index)]; }

 private:
  void Print();
  void Show(const std::string& line);

  std::deque<LoopCounters> counters_;
  const std::optional<std::int64_t> total_;
  const bool terminal_;
  std::int64_t tokens_before_ = 0;
  Instant printed_at_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sseprof
