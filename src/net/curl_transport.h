#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sseprof/run_context.h"
#include "sseprof/sink.h"
#include "sseprof/transport.h"

namespace sseprof {

enum class TimestampKind { kKernel, kUser };
enum class HttpVersion { k1_1, k2 };

/// What is the same in all requests of a run.
struct CurlOptions {
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
  std::string api_key;               ///< sent as a bearer token; empty: none
  std::string proxy;                 ///< empty: none, whatever the environment says
  std::string cacert;
  bool insecure = false;
  HttpVersion http = HttpVersion::k1_1;
  Nanos connect_timeout = std::chrono::seconds{10};
  TimestampKind timestamps = TimestampKind::kKernel;
  bool stream = true;       ///< asks for text/event-stream
  Nanos test_read_delay{};  ///< for tests: busy-waits so long before every read
};

/// libcurl on an epoll loop, with arrival times from the kernel (see SocketArrivals). Connections
/// are kept and reused; a request that libcurl sends again by itself, since its kept-alive
/// connection was dead, is marked `retried`, and given up after the second time.
///
/// libcurl looks through all of a multi handle's connections at every start, so that the streams
/// are spread over many small ones; all share the one epoll.
class CurlTransport final : public Transport {
 public:
  /// Resolves the host's name once, and makes ready for so many `streams` at a time; more are made
  /// ready when they are launched. `sink` may be null; it outlives the transport.
  /// @throws std::runtime_error if libcurl or epoll can't be set up.
  explicit CurlTransport(const CurlOptions& options, int streams = 0, LoopSink* sink = nullptr);
  ~CurlTransport() override;

  Instant Now() const override;
  void Submit(const Submission& submission, StreamObserver& observer) override;
  void Cancel(StreamObserver& observer) override;
  void Poll(Instant until) override;
  void Wake() noexcept override;

  /// Open files that a transport needs for so many streams.
  static std::int64_t FilesFor(std::int64_t streams);

  /// Tells the sink what it has not been told yet: when the loop has ended.
  void TellRest();

  /// What it measured of itself so far.
  ClientStats Stats() const;

  /// The kind of stamp that is really in use: kUser where the kernel gives none.
  TimestampKind timestamps() const;

  /// True once a connection went to an address that is not loopback.
  bool left_loopback() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sseprof
