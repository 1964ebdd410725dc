#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sseprof/time.h"

namespace sseprof {

/// The response's head, as far as a profiler cares.
struct ResponseHead {
  int status = 0;
  std::string content_type;
  std::string content_encoding;
  std::string location;
  std::string server;
  std::optional<Nanos> retry_after;  ///< only the seconds form
};

/// Body bytes that came in one buffer of the kernel, so that share one arrival interval.
/// Transfer coding is removed.
struct BodySpan {
  std::string_view bytes;
  Instant at{};   ///< arrival of the last byte of that buffer
  Nanos width{};  ///< every byte of it arrived in [at - width, at]
  /// The last byte of `bytes` is the buffer's last: it arrived at `at` exactly.
  bool closes_buffer = true;
};

/// How a transfer ended, with its instants (absent: never happened).
struct TransferEnd {
  enum class Result {
    kComplete,   ///< the response is whole (by its framing)
    kConnect,    ///< DNS, refused, unreachable, connect time-out, retried more than once
    kTls,        ///< handshake, certificate
    kBroken,     ///< EOF, reset or nonsense before the response was whole
    kCancelled,  ///< by Cancel, or because the observer said so
  };
  Result result = Result::kComplete;
  std::string message;  ///< empty when complete
  Instant at{};
  std::optional<Instant> connect_started;  ///< absent on a reused connection
  std::optional<Instant> connected;
  std::optional<Instant> tls_done;
  std::optional<Instant> sent;        ///< last request byte given to the kernel
  std::optional<Instant> first_byte;  ///< of the response head
  std::optional<Nanos> client_delay;  ///< largest (read - kernel stamp) of its reads
  bool reused = false;
  bool retried = false;
};

/// Hears of one transfer. All calls come from within the transport's, on its thread, in the order
/// head, body.., end; the end never from the Submit of this very transfer. Observers must call
/// neither Submit nor Cancel from within them.
class StreamObserver {
 public:
  virtual ~StreamObserver() = default;
  virtual void OnHead(const ResponseHead& head) = 0;
  /// False ends the transfer: OnEnd follows with kCancelled.
  virtual bool OnBody(const BodySpan& span) = 0;
  /// What was read at one time has been told, if the transfer goes on.
  virtual void OnReadEnd() {}
  /// The last call. The observer may go away.
  virtual void OnEnd(const TransferEnd& end) = 0;
};

/// A request: the transport holds what is the same for all (URL, headers, time-outs).
struct Submission {
  std::string_view body;   ///< must live until OnEnd
  std::string request_id;  ///< value of X-Request-Id
};

/// Sends requests and reports what arrives, with arrival times. Not thread-safe (one per event
/// loop), but for Wake.
class Transport {
 public:
  virtual ~Transport() = default;

  /// The time now: the only clock of what runs on this transport.
  virtual Instant Now() const = 0;

  /// Sends a request, as far as that goes without waiting. The observer must live until its OnEnd.
  virtual void Submit(const Submission& submission, StreamObserver& observer) = 0;

  /// Ends a transfer at once; OnEnd (kCancelled) is called before Cancel returns.
  virtual void Cancel(StreamObserver& observer) = 0;

  /// Dispatches what happens, until something was dispatched, `until` has come, or Wake was called.
  virtual void Poll(Instant until) = 0;

  /// Makes a Poll that runs, or the next one, return soon. Async-signal-safe, any thread.
  virtual void Wake() noexcept = 0;
};

}  // namespace sseprof
