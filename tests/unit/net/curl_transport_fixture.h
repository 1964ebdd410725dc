#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "net/clock.h"
#include "net/curl_transport.h"
#include "net/raw_server.h"

namespace sseprof {

using namespace std::chrono_literals;

/// A BodySpan that keeps its bytes.
struct Span {
  std::string bytes;
  Instant at;
  Nanos width;
  bool closes_buffer;
};

/// Keeps what a transfer tells.
class Recorder : public StreamObserver {
 public:
  void OnHead(const ResponseHead& h) override { head = h; }
  bool OnBody(const BodySpan& span) override {
    spans.push_back({std::string(span.bytes), span.at, span.width, span.closes_buffer});
    body += span.bytes;
    return go_on;
  }
  void OnEnd(const TransferEnd& e) override { end = e; }

  std::optional<ResponseHead> head;
  std::vector<Span> spans;
  std::string body;
  bool go_on = true;
  std::optional<TransferEnd> end;
};

/// A chunk of a chunked body.
inline std::string Chunk(const std::string& data) {
  char size[16];
  snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

inline constexpr char kHead[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A transport, and a server that is byte by byte in the test's hands.
class CurlTransportTest : public ::testing::Test {
 protected:
  CurlTransport& transport() {
    if (!transport_) {
      options_.url = server_.url();
      transport_.emplace(options_, 0, sink_);
    }
    return *transport_;
  }

  /// Turns the loop until the condition holds. After 10 s in vain it ends the test, since what
  /// comes next would often wait for ever.
  void PollUntil(const std::function<bool()>& condition, int line = __builtin_LINE()) {
    const Instant last = MonotonicNow() + 10s;
    while (!condition() && MonotonicNow() < last) transport().Poll(MonotonicNow() + 1ms);
    if (condition()) return;
    throw std::runtime_error("PollUntil in line " + std::to_string(line) + " waited in vain");
  }

  /// Submits and serves it up to the point where the request has come whole.
  RawConnection Ask(Recorder& recorder, std::string_view body = "{}") {
    transport().Submit({.body = body, .request_id = "run-1"}, recorder);
    PollUntil([&] { return server_.Waiting(); });
    RawConnection connection = server_.Accept();
    AwaitRequest(connection, body);
    return connection;
  }
  /// A connection that has served one request and waits for another.
  RawConnection KeptAlive() {
    Recorder first;
    RawConnection connection = Ask(first);
    connection.Send(kHead + Chunk("data: 1\n\n") + "0\r\n\r\n");
    PollUntil([&] { return first.end.has_value(); });
    connection.Forget();
    return connection;
  }
  void AwaitRequest(RawConnection& connection, std::string_view body = "{}") {
    PollUntil([&] { return connection.Received().ends_with("\r\n\r\n" + std::string(body)); });
  }

  RawServer server_;
  CurlOptions options_;
  LoopSink* sink_ = nullptr;
  std::optional<CurlTransport> transport_;
};

}  // namespace sseprof
