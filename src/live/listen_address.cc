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

/// Family 0 if the host is no IPv4 literal.
sockaddr_in PlaceOf(const ListenAddress& address) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(address.port));
  if (inet_pton(AF_INET, address.host.c_str(), &place.sin_addr) != 1) place.sin_family = 0;
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

bool CanListen(int fd, const sockaddr_in& place) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return bind(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0 &&
         listen(fd, 1) == 0;
}

}  // namespace

bool ListenAddress::is_loopback() const { return host.starts_with("127."); }

std::string ListenAddress::Text() const { return fmt::format("{}:{}", host, port); }

ListenAddress ParseListenAddress(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) {
    throw UsageError(fmt::format("'{}' has no port: give it like 127.0.0.1:9464", text));
  }
  ListenAddress address = {.host = text.substr(0, colon),
                           .port = ParsePort(std::string_view(text).substr(colon + 1), text)};
  if (address.host == "localhost") address.host = "127.0.0.1";
  if (PlaceOf(address).sin_family != 0) return address;
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  throw UsageError(fmt::format(
      "'{}': the host must be an {}address of this machine, as in 127.0.0.1:9464 or 0.0.0.0:9464",
      text, is_ipv6 ? "IPv4 " : ""));
}

void CheckListenAddress(const ListenAddress& address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool works = fd >= 0 && CanListen(fd, PlaceOf(address));
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
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  const sockaddr_in place = PlaceOf(address);
  static_cast<void>(connect(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place));
  close(fd);
}

}  // namespace sseprof
