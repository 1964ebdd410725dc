#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "net/clock.h"

namespace sseprof {

/// Instants around a send().
struct SendTime {
  Instant before, after;
};

/// One accepted connection, byte by byte in the test's hands.
class RawConnection {
 public:
  explicit RawConnection(int fd) : fd_(fd) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  RawConnection(RawConnection&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  ~RawConnection() { Close(); }

  SendTime Send(std::string_view bytes) {
    const Instant before = MonotonicNow();
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("short send");
    return {before, MonotonicNow()};
  }

  /// What has come so far, without waiting.
  std::string Received() {
    char buffer[65536];
    ssize_t n = 0;
    while ((n = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      received_.append(buffer, static_cast<std::size_t>(n));
    }
    return received_;
  }
  void Forget() { received_.clear(); }

  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  /// Closes with RST.
  void Reset() {
    const linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    Close();
  }

 private:
  int fd_;
  std::string received_;
};

/// Listens on a free port of 127.0.0.1.
class RawServer {
 public:
  RawServer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd_, 64) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
  }
  ~RawServer() { close(fd_); }
  RawServer(const RawServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

  bool Waiting() const {
    pollfd p = {.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&p, 1, 0) == 1;
  }
  /// Blocks until a client comes.
  RawConnection Accept() { return RawConnection(accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  int fd_;
  int port_ = 0;
};

}  // namespace sseprof
