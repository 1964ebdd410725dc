#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// Level-triggered epoll, which also remembers what its waits say of the sockets that they did not
/// report. Not thread-safe, but for Wake.
class Epoll {
 public:
  /// @throws std::runtime_error if the system has no descriptors left.
  Epoll();
  ~Epoll();
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  enum class Change { kAdd, kModify };
  /// `events` as in epoll_ctl.
  void Watch(int fd, std::uint32_t events, Change change);
  void Unwatch(int fd);
  /// A watched descriptor was closed, which ends the watching by itself.
  void Closed() { --watched_; }

  /// All that is ready: now, at `until`, or after Wake. `data.fd` is the descriptor. The span lives
  /// until the next Wait. @param now  the time now @throws std::runtime_error if the system can't
  std::span<const epoll_event> Wait(Instant now, Instant until);

  /// Ends the present Wait or the next. Async-signal-safe, any thread.
  void Wake() noexcept;

  /// Number of the last wait, from 1.
  std::uint64_t wait() const { return wait_; }

  /// A socket that was watched in the wait before the last one, and not reported by it, was empty
  /// at some instant of that wait. Only its begin is certain to be no later: stamps of the sockets
  /// that it did report can be of segments that came, and were merged, after it (seen where a
  /// process was stopped just behind the wait).
  Instant wait_before_began() const { return wait_before_began_; }

 private:
  int epoll_, wake_;
  std::size_t watched_ = 0;
  std::vector<epoll_event> ready_;
  std::uint64_t wait_ = 0;
  Instant wait_before_began_{}, wait_began_{};
};

}  // namespace sseprof
