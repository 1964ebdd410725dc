#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/connection_options.h"

namespace sseprof {

/// The ids in the answer to /v1/models. Empty if it is no such list.
std::vector<std::string> ModelIds(std::string_view body);

/// The model to use when none was given: the only one that the server has.
/// @throws UsageError with the list if there are several, or if the server does not tell;
///         CommandFailure (3) if it does not answer at all
std::string FindModel(const ServerAccess& access);

struct ServerInfo {
  std::string kind;  ///< vllm, sglang, llama.cpp, ..; empty: unknown
  std::string version;
};

/// By the body of /version and the Server header.
ServerInfo ReadServerInfo(int status, std::string_view version_body,
                          std::string_view server_header);

/// Asks, best effort: a server that does not tell is unknown.
ServerInfo AskServerInfo(const ServerAccess& access);

}  // namespace sseprof
