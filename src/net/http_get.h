#pragma once

#include <string>

#include "net/curl_transport.h"

namespace sseprof {

/// The answer to a small blocking GET.
struct HttpReply {
  int status = 0;      ///< 0: no answer
  std::string body;    ///< the first MiB
  std::string server;  ///< the Server header
  std::string error;   ///< libcurl's words where there was no answer
};

/// For what is asked before a run (/v1/models, /version): with the run's headers, key, proxy and
/// TLS options, 10 s at most. Thread-safe.
HttpReply HttpGet(const CurlOptions& options, const std::string& url);

}  // namespace sseprof
