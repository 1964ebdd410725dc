#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/arrivals.h"
#include "net/chunk_decoder.h"
#include "net/curl_easy.h"

namespace sseprof {

/// Bytes that libcurl takes from a socket in one read: its buffer.
inline constexpr std::size_t kReadBuffer = 16 * 1024;

/// One easy handle and the request that it carries at present: turns libcurl's callbacks into calls
/// of a StreamObserver. Reused from request to request.
///
/// libcurl is told to pass the chunked coding on (it still follows it, to find the end), so that
/// all bytes of a read pass through here in order, and each has a known place in the read.
class CurlTransfer {
 public:
  /// `multi` is the handle that it runs in.
  CurlTransfer(const CurlOptions& options, curl_slist* resolve, CURLM* multi);

  CURL* easy() const { return easy_.get(); }
  CURLM* multi() const { return multi_; }
  StreamObserver* observer() const { return observer_; }

  /// Prepares the handle for a request, which starts now.
  void Begin(const Submission& submission, StreamObserver& observer, Instant now);

  /// The socket that it reads from; must live as long as the transfer runs.
  void Attach(const SocketArrivals* arrivals) { arrivals_ = arrivals; }

  /// A read of the socket follows, which its arrivals have begun: `look` bytes wait, `last_stamp`
  /// is the newest kernel stamp among them. (libcurl reads now and then when one of its timers runs
  /// out, too; what comes so has the clock alone.)
  void BeginRead(std::size_t look, std::optional<Instant> last_stamp);

  /// Bytes (under TLS: records with body) that the read passed on, or keeps of an unfinished head
  /// line.
  std::size_t EndRead();

  /// The chunked body's decoder; null where the body is in no chunks, or has not begun.
  const ChunkDecoder* decoder() const { return head_done_ && chunked_ ? &chunks_ : nullptr; }

  /// The response's head is complete.
  bool head_done() const { return head_done_; }

  /// Before this instant the server can't have answered.
  Instant asked_at() const { return asked_at_; }

  /// Takes note of whether the whole request is in the kernel's hands.
  void NoteSent();

  /// The end of the transfer; then it is idle. @return the observer that must be told.
  StreamObserver* Finish(CURLcode code, Instant now, TransferEnd& end);

  /// (read - kernel stamp) of the last read, once.
  std::optional<Nanos> TakeDelay();

  /// Bytes of heads and bodies behind TLS, since it was asked last: those that came, and those of
  /// the requests that went out whole.
  struct Traffic {
    std::size_t received = 0, sent = 0;
  };
  Traffic TakeTraffic();

  /// The peer's address, once connected.
  const std::string& peer() const { return peer_; }

 private:
  static std::size_t HeaderThunk(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t BodyThunk(char* data, std::size_t, std::size_t size, void* self);
  static int PrerequestThunk(void* self, char* peer, char*, int, int);

  void OnHeadBytes(std::string_view line);
  bool OnWireBytes(std::string_view wire);
  bool Deliver(std::string_view payload, std::string_view wire, std::size_t begin);
  WireBuffer Place(std::int64_t offset);
  Instant ReadAt();
  Instant PassedAt();

  // Of the whole life, or of a request as such.
  CURLM* const multi_;
  EasyHandle easy_;
  HeaderList headers_;
  char* request_id_ = nullptr;  ///< inside headers_
  char problem_[CURL_ERROR_SIZE] = {};
  std::string peer_;
  ResponseHead head_;
  std::size_t body_size_ = 0;
  long size_before_ = 0;  ///< of the tries before this one
  Instant started_{};
  std::optional<Instant> first_byte_;

  // What every read needs, together.
  const TimestampKind stamps_;
  const bool tls_;  ///< places are records: libcurl passes each on by itself
  const bool always_fresh_;
  bool head_done_ = false;
  bool chunked_ = false;
  bool looked_ = false;  ///< between BeginRead and EndRead
  int tries_ = 0;
  StreamObserver* observer_ = nullptr;
  const SocketArrivals* arrivals_ = nullptr;
  ChunkDecoder chunks_;
  Instant asked_at_{};
  std::optional<Instant> sent_;
  std::optional<Nanos> largest_delay_, new_delay_;
  std::size_t look_ = 0;
  std::optional<Instant> last_stamp_;
  std::optional<Instant> read_at_, passed_at_;
  std::int64_t offset_ = 0;  ///< place of what is passed next; negative: left from earlier reads
  std::int64_t held_ = 0;    ///< bytes read of an unfinished head line, not passed on yet
  Traffic traffic_;
};

}  // namespace sseprof
