#pragma once

#include "net/curl_transfer.h"
#include "sseprof/sink.h"
#include "sseprof/time.h"

namespace sseprof {

/// Tells a LoopSink what its event loop does, and looks every now and then how late the loop is.
/// Without a sink it does nothing. Not thread-safe.
class LoopTeller {
 public:
  /// How often it looks.
  static constexpr Nanos kLagPeriod = std::chrono::milliseconds(50);

  /// `sink` may be null.
  explicit LoopTeller(LoopSink* sink) : sink_(sink) {}

  bool tells() const { return sink_ != nullptr; }

  void Read(Nanos late) {
    if (tells()) sink_->OnRead(late);
  }
  void Opened() {
    if (tells()) sink_->OnConnectionOpened();
  }
  void Closed() {
    if (tells()) sink_->OnConnectionClosed();
  }
  /// Bytes that have passed since it was asked last.
  void Traffic(CurlTransfer& transfer) {
    if (tells()) TellTraffic(transfer.TakeTraffic());
  }

  /// It tells, and the loop has not begun yet.
  bool is_new() const { return tells() && due_ == kNever; }
  void Begin(Instant now) { due_ = now + kLagPeriod; }
  /// When the loop is to turn at the latest, so that it can look.
  Instant due() const { return due_; }
  /// The loop has turned. @param busy  all the time that it has not waited
  /// @pre it tells, and has begun
  void Turned(Instant now, Nanos busy);

 private:
  void TellTraffic(const CurlTransfer::Traffic& traffic);

  LoopSink* const sink_;
  Instant due_ = kNever;  ///< always so without a sink
  Nanos busy_told_{};
};

}  // namespace sseprof
