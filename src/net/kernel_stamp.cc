#include "net/kernel_stamp.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "net/clock.h"

namespace sseprof {
namespace {

std::optional<Nanos> StampOf(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING) continue;
    scm_timestamping stamps{};
    std::memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
    const timespec& software = stamps.ts[0];
    if (software.tv_sec == 0 && software.tv_nsec == 0) return std::nullopt;
    return std::chrono::seconds{software.tv_sec} + Nanos{software.tv_nsec};
  }
  return std::nullopt;
}

Peek Look(int fd, iovec part, int flags) {
  alignas(cmsghdr) char control[256];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | flags);
  if (n <= 0) return {};
  return {.bytes = static_cast<std::size_t>(n), .stamp = StampOf(message)};
}

// Sends datagrams to itself until one comes with a stamp: the kernel takes up to a millisecond to
// begin.
bool StampsArrive(int fd) {
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof self;
  auto* address = reinterpret_cast<sockaddr*>(&self);
  if (bind(fd, address, size) != 0 || getsockname(fd, address, &size) != 0) return false;
  constexpr int kTries = 5000;
  for (int i = 0; i < kTries; ++i) {
    char byte = 0;
    if (sendto(fd, &byte, 1, 0, address, size) != 1) return false;
    const bool stamped = PeekStamp(fd, 1).stamp.has_value();
    if (recv(fd, &byte, 1, MSG_DONTWAIT) == 1 && stamped) return true;
    usleep(100);
  }
  return false;
}

}  // namespace

void ClockMap::Refresh() {
  constexpr Nanos kLongest = std::chrono::microseconds{5};
  for (int tries = 0; tries < 8; ++tries) {
    const Instant before = MonotonicNow();
    const Nanos real = RealNow();
    const Instant after = MonotonicNow();
    offset_ = real - (before + (after - before) / 2).time_since_epoch();
    if (after - before <= kLongest) return;
  }
}

bool EnableReceiveStamps(int fd) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

Peek PeekStamp(int fd, std::size_t length) {
  // MSG_TRUNC on TCP: nothing is copied. But tools that follow memory want the room to be there.
  static thread_local std::array<char, kLongestPeek> unused;
  return Look(fd, {.iov_base = unused.data(), .iov_len = std::min(length, kLongestPeek)},
              MSG_TRUNC);
}

Peek PeekCopy(int fd, std::span<char> copy) {
  return Look(fd, {.iov_base = copy.data(), .iov_len = copy.size()}, 0);
}

StampingHeldOn::StampingHeldOn() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (fd_ >= 0 && !(EnableReceiveStamps(fd_) && StampsArrive(fd_))) {
    close(fd_);
    fd_ = -1;
  }
}

StampingHeldOn::~StampingHeldOn() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace sseprof
