#pragma once

#include <string>
#include <vector>

#include "cli/endpoint.h"
#include "cli/option_set.h"
#include "cli/secrets.h"
#include "net/curl_transport.h"

namespace sseprof {

/// How to reach a server: the options that `run` and `probe` share.
struct ConnectionOptions {
  std::string base_url;
  std::vector<std::string> headers;
  std::string api_key_env;
  std::string api_key_file;
  std::string cacert;
  std::string proxy;
  bool insecure = false;
  bool http2 = false;
  Nanos connect_timeout = std::chrono::seconds{10};
  TimestampKind timestamps = TimestampKind::kKernel;

  /// All but --base-url, which heads the help of both commands.
  void Define(OptionSet& options);
};

/// What the options come to.
struct ServerAccess {
  Endpoint endpoint;
  CurlOptions curl;
  Secrets secrets;
};

/// Reads the API key, and checks all that can be checked without the network.
/// @throws UsageError
ServerAccess ResolveAccess(const ConnectionOptions& options);

/// The API key: of the named environment variable (default OPENAI_API_KEY, which may be unset) or
/// the file's only line; empty: none. @throws UsageError
std::string ReadApiKey(const std::string& env_name, const std::string& file);

/// @throws UsageError unless it is a "Name: value" that can be sent.
void CheckHeader(const std::string& header);

}  // namespace sseprof
