#pragma once

#include <array>
#include <cstddef>

#include "net/curl_transfer.h"
#include "sseprof/sink.h"
#include "sseprof/time.h"

namespace sseprof {

/// Gathers what an event loop does, tells it a LoopSink every now and then, and looks then how late
/// the loop is. Without a sink it does nothing. Not thread-safe.
class LoopTeller {
 public:
  /// How often it tells and looks.
  static constexpr Nanos kPeriod = std::chrono::milliseconds(50);

  /// `sink` may be null.
  explicit LoopTeller(LoopSink* sink) : sink_(sink) {}
  ~LoopTeller() { TellRest(busy_told_); }
  LoopTeller(const LoopTeller&) = delete;
  LoopTeller& operator=(const LoopTeller&) = delete;

  bool tells() const { return sink_ != nullptr; }

  void Read(Nanos late) {
    if (!tells()) return;
    if (reads_ == delays_.size()) TellRest(busy_told_);
    delays_[reads_++] = late;
  }
  void Opened() { ++news_.opened; }
  void Closed() { ++news_.closed; }
  /// Bytes that have passed since it was asked last.
  void Traffic(CurlTransfer& transfer) {
    if (!tells()) return;
    const CurlTransfer::Traffic traffic = transfer.TakeTraffic();
    news_.received += static_cast<std::int64_t>(traffic.received);
    news_.sent += static_cast<std::int64_t>(traffic.sent);
  }

  /// It tells, and the loop has not begun yet.
  bool is_new() const { return tells() && due_ == kNever; }
  void Begin(Instant now) { due_ = now + kPeriod; }
  /// When the loop is to turn at the latest, so that it can look.
  Instant due() const { return due_; }
  /// The loop has turned. @param busy  all the time that it has not waited
  /// @pre it tells, and has begun
  void Turned(Instant now, Nanos busy) {
    if (now >= due_) TellAndLook(now, busy);
  }
  /// Tells what it has not told yet.
  void TellRest(Nanos busy);

 private:
  void TellAndLook(Instant now, Nanos busy);

  LoopSink* const sink_;
  Instant due_ = kNever;  ///< always so without a sink
  LoopNews news_;
  Nanos busy_told_{};
  std::size_t reads_ = 0;
  std::array<Nanos, 1024> delays_{};
};

}  // namespace sseprof
