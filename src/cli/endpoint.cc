#include "cli/endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "cli/secrets.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

constexpr std::string_view kCompletions = "/chat/completions";

[[noreturn]] void Refuse(std::string_view url, std::string_view why) {
  throw UsageError(fmt::format("--base-url: '{}' {}: give it like http://127.0.0.1:8000",
                               HideUrlSecrets(std::string(url)), why));
}

bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return false;
  }
  return true;
}

std::string_view WithoutUser(std::string_view authority) {
  const auto at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

/// True if no port is given, or one that there is.
bool HasGoodPort(std::string_view authority) {
  const auto colon = authority.find(':', authority.find(']') + 1);
  if (colon == std::string_view::npos) return true;
  const std::string_view text = authority.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && port != 0;
}

std::string Host(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return {};
    return std::string(authority.substr(1, close - 1));
  }
  return std::string(authority.substr(0, authority.find(':')));
}

}  // namespace

Endpoint ParseEndpoint(std::string_view base_url) {
  const std::string_view url = base_url.substr(0, base_url.find('#'));
  if (!IsPrintable(url)) Refuse(base_url, "has blanks in it");
  const auto scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    Refuse(base_url, "does not begin with http:// or https://");
  }
  const auto authority_at = scheme_end + 3;
  const auto path_at = std::min(url.find_first_of("/?", authority_at), url.size());
  const std::string root(url.substr(0, path_at));
  Endpoint endpoint;
  const std::string_view authority = WithoutUser(url.substr(authority_at, path_at - authority_at));
  endpoint.host = Host(authority);
  if (endpoint.host.empty()) Refuse(base_url, "has no host");
  if (!HasGoodPort(authority)) Refuse(base_url, "has no port from 1 to 65535 behind its colon");

  const auto query_at = std::min(url.find('?', path_at), url.size());
  const std::string_view query = url.substr(query_at);
  std::string_view path = url.substr(path_at, query_at - path_at);
  while (path.ends_with('/')) path.remove_suffix(1);

  std::string prefix(path);
  if (path.ends_with(kCompletions)) {
    prefix.resize(path.size() - kCompletions.size());
  } else if (!path.ends_with("/v1") && query.empty()) {
    prefix += "/v1";
  }
  endpoint.completions = fmt::format("{}{}{}{}", root, prefix, kCompletions, query);
  endpoint.models = fmt::format("{}{}/models{}", root, prefix, query);
  endpoint.version = root + "/version";
  endpoint.metrics = root + "/metrics";
  return endpoint;
}

bool SameServer(std::string_view a, std::string_view b) {
  const auto server = [](std::string_view url) {
    const auto scheme_end = std::min(url.find("://"), url.size());
    return url.substr(0, url.find_first_of("/?#", scheme_end + 3));
  };
  return server(a) == server(b);
}

}  // namespace sseprof
