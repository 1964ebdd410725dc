#pragma once

#include <string>

namespace sseprof {

/// Where to listen: an address of this machine, and a port; port 0: any that is free. IPv4 alone:
/// civetweb is commonly built without IPv6.
struct ListenAddress {
  std::string host;  ///< a literal
  int port = 0;

  /// True if only this machine can reach it.
  bool is_loopback() const;
  /// "127.0.0.1:9464".
  std::string Text() const;
};

/// Reads HOST:PORT; the host is an IPv4 literal or "localhost".
/// @throws UsageError that says what is wrong, without the option's name
ListenAddress ParseListenAddress(const std::string& text);

/// Finds out, by doing so for a moment, whether this program may listen there.
/// @throws UsageError with the system's reason and what to do
void CheckListenAddress(const ListenAddress& address);

/// Connects to what listens there, if anything does, and hangs up.
void Knock(const ListenAddress& address);

}  // namespace sseprof
