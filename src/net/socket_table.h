#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include "net/arrivals.h"
#include "net/curl_transfer.h"
#include "net/curl_transport.h"
#include "net/epoll.h"
#include "net/kernel_stamp.h"
#include "net/queue_look.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// The sockets of one event loop, by descriptor: waits for them, and has the arrivals of each
/// looked at right before it is read. What is known of a socket belongs to it, whichever transfer
/// uses it.
class SocketTable {
 public:
  explicit SocketTable(const CurlOptions& options);

  /// True if sockets are stamped by the kernel.
  bool stamping() const { return stamped_http_ && stamping_.works(); }

  /// A socket was made, or is to be closed: all that its number stood for is forgotten.
  void Opened(int fd);
  void Closed(int fd);

  /// Watches for `events` (as in epoll) on behalf of a transfer, which is attached to the socket.
  void Watch(int fd, std::uint32_t events, CurlTransfer& transfer);
  void Unwatch(int fd);

  /// All sockets that are ready: now, at `until`, or after Wake.
  std::span<const epoll_event> Wait(Instant until);
  void Wake() noexcept { epoll_.Wake(); }

  /// Takes note that the present wait reported the socket. The transfer that reads from it; null if
  /// there is none any more.
  CurlTransfer* Reported(int fd);

  /// Looks at a readable socket, for the read that follows. @pre Reported gave a transfer
  void BeginRead(int fd);
  /// @param transfer  the one that BeginRead was for
  void EndRead(int fd, CurlTransfer& transfer);

  /// Time spent waiting, and from the first wait to the end of the last.
  Nanos waited() const { return waited_; }
  Nanos elapsed() const;

  std::uint64_t clock_rejected() const { return clock_rejected_; }
  std::uint64_t stamps_missing() const { return stamps_missing_; }

 private:
  struct alignas(64) Socket {  // a cache line
    CurlTransfer* transfer = nullptr;
    SocketArrivals arrivals;
    std::size_t record_left = 0;  ///< of a TLS record that was read in part
    std::uint64_t last_wait = 0;  ///< the last wait that reported it, or came before it was watched
    bool watched = false;
  };
  Socket& At(int fd);
  void BusyWait() const;
  std::optional<Instant> Look(int fd, Socket& socket);

  const bool tls_, stamped_http_;
  const Nanos test_read_delay_;
  Epoll epoll_;
  StampingHeldOn stamping_;
  ClockMap clocks_;
  QueueLooker looker_;
  std::deque<Socket> sockets_;
  // The present read.
  Instant before_{};
  std::size_t waiting_ = 0;     ///< places in the look
  bool looked_at_all_ = false;  ///< the look saw all that waited

  Instant began_{}, last_wait_ended_{};
  Nanos waited_{};
  std::uint64_t clock_rejected_ = 0, stamps_missing_ = 0;
};

}  // namespace sseprof
