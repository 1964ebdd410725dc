#pragma once

#include <stdexcept>

namespace sseprof {

/// Wrong usage, or an input or output that cannot be used: exit status 2. The text is one line:
/// what, where, and what to do about it.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sseprof
