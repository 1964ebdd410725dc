#pragma once

#include <stdexcept>
#include <string_view>
#include <variant>

#include "sseprof/record.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// A line that can't be understood; what() says why, without file and line.
class LineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The first line of a record file. Keys that it does not know are passed over, here and below.
/// @throws LineError
RunContext ParseContextLine(std::string_view line);

/// Any other line: a request, or the end mark.
/// @throws LineError
std::variant<RequestRecord, RunEnd> ParseRecordLine(std::string_view line);

}  // namespace sseprof
