#pragma once

#include <stdexcept>
#include <string>

namespace sseprof {

/// What the process tells its caller.
enum ExitStatus : int {
  kExitGood = 0,
  kExitFailures = 1,      ///< requests failed beyond --max-error-rate; compare: --strict
  kExitUnusable = 2,      ///< wrong usage, or an input or output that cannot be used
  kExitNoAnswer = 3,      ///< no request ever got a byte of HTTP
  kExitWorse = 4,         ///< compare: a variant is worse than the baseline
  kExitUndecided = 5,     ///< compare: no verdict
  kExitInterrupted = 128  ///< plus the signal's number
};

/// Ends a command with this status after one line on stderr. What the command had to write is
/// written when it is thrown.
class CommandFailure : public std::runtime_error {
 public:
  CommandFailure(int status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

}  // namespace sseprof
