#include "cli/connection_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "sseprof/duration.h"
#include "sseprof/error.h"

namespace sseprof {
namespace {

bool IsTokenChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::strchr("!#$%&'*+-.^_`|~", c) != nullptr;
}

void CheckKey(const std::string& key, const std::string& source) {
  const bool sendable =
      std::all_of(key.begin(), key.end(), [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (!sendable) {
    throw UsageError(fmt::format("{} holds blanks or line ends: it must be the key alone", source));
  }
}

bool IsNamed(const std::string& header, std::string_view name) {
  const auto same = [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  };
  const std::string_view given = std::string_view(header).substr(0, header.find(':'));
  return std::equal(given.begin(), given.end(), name.begin(), name.end(), same);
}

/// The key; empty where the user's own header stands in its place.
std::string KeyToSend(const ConnectionOptions& options) {
  const bool own_header =
      std::any_of(options.headers.begin(), options.headers.end(),
                  [](const std::string& header) { return IsNamed(header, "authorization"); });
  if (!own_header) return ReadApiKey(options.api_key_env, options.api_key_file);
  if (!options.api_key_env.empty() || !options.api_key_file.empty()) {
    throw UsageError("--header Authorization and an API key are both given: give one of them");
  }
  return {};
}

/// For tests alone: SSEPROF_TEST_READ_DELAY makes the client late, by busy waiting before each
/// read, so that a test can see whether it notices and says so.
Nanos TestReadDelay() {
  const char* text = std::getenv("SSEPROF_TEST_READ_DELAY");
  if (text == nullptr) return Nanos{};
  const auto delay = ParseDuration(text);
  if (!delay) throw UsageError("SSEPROF_TEST_READ_DELAY: give a duration like 5ms");
  return *delay;
}

}  // namespace

void ConnectionOptions::Define(OptionSet& options) {
  options.Group("Connection");
  options.List("--header \"NAME: VALUE\"", headers,
               "Send this header too (repeatable); its value is stored nowhere");
  options.Text("--api-key-env NAME", api_key_env,
               "Environment variable that holds the API key; without it OPENAI_API_KEY");
  options.Text("--api-key-file FILE", api_key_file, "File that holds the API key");
  options.Text("--proxy URL", proxy, "Go through this proxy; the environment's are ignored");
  options.Text("--cacert FILE", cacert, "Trust the certificate authorities in this file");
  options.Flag("--insecure", insecure, "Do not verify the server's certificate");
  options.Flag("--http2", http2, "Use HTTP/2; arrivals are then stamped in user space");
}

ServerAccess ResolveAccess(const ConnectionOptions& options) {
  if (options.base_url.empty()) {
    throw UsageError("--base-url is missing: give it like http://127.0.0.1:8000");
  }
  if (options.insecure && !options.cacert.empty()) {
    throw UsageError("--insecure and --cacert contradict each other: give one of them");
  }
  if (!options.cacert.empty() && !std::ifstream(options.cacert)) {
    throw UsageError(
        fmt::format("--cacert: can't read '{}': {}", options.cacert, std::strerror(errno)));
  }
  ServerAccess access;
  access.endpoint = ParseEndpoint(options.base_url);
  CurlOptions& curl = access.curl;
  curl.url = access.endpoint.completions;
  curl.headers = options.headers;
  curl.api_key = KeyToSend(options);
  curl.proxy = options.proxy;
  curl.cacert = options.cacert;
  curl.insecure = options.insecure;
  curl.http = options.http2 ? HttpVersion::k2 : HttpVersion::k1_1;
  curl.connect_timeout = options.connect_timeout;
  curl.timestamps = options.http2 ? TimestampKind::kUser : options.timestamps;
  curl.test_read_delay = TestReadDelay();

  access.secrets.Add(curl.api_key);
  access.secrets.AddUrl(options.base_url);
  access.secrets.AddUrl(options.proxy);
  for (const std::string& header : options.headers) {
    CheckHeader(header);
    access.secrets.AddHeader(header);
  }
  return access;
}

std::string ReadApiKey(const std::string& env_name, const std::string& file) {
  if (!env_name.empty() && !file.empty()) {
    throw UsageError("--api-key-env and --api-key-file are both given: give one of them");
  }
  if (!file.empty()) {
    std::string key = ReadSecretFile("--api-key-file", file);
    CheckKey(key, fmt::format("--api-key-file: '{}'", file));
    return key;
  }
  const std::string name = env_name.empty() ? "OPENAI_API_KEY" : env_name;
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    if (env_name.empty()) return {};
    throw UsageError(fmt::format("--api-key-env: the environment has no {}: export it", name));
  }
  CheckKey(value, fmt::format("the environment's {}", name));
  return value;
}

void CheckHeader(const std::string& header) {
  const auto colon = header.find(':');
  const std::string name = header.substr(0, colon);
  const bool name_good = colon != std::string::npos && !name.empty() &&
                         std::all_of(name.begin(), name.end(), IsTokenChar);
  if (!name_good) throw UsageError("--header: give it as 'Name: value'");
  constexpr std::string_view kOurs[] = {"accept",       "accept-encoding", "content-length",
                                        "content-type", "expect",          "transfer-encoding",
                                        "x-request-id"};
  if (std::any_of(std::begin(kOurs), std::end(kOurs),
                  [&](std::string_view ours) { return IsNamed(header, ours); })) {
    throw UsageError(fmt::format("--header: '{}' is set by sseprof itself: leave it out", name));
  }
  if (header.find_first_of("\r\n") != std::string::npos) {
    throw UsageError(fmt::format("--header: the value of '{}' holds a line end", name));
  }
}

}  // namespace sseprof
