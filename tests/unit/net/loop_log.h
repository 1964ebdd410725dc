#pragma once

#include <cstddef>
#include <vector>

#include "sseprof/sink.h"

namespace sseprof {

/// Keeps what an event loop tells.
struct LoopLog final : LoopSink {
  void OnRead(Nanos late) override { reads.push_back(late); }
  void OnReceived(std::size_t bytes) override { received += bytes; }
  void OnSent(std::size_t bytes) override { sent += bytes; }
  void OnConnectionOpened() override { ++opened; }
  void OnConnectionClosed() override { ++closed; }
  void OnBusy(Nanos busy) override { busies.push_back(busy); }
  void OnLag(Nanos late) override { lags.push_back(late); }

  std::vector<Nanos> reads, busies, lags;
  std::size_t received = 0, sent = 0;
  int opened = 0, closed = 0;
};

}  // namespace sseprof
