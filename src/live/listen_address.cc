#include "live/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr int kMostPort = 65535;

sockaddr_in Ipv4(const ListenAddress& address) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(address.port));
  if (inet_pton(AF_INET, address.host.c_str(), &place.sin_addr) != 1) place.sin_family = 0;
  return place;
}

sockaddr_in6 Ipv6(const ListenAddress& address) {
  sockaddr_in6 place{};
  place.sin6_family = AF_INET6;
  place.sin6_port = htons(static_cast<std::uint16_t>(address.port));
  if (inet_pton(AF_INET6, address.host.c_str(), &place.sin6_addr) != 1) place.sin6_family = 0;
  return place;
}

int ParsePort(std::string_view text, const std::string& whole) {
  int port = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 0 || port > kMostPort) {
    throw UsageError(
        fmt::format("'{}': the port must be a number from 0 to {}, as in "
                    "127.0.0.1:9464 (0: any that is free)",
                    whole, kMostPort));
  }
  return port;
}

int NewSocket(const ListenAddress& address, int flags = 0) {
  return socket(address.is_ipv6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

template <class Place>
void Connect(int fd, const Place& place) {
  static_cast<void>(connect(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place));
}

template <class Place>
bool CanBind(int fd, const Place& place) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return bind(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0 &&
         listen(fd, 1) == 0;
}

}  // namespace

bool ListenAddress::is_loopback() const { return host.starts_with("127.") || host == "::1"; }

std::string ListenAddress::Text() const {
  return is_ipv6() ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

ListenAddress ParseListenAddress(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) {
    throw UsageError(fmt::format("'{}' has no port: give it like 127.0.0.1:9464", text));
  }
  ListenAddress address = {.host = text.substr(0, colon),
                           .port = ParsePort(std::string_view(text).substr(colon + 1), text)};
  if (address.host == "localhost") address.host = "127.0.0.1";
  const bool brackets = address.host.starts_with('[') && address.host.ends_with(']');
  if (brackets) address.host = address.host.substr(1, address.host.size() - 2);
  const bool known = brackets ? Ipv6(address).sin6_family != 0 : Ipv4(address).sin_family != 0;
  if (!known) {
    throw UsageError(
        fmt::format("'{}': the host must be an address of this machine, as in "
                    "127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464",
                    text));
  }
  return address;
}

void CheckListenAddress(const ListenAddress& address) {
  const int fd = NewSocket(address);
  const bool works =
      fd >= 0 && (address.is_ipv6() ? CanBind(fd, Ipv6(address)) : CanBind(fd, Ipv4(address)));
  const int problem = errno;
  if (fd >= 0) close(fd);
  if (works) return;
  const char* advice = problem == EADDRINUSE ? "stop what listens there, or take another port"
                       : problem == EACCES   ? "take a port above 1023"
                                             : "give an address of this machine";
  throw UsageError(
      fmt::format("cannot listen on {}: {}: {}", address.Text(), std::strerror(problem), advice));
}

void Knock(const ListenAddress& address) {
  const int fd = NewSocket(address, SOCK_NONBLOCK);
  if (fd < 0) return;
  address.is_ipv6() ? Connect(fd, Ipv6(address)) : Connect(fd, Ipv4(address));
  close(fd);
}

}  // namespace sseprof
