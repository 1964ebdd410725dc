#pragma once

#include <functional>
#include <istream>
#include <stdexcept>
#include <string>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// The log of the simulated server and what the client recorded do not fit together.
class TruthMismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The clock readings just before and just after the send() that took an event's last byte.
struct SendBracket {
  Instant before;
  Instant after;
};

/// One stream of the simulated server's log.
struct SentStream {
  std::string request_id;
  Instant received;                ///< the request was read whole
  std::vector<SendBracket> sends;  ///< of every SSE event, in order
};

/// Calls `take` for each stream of a log, one line at a time. @throws TruthMismatch naming the line
/// that can't be read, and whatever `take` throws
void ReadSimLog(std::istream& log, const std::function<void(const SentStream&)>& take);

}  // namespace sseprof
