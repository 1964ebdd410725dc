#include "net/epoll.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace sseprof {
namespace {

timespec ToTimespec(Nanos span) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(span);
  return {.tv_sec = seconds.count(), .tv_nsec = (span - seconds).count()};
}

}  // namespace

Epoll::Epoll()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event = {.events = EPOLLIN, .data = {.fd = wake_}};
  if (epoll_ < 0 || wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    throw std::runtime_error("cannot make an event loop: out of file descriptors? (see ulimit -n)");
  }
}

Epoll::~Epoll() {
  close(wake_);
  close(epoll_);
}

void Epoll::Watch(int fd, std::uint32_t events, Change change) {
  epoll_event event = {.events = events, .data = {.fd = fd}};
  epoll_ctl(epoll_, change == Change::kAdd ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
  if (change == Change::kAdd) ++watched_;
}

void Epoll::Unwatch(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  --watched_;
}

std::span<const epoll_event> Epoll::Wait(Instant now, Instant until) {
  // kNever is too far for the kernel's arithmetic.
  constexpr Nanos kLongest = std::chrono::hours{1};
  const timespec timeout = ToTimespec(std::clamp(until - now, Nanos{0}, kLongest));
  // Room for every socket: one that is not reported must be empty.
  if (ready_.size() < watched_ + 1) ready_.resize(2 * watched_ + 1);
  const int count =
      epoll_pwait2(epoll_, ready_.data(), static_cast<int>(ready_.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) {
    throw std::runtime_error(std::string("cannot wait for sockets (epoll_pwait2, Linux 5.11): ") +
                             std::strerror(errno));
  }
  ++wait_;
  wait_before_began_ = std::exchange(wait_began_, now);
  auto end = ready_.begin() + std::max(count, 0);
  const auto wake =
      std::find_if(ready_.begin(), end, [this](const auto& e) { return e.data.fd == wake_; });
  if (wake != end) {
    std::uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t got = read(wake_, &wakes, sizeof wakes);
    std::iter_swap(wake, --end);
  }
  return {ready_.begin(), end};
}

void Epoll::Wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

}  // namespace sseprof
