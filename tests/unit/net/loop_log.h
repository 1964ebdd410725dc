#pragma once

#include <cstdint>
#include <vector>

#include "sseprof/sink.h"

namespace sseprof {

/// Keeps what an event loop tells.
struct LoopLog final : LoopSink {
  void OnLoop(const LoopNews& news) override {
    reads.insert(reads.end(), news.delays.begin(), news.delays.end());
    received += static_cast<std::size_t>(news.received);
    sent += static_cast<std::size_t>(news.sent);
    opened += news.opened;
    closed += news.closed;
    busies.push_back(news.busy);
    if (news.lag) lags.push_back(*news.lag);
  }

  std::vector<Nanos> reads, busies, lags;
  std::size_t received = 0, sent = 0;
  std::int64_t opened = 0, closed = 0;
};

}  // namespace sseprof
