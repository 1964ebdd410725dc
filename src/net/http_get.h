#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "net/curl_transport.h"

namespace sseprof {

/// The answer to a small blocking GET.
struct HttpReply {
  int status = 0;  ///< 0: no answer
  std::string body;
  std::string server;  ///< the Server header
  std::string error;   ///< libcurl's words where there was no answer
};

/// What an answer may take.
struct HttpLimits {
  Nanos timeout = std::chrono::seconds{10};
  std::size_t body = std::size_t{1} << 20;  ///< bytes; what is longer is no answer, with an error
};

/// For what is asked beside the load (/v1/models, /version, /metrics): with the run's headers, key,
/// proxy and TLS options. Thread-safe.
HttpReply HttpGet(const CurlOptions& options, const std::string& url,
                  const HttpLimits& limits = {});

}  // namespace sseprof
