#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "out/json_fields.h"
#include "sseprof/record.h"
#include "sseprof/run_context.h"

namespace sseprof {

/// The first line of a record file. Keys that it does not know are passed over, here and below.
/// @throws FormatError
RunContext ParseContextLine(std::string_view line);

/// Any other line: a request, or the end mark.
/// @throws FormatError
std::variant<RequestRecord, RunEnd> ParseRecordLine(std::string_view line);

// What summaries hold in the same form. Each throws FormatError.
Slo ReadSlo(const JsonFields& fields);  ///< the member "slo"; none if it is missing
std::vector<Warning> ReadWarnings(const JsonFields& fields, std::string_view key);

}  // namespace sseprof
