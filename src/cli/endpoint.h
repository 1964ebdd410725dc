#pragma once

#include <string>
#include <string_view>

namespace sseprof {

/// The URLs of a server, from what the user gave as its base. Pure.
struct Endpoint {
  std::string completions;  ///< where requests go
  std::string models;       ///< the list of models
  std::string version;      ///< vLLM's /version, at the root
  std::string metrics;      ///< /metrics, at the root
  std::string host;         ///< name or address, without brackets
};

/// A base that ends in /chat/completions is taken as it is; one that ends in /v1 or has a query
/// gets /chat/completions before the query; any other gets /v1/chat/completions. Slashes at the end
/// of the path don't matter.
/// @throws UsageError if it is no http or https URL.
Endpoint ParseEndpoint(std::string_view base_url);

/// True if both URLs have the same scheme, host and port, as they are written.
bool SameServer(std::string_view a, std::string_view b);

}  // namespace sseprof
