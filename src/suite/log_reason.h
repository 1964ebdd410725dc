#pragma once

#include <string>
#include <string_view>

namespace sseprof {

/// Why a server could not serve, as its log tells it.
struct LogReason {
  std::string cause;   ///< "401 from the model hub"; empty: the log does not say
  std::string advice;  ///< what to do about it; may be empty
};

/// Looks for causes that are known of inference servers (the model hub's refusal, memory, a taken
/// port, an unknown architecture ..); failing those, gives the last line that speaks of an error.
/// Of several causes that stand in the log the one that the others follow from is given.
LogReason FindReason(std::string_view log);

}  // namespace sseprof
