#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flood {

/// Bytes to send, and where each send() shall end.
struct Answer {
  std::string bytes;
  std::vector<std::size_t> sends;
};

/// A stream as vLLM sends it, one HTTP chunk per event: a role, one event per token, a finish
/// reason, usage, [DONE].
Answer MakeStream(long tokens, int events_per_send);

/// @param status  the status line behind the version, e.g. "200 OK"
Answer MakeJson(std::string_view status, std::string_view json);

}  // namespace flood
